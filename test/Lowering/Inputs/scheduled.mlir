func.func @bands(%a: tensor<101x67xf32>, %b: tensor<67x203xf32>) -> tensor<101x203xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<101x203xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<101x203xf32>) -> tensor<101x203xf32>
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l2", sizes = [40, 90, 30], order = [2, 0, 1]>, <"l1", sizes = [16, 48, 30], order = [1, 0, 2]>]>}
    ins(%a, %b : tensor<101x67xf32>, tensor<67x203xf32>) outs(%f : tensor<101x203xf32>) -> tensor<101x203xf32>
  return %0 : tensor<101x203xf32>
}
func.func @packed(%a: tensor<96x64xf32>, %b: tensor<64x192xf32>) -> tensor<96x192xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<96x192xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<96x192xf32>) -> tensor<96x192xf32>
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l2", sizes = [32, 96, 32], order = [1, 2, 0]>],
      packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [32, 96]>]>}
    ins(%a, %b : tensor<96x64xf32>, tensor<64x192xf32>) outs(%f : tensor<96x192xf32>) -> tensor<96x192xf32>
  return %0 : tensor<96x192xf32>
}
func.func @units(%a: tensor<101x67xf32>, %b: tensor<67x203xf32>, %c: tensor<101x203xf32>) -> tensor<101x203xf32> {
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l2", sizes = [25, 0, 30], order = [0, 2], parallel = [0]>], units = 4>}
    ins(%a, %b : tensor<101x67xf32>, tensor<67x203xf32>) outs(%c : tensor<101x203xf32>) -> tensor<101x203xf32>
  return %0 : tensor<101x203xf32>
}
func.func @order(%a: tensor<101x67xf32>, %b: tensor<67x203xf32>, %c: tensor<101x203xf32>) -> tensor<101x203xf32> {
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l2", sizes = [0, 60, 0], order = [1]>], leaf_order = [2, 0, 1]>}
    ins(%a, %b : tensor<101x67xf32>, tensor<67x203xf32>) outs(%c : tensor<101x203xf32>) -> tensor<101x203xf32>
  return %0 : tensor<101x203xf32>
}
// Parts of an odd number of steps, which are no whole pairs, and a last one of fewer.
func.func @oddbf16(%a: tensor<100x517xbf16>, %b: tensor<517x300xbf16>, %c: tensor<100x300xf32>) -> tensor<100x300xf32> {
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [60, 0, 101], order = [2, 0]>]>}
      ins(%a, %b : tensor<100x517xbf16>, tensor<517x300xbf16>) outs(%c : tensor<100x300xf32>) -> tensor<100x300xf32>
  return %0 : tensor<100x300xf32>
}
func.func @oddi8(%a: tensor<100x517xi8>, %b: tensor<517x300xi8>, %c: tensor<100x300xi32>) -> tensor<100x300xi32> {
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [0, 130, 75], order = [2, 1]>]>}
      ins(%a, %b : tensor<100x517xi8>, tensor<517x300xi8>) outs(%c : tensor<100x300xi32>) -> tensor<100x300xi32>
  return %0 : tensor<100x300xi32>
}
