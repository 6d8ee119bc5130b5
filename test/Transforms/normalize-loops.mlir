// RUN: memwall-opt %s --memwall-normalize -o %t.once.mlir
// RUN: FileCheck %s --input-file=%t.once.mlir
// RUN: memwall-opt %t.once.mlir --memwall-normalize -o %t.twice.mlir
// RUN: diff %t.once.mlir %t.twice.mlir

// What loops need stands in front of them in the order in which it is needed there: the slices are
// put in order first. Loops that tile columns slice the right operand in front of the left one.

// CHECK-LABEL: func @slices
// CHECK: %[[A:.*]] = tensor.collapse_shape %arg0
// CHECK: %[[B:.*]] = tensor.collapse_shape %arg1
// CHECK: scf.for
// CHECK: tensor.extract_slice %[[A]]
// CHECK: tensor.extract_slice %[[B]]
func.func @slices(%a: tensor<1x16x64xf32>, %b: tensor<1x64x32xf32>, %y: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %am = tensor.collapse_shape %a [[0, 1], [2]] : tensor<1x16x64xf32> into tensor<16x64xf32>
  %bm = tensor.collapse_shape %b [[0, 1], [2]] : tensor<1x64x32xf32> into tensor<64x32xf32>
  %r = scf.for %k = %c0 to %c64 step %c8 iter_args(%acc = %y) -> (tensor<16x32xf32>) {
    %bs = tensor.extract_slice %bm[%k, 0] [8, 32] [1, 1] : tensor<64x32xf32> to tensor<8x32xf32>
    %as = tensor.extract_slice %am[0, %k] [16, 8] [1, 1] : tensor<16x64xf32> to tensor<16x8xf32>
    %t = linalg.matmul ins(%as, %bs : tensor<16x8xf32>, tensor<8x32xf32>) outs(%acc : tensor<16x32xf32>) -> tensor<16x32xf32>
    scf.yield %t : tensor<16x32xf32>
  }
  return %r : tensor<16x32xf32>
}
