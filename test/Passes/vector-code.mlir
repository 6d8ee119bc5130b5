// For vector code, tiles are whole register tiles: 32 registers of 512 bits hold 6 rows of 4 registers of 16 lanes
// (docs/Lowering.md, "The rule for register tiles"). Caches with hashed sets, like the L3 here, are no exception.
// RUN: memwall-opt %s --memwall-search="target=ddr5-2ch vector-code=true" | %python %S/Inputs/check_register_tiles.py 6 64
// RUN: memwall-opt %s --memwall-search="target=xeon-8592 vector-code=true" | %python %S/Inputs/check_register_tiles.py 6 64

func.func @product(%a: tensor<1024x1024xf32>, %b: tensor<1024x1024xf32>, %c: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<1024x1024xf32>, tensor<1024x1024xf32>) outs(%c : tensor<1024x1024xf32>) -> tensor<1024x1024xf32>
  return %r : tensor<1024x1024xf32>
}
