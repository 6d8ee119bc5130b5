// RUN: memwall-test-opt %s -transform-interpreter -canonicalize --test-memwall-describe-ops -o /dev/null | FileCheck %s

// The nests of softmax.mlir are those of upstream's own decomposition.
// CHECK:      linalg.fill fill f32
// CHECK-NEXT: (4): store out[d0]
// CHECK-NEXT: linalg.generic reduction f32
// CHECK-NEXT: (4, r8) flops=1: load 0[d0, d1] load 1[d0] store out[d0]
// CHECK-NEXT: linalg.generic elementwise f32
// CHECK-NEXT: (4, 8) flops=2 transcendentals=1: load 0[d0, d1] load 1[d0] store out[d0, d1]
// CHECK-NEXT: linalg.fill fill f32
// CHECK-NEXT: (4): store out[d0]
// CHECK-NEXT: linalg.generic reduction f32
// CHECK-NEXT: (4, r8) flops=1: load 0[d0, d1] load 1[d0] store out[d0]
// CHECK-NEXT: linalg.generic elementwise f32
// CHECK-NEXT: (4, 8) flops=1: load 0[d0, d1] load 1[d0] store out[d0, d1]
func.func @softmax(%x: tensor<4x8xf32>, %o: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["linalg.softmax"]} in %m : (!transform.any_op) -> !transform.any_op
    %1 = transform.structured.decompose_interface %0 : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
