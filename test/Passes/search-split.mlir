// Reductions are split over units that have no work otherwise, and only those.
// RUN: memwall-opt %s --memwall-search=target=a100-sxm --remarks-filter=memwall >%t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// One tile of 40 x 40, 108 units.
// CHECK-LABEL: @long_product
// CHECK: linalg.matmul {{.*}}split = <dim = 2, parts = 108>, units = 108>
// REMARK: linalg.matmul is tiled for a100-sxm{{.*}}in 108 parts 108 of 108 units have work instead of 1
func.func @long_product(%a: tensor<40x800000xf32>, %b: tensor<800000x40xf32>, %c: tensor<40x40xf32>) -> tensor<40x40xf32> {
  %m = linalg.matmul ins(%a, %b : tensor<40x800000xf32>, tensor<800000x40xf32>)
                     outs(%c : tensor<40x40xf32>) -> tensor<40x40xf32>
  return %m : tensor<40x40xf32>
}

// CHECK-LABEL: @wide_product
// CHECK: linalg.matmul
// CHECK-NOT: split
func.func @wide_product(%a: tensor<384x64xf32>, %b: tensor<64x384xf32>, %c: tensor<384x384xf32>) -> tensor<384x384xf32> {
  %m = linalg.matmul ins(%a, %b : tensor<384x64xf32>, tensor<64x384xf32>)
                     outs(%c : tensor<384x384xf32>) -> tensor<384x384xf32>
  return %m : tensor<384x384xf32>
}

// It moves no more than it must; 4 rows are for 4 units, in 27 parts each.
// CHECK-LABEL: @few_rows
// CHECK: memwall.schedule<bands = [<"l2", sizes = [1, 0], order = [0], parallel = [0]>], split = <dim = 1, parts = 27>, units = 108>
func.func @few_rows(%x: tensor<4x2000000xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.reduce {arith.maximumf} ins(%x : tensor<4x2000000xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @many_rows
// CHECK-NOT: memwall.schedule
func.func @many_rows(%x: tensor<400x20000xf32>, %y: tensor<400xf32>) -> tensor<400xf32> {
  %0 = linalg.reduce {arith.addf} ins(%x : tensor<400x20000xf32>) outs(%y : tensor<400xf32>) dimensions = [1]
  return %0 : tensor<400xf32>
}

// Rows of the matrix are for all units.
// CHECK-LABEL: @vector
// CHECK-NOT: memwall.schedule
func.func @vector(%a: tensor<4096x4096xf32>, %x: tensor<4096xf32>, %y: tensor<4096xf32>) -> tensor<4096xf32> {
  %0 = linalg.matvec ins(%a, %x : tensor<4096x4096xf32>, tensor<4096xf32>) outs(%y : tensor<4096xf32>) -> tensor<4096xf32>
  return %0 : tensor<4096xf32>
}

// Differences have no identity to start a part from.
// CHECK-LABEL: @differences
// CHECK-NOT: split
func.func @differences(%x: tensor<4x2000000xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.reduce {arith.subf} ins(%x : tensor<4x2000000xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %0 : tensor<4xf32>
}
