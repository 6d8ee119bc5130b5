// RUN: memwall-opt %s --split-input-file --memwall-bind-dims="dims=@f:arg0:0=8" | FileCheck %s

// Sizes reach fresh storage, elementwise ops and the result.
// CHECK-LABEL: func.func @f(%arg0: tensor<8x4xf32>) -> tensor<8x4xf32>
//   CHECK-NOT: ?
//       CHECK: tensor.empty() : tensor<8x4xf32>
//       CHECK: linalg.fill {{.*}} -> tensor<8x4xf32>
//       CHECK: arith.addf {{.*}} : tensor<8x4xf32>
//   CHECK-NOT: ?
func.func @f(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x4xf32>
  %empty = tensor.empty(%rows) : tensor<?x4xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = arith.addf %x, %fill : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// A callee gets the sizes of its calls; its result carries them back.
// CHECK-LABEL: func.func @f(%arg0: tensor<8xf32>) -> tensor<8xf32>
//       CHECK: call @g(%{{.*}}) : (tensor<8xf32>) -> tensor<8xf32>
//       CHECK: math.exp {{.*}} : tensor<8xf32>
// CHECK-LABEL: func.func private @g(%arg0: tensor<8xf32>) -> tensor<8xf32>
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = call @g(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = math.exp %0 : tensor<?xf32>
  return %1 : tensor<?xf32>
}
func.func private @g(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = math.sqrt %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// A callee with calls of several shapes becomes one function for each.
// CHECK-LABEL: func.func @f
//   CHECK-DAG: call @[[G:g[_0-9]*]](%{{.*}}) : (tensor<8xf32>) -> tensor<8xf32>
//   CHECK-DAG: call @[[H:g[_0-9]*]](%{{.*}}) : (tensor<3xf32>) -> tensor<3xf32>
//       CHECK: func.func private @g
//       CHECK: func.func private @g_
func.func @f(%x: tensor<?xf32>, %y: tensor<3xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = call @g(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = tensor.cast %y : tensor<3xf32> to tensor<?xf32>
  %2 = call @g(%1) : (tensor<?xf32>) -> tensor<?xf32>
  return %0, %2 : tensor<?xf32>, tensor<?xf32>
}
func.func private @g(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = math.sqrt %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// A memref keeps its layout; a loop carries the static type.
// CHECK-LABEL: func.func @f(%arg0: tensor<8xf32>, %arg1: memref<?x4xf32, strided<[8, 1]>>)
//       CHECK: scf.for {{.*}} -> (tensor<8xf32>)
//       CHECK: math.exp {{.*}} : tensor<8xf32>
func.func @f(%x: tensor<?xf32>, %m: memref<?x4xf32, strided<[8, 1]>>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %0 = scf.for %i = %c0 to %c9 step %c1 iter_args(%a = %x) -> tensor<?xf32> {
    %1 = math.exp %a : tensor<?xf32>
    scf.yield %1 : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}
