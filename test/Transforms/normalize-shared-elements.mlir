// Loops that are called parallel and write elements more than once, or not all.
// RUN: memwall-opt %s --memwall-normalize -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: memwall-run %s --entry=sum --compare=%t.mlir --time=0
// RUN: memwall-run %s --entry=part --compare=%t.mlir --time=0

// Every iteration goes on with the sum that the one before made: 0 is only what
// the first begins with.
// CHECK-LABEL: @sum
//       CHECK: %[[ZERO:.*]] = linalg.fill
//       CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<8x16xf32>) outs(%[[ZERO]] : tensor<8xf32>)
//       CHECK: arith.addf {{.*}}%out
func.func @sum(%a: tensor<8x16xf32>) -> tensor<8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<8x16xf32>) outs(%f : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Elements 4 to 63 stay 3.
// CHECK-LABEL: @part
//       CHECK: %[[THREES:.*]] = linalg.fill
//       CHECK: outs(%[[THREES]] : tensor<64xf32>)
func.func @part(%a: tensor<64xf32>) -> tensor<64xf32> {
  %three = arith.constant 3.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %f = linalg.fill ins(%three : f32) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i mod 4)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%f : tensor<64xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
