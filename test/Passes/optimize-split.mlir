// A program is rewritten for units alone: a split gains no bytes. The sums are
// added in another order, and a second run changes nothing.
// RUN: memwall-opt %s --memwall-optimize=target=a100-sxm -o %t.once.mlir
// RUN: FileCheck %s --input-file=%t.once.mlir
// RUN: memwall-opt %t.once.mlir --memwall-optimize=target=a100-sxm -o %t.twice.mlir
// RUN: diff %t.once.mlir %t.twice.mlir
// RUN: memwall-opt %s "--memwall-optimize=target=a100-sxm split=false" | FileCheck %s --check-prefix=OFF
// RUN: memwall-run %s --entry=product --compare=%t.once.mlir --time=0 | FileCheck %s --check-prefix=SAME
// RUN: memwall-run %s --entry=maxima --compare=%t.once.mlir --time=0 | FileCheck %s --check-prefix=EXACT
// A part that starts from anything but the identity is noticed.
// RUN: sed 's/0xFF800000/9.0/' %t.once.mlir > %t.wrong.mlir
// RUN: not memwall-run %s --entry=maxima --compare=%t.wrong.mlir --time=0
// So is one that begins in the wrong place.
// RUN: sed 's/d0 \* 371/d0 * 370/' %t.once.mlir > %t.place.mlir
// RUN: not memwall-run %s --entry=product --compare=%t.place.mlir --time=0
// REQUIRES: memwall-run

// OFF-NOT: scf.forall (%{{.*}}) in

// CHECK-LABEL: @product
// CHECK: scf.forall (%{{.*}}) in (108)
// CHECK: linalg.generic {{.*}}"reduction"
// SAME: largest relative error
func.func @product(%a: tensor<8x40000xf32>, %b: tensor<40000x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %m = linalg.matmul ins(%a, %b : tensor<8x40000xf32>, tensor<40000x8xf32>)
                     outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %m : tensor<8x8xf32>
}

// 4 rows are for 4 units, in 27 parts each.
// CHECK-LABEL: @maxima
// CHECK: scf.forall (%{{.*}}) in (27)
// CHECK:   scf.forall (%{{.*}}) in (4)
// EXACT: largest relative error: 0
func.func @maxima(%x: tensor<4x39987xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.reduce {arith.maximumf} ins(%x : tensor<4x39987xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %0 : tensor<4xf32>
}
