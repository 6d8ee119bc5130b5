// RUN: memwall-opt %s --memwall-bind-dims="dims=@f:arg0:1=3,@f:arg2=5,7" | FileCheck %s

// Named dimensions and an index argument, and a number for all that are left.
// CHECK-LABEL: func.func @f(%arg0: tensor<7x3xf32>, %arg1: memref<7x7xf32, strided<[9, 1]>>, %arg2: index)
//       CHECK: tensor.empty() : tensor<5xf32>
func.func @f(%x: tensor<?x?xf32>, %m: memref<?x?xf32, strided<[9, 1]>>, %n: index) -> tensor<?xf32> {
  %0 = tensor.empty(%n) : tensor<?xf32>
  return %0 : tensor<?xf32>
}
