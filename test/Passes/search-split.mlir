// Reductions are split over units that have no work otherwise, and only those.
// RUN: memwall-opt %s --memwall-search=target=a100-sxm | FileCheck %s
// RUN: memwall-opt %s "--memwall-search=target=a100-sxm split=false" | FileCheck %s --check-prefix=OFF
// RUN: memwall-opt %s --memwall-search=target=a100-sxm -o /dev/null --remarks-filter=memwall 2>&1 | FileCheck %s --check-prefix=REMARK
// Rewritten it gains units and no bytes, and a second run changes nothing.
// RUN: memwall-opt %s --memwall-optimize=target=a100-sxm -o %t.once.mlir
// RUN: memwall-opt %t.once.mlir --memwall-optimize=target=a100-sxm -o %t.twice.mlir
// RUN: diff %t.once.mlir %t.twice.mlir
// RUN: FileCheck %s --check-prefix=APPLIED --input-file=%t.once.mlir

// OFF-NOT: split

// One tile of 40 x 40, 108 units.
// CHECK-LABEL: @long_product
// CHECK: linalg.matmul {{.*}}split = <dim = 2, parts = 108>, units = 108>
// APPLIED-LABEL: @long_product
// APPLIED: scf.forall (%{{.*}}) in (108)
// REMARK: linalg.matmul is tiled for a100-sxm{{.*}}in 108 parts 108 of 108 units have work instead of 1
func.func @long_product(%a: tensor<40x800000xf32>, %b: tensor<800000x40xf32>, %c: tensor<40x40xf32>) -> tensor<40x40xf32> {
  %m = linalg.matmul ins(%a, %b : tensor<40x800000xf32>, tensor<800000x40xf32>)
                     outs(%c : tensor<40x40xf32>) -> tensor<40x40xf32>
  return %m : tensor<40x40xf32>
}

// CHECK-LABEL: @wide_product
// CHECK: linalg.matmul
// CHECK-NOT: split
func.func @wide_product(%a: tensor<1536x256xf32>, %b: tensor<256x1536xf32>, %c: tensor<1536x1536xf32>) -> tensor<1536x1536xf32> {
  %m = linalg.matmul ins(%a, %b : tensor<1536x256xf32>, tensor<256x1536xf32>)
                     outs(%c : tensor<1536x1536xf32>) -> tensor<1536x1536xf32>
  return %m : tensor<1536x1536xf32>
}

// It moves no more than it must; 4 rows are for 4 units, in 27 parts each.
// CHECK-LABEL: @few_rows
// CHECK: memwall.schedule<bands = [<"l2", sizes = [1, 0], order = [0], parallel = [0]>], split = <dim = 1, parts = 27>, units = 108>
// APPLIED-LABEL: @few_rows
// APPLIED: scf.forall (%{{.*}}) in (27)
// APPLIED:   scf.forall (%{{.*}}) in (4)
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
