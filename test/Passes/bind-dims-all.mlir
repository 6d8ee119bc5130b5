// RUN: memwall-opt %s --memwall-bind-dims="dims=@f:arg0:1=3,@f:arg2=5,7" | FileCheck %s

// Named dimensions and an index argument, and a number for all that are left.
// CHECK-LABEL: func.func @f(%arg0: tensor<7x3xf32>, %arg1: memref<7x7xf32, strided<[9, 1]>>, %arg2: index)
//       CHECK: tensor.empty() : tensor<5xf32>
func.func @f(%x: tensor<?x?xf32>, %m: memref<?x?xf32, strided<[9, 1]>>, %n: index) -> tensor<?xf32> {
  %0 = tensor.empty(%n) : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// A number for all that are left also says how often loops run, but not where
// the first of them starts. A stated trip count stays.
// CHECK-LABEL: func.func @loops
//       CHECK:   scf.for %{{.*}} = %arg1 to %c7
//       CHECK:   arith.cmpi ult, %{{.*}}, %c7
//       CHECK:   affine.for %{{.*}} = 0 to %c7
//       CHECK:   scf.for %{{.*}} to %arg3
func.func @loops(%m: memref<64xf32>, %start: index, %n: index, %stated: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  scf.for %i = %start to %n step %c1 {
    memref.store %z, %m[%i] : memref<64xf32>
  }
  scf.while (%i = %c0) : (index) -> index {
    %more = arith.cmpi ult, %i, %n : index
    scf.condition(%more) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %z, %m[%i] : memref<64xf32>
    %next = arith.addi %i, %c1 : index
    scf.yield %next : index
  }
  affine.for %i = 0 to %n {
    affine.store %z, %m[%i] : memref<64xf32>
  }
  scf.for %i = %c0 to %stated step %c1 {
    memref.store %z, %m[%i] : memref<64xf32>
  } {memwall.trip_count = 3 : i64}
  return
}
