// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// Per element 5 flops: max 1, subtract and exp 2, add 1, divide 1; one of them
// transcendental. One row of maxima, then of sums, in one temporary.
// CHECK-LABEL: linalg.softmax softmax f32
// CHECK-NEXT: (2, 4): store tmp2[d0, d1]
// CHECK-NEXT: (2, 4, r8) flops=1: load 0[d0, d1, d2] load tmp2[d0, d1] store tmp2[d0, d1]
// CHECK-NEXT: (2, 4, 8) flops=2 transcendentals=1: load 0[d0, d1, d2] load tmp2[d0, d1] store out[d0, d1, d2]
// CHECK-NEXT: (2, 4): store tmp2[d0, d1]
// CHECK-NEXT: (2, 4, r8) flops=1: load out[d0, d1, d2] load tmp2[d0, d1] store tmp2[d0, d1]
// CHECK-NEXT: (2, 4, 8) flops=1: load out[d0, d1, d2] load tmp2[d0, d1] store out[d0, d1, d2]
func.func @last(%x: tensor<2x4x8xf32>, %o: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %0 = linalg.softmax dimension(2) ins(%x : tensor<2x4x8xf32>) outs(%o : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return %0 : tensor<2x4x8xf32>
}

// -----

// Over a column of a dynamic tensor; sizes come from the input.
// CHECK-LABEL: linalg.softmax softmax f16
// CHECK-NEXT: (0#1): store tmp2[d0]
// CHECK-NEXT: (r0#0, 0#1) flops=1: load 0[d0, d1] load tmp2[d1] store tmp2[d1]
func.func @first(%x: tensor<?x?xf16>, %o: tensor<?x?xf16>) -> tensor<?x?xf16> {
  %0 = linalg.softmax dimension(0) ins(%x : tensor<?x?xf16>) outs(%o : tensor<?x?xf16>) -> tensor<?x?xf16>
  return %0 : tensor<?x?xf16>
}

// -----

// On memrefs the output operand is what is written.
// CHECK-LABEL: linalg.softmax softmax f32
// CHECK: (4, 8) flops=2 transcendentals=1: load 0[d0, d1] load tmp2[d0] store 1[d0, d1]
func.func @memref(%x: memref<4x8xf32>, %o: memref<4x8xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<4x8xf32>) outs(%o : memref<4x8xf32>)
  return
}
