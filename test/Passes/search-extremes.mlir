// Extents of any size have some thousand tile sizes; what has no accesses has
// none.
// RUN: memwall-opt %s --memwall-search="target=ddr5-2ch" --remarks-filter=memwall 2>&1 | FileCheck %s
// CHECK-DAG: func.func @huge(
// CHECK-DAG: func.func @product(
// CHECK-DAG: func.func @nothing(
func.func @huge(%e: tensor<9007199254740992xf32>) -> tensor<9007199254740992xf32> {
  %z = arith.constant 0.0 : f32
  %0 = linalg.fill ins(%z : f32) outs(%e : tensor<9007199254740992xf32>) -> tensor<9007199254740992xf32>
  return %0 : tensor<9007199254740992xf32>
}
// 2^50 rows of 64 elements: a tile of rows reads the second operand once.
func.func @product(%a: tensor<1125899906842624x8xf32>, %b: tensor<8x8xf32>, %c: tensor<1125899906842624x8xf32>) -> tensor<1125899906842624x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<1125899906842624x8xf32>, tensor<8x8xf32>) outs(%c : tensor<1125899906842624x8xf32>) -> tensor<1125899906842624x8xf32>
  return %0 : tensor<1125899906842624x8xf32>
}
func.func @nothing() -> tensor<0xf64> {
  %0 = tensor.from_elements : tensor<0xf64>
  return %0 : tensor<0xf64>
}
