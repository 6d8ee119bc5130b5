// Binding leaves what nobody reads, and functions with nothing to bind.
// RUN: memwall-opt %s --memwall-bind-dims="dims=128" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="dims=128 target=ddr5-2ch" | FileCheck %s --check-prefix=REPORT

// CHECK-LABEL: func.func @unused
// CHECK: linalg.fill {{.*}} -> tensor<128x32xf32>
// CHECK: linalg.matmul {{.*}} -> tensor<128x32xf32>
// CHECK-NOT: tensor.cast
// CHECK: return
// REPORT: @unused
// REPORT: 524 kFLOP; 2 operations
func.func @unused(%a: tensor<?x64xf32>, %b: tensor<64x32xf32>) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a, %c0 : tensor<?x64xf32>
  %z = arith.constant 0.0 : f32
  %e = tensor.empty(%m) : tensor<?x32xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x32xf32>) -> tensor<?x32xf32>
  %r = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x32xf32>) outs(%i : tensor<?x32xf32>) -> tensor<?x32xf32>
  return
}

// The loop carries two tensors, one of which nobody reads after it.
// CHECK-LABEL: func.func @carried
// CHECK: scf.for {{.*}} -> (tensor<128xf32>, tensor<128xf32>)
// CHECK: linalg.exp
// CHECK: linalg.log
// REPORT: @carried
// Two copies, since both start with %a.
// REPORT: 2.05 kFLOP (2.05 k transcendental); 4 operations
func.func @carried(%a: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%x = %a, %y = %a) -> (tensor<?xf32>, tensor<?xf32>) {
    %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
    %1 = linalg.log ins(%y : tensor<?xf32>) outs(%y : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %0, %1 : tensor<?xf32>, tensor<?xf32>
  }
  return %r#0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @static
// CHECK: linalg.matmul
// REPORT: @static
// REPORT: 524 kFLOP; 1 operation,
func.func @static(%a: tensor<128x64xf32>, %b: tensor<64x32xf32>, %i: tensor<128x32xf32>) {
  %r = linalg.matmul ins(%a, %b : tensor<128x64xf32>, tensor<64x32xf32>) outs(%i : tensor<128x32xf32>) -> tensor<128x32xf32>
  return
}
