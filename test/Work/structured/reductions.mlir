// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// A K-term reduction counts K: one add in every one of 4 x 16 points.
// CHECK-LABEL: linalg.reduce reduction f32
// CHECK-NEXT: (4, r16) flops=1: load 0[d0, d1] load 1[d0] store out[d0]
func.func @sum(%a: tensor<4x16xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<4x16xf32>) outs(%o : tensor<4xf32>) dimensions = [1]
  return %0 : tensor<4xf32>
}

// -----

// Maximum and its position: a compare of values is 1 flop, selects are free,
// what is written are two results.
// CHECK-LABEL: linalg.generic reduction f32
// CHECK-NEXT: (4, r16) flops=1: load 0[d0, d1] load 1[d0] load 2[d0] store out[d0] store out1[d0]
func.func @argmax(%a: tensor<4x16xf32>, %v: tensor<4xf32>, %p: tensor<4xi64>) -> (tensor<4xf32>, tensor<4xi64>) {
  %0:2 = linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<4x16xf32>) outs(%v, %p : tensor<4xf32>, tensor<4xi64>) {
  ^bb0(%x: f32, %best: f32, %at: i64):
    %k = linalg.index 1 : index
    %c = arith.index_cast %k : index to i64
    %more = arith.cmpf ogt, %x, %best : f32
    %nv = arith.select %more, %x, %best : f32
    %np = arith.select %more, %c, %at : i64
    linalg.yield %nv, %np : f32, i64
  } -> (tensor<4xf32>, tensor<4xi64>)
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xi64>
}

// -----

// Reduction dims that accumulate nothing are odd, unless they are one long.
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (4, r1): load 0[d0, d1] store out[d0]
// CHECK-LABEL: linalg.generic other f32
// CHECK-NEXT: (4, r16): load 0[d0, d1] store out[d0]
#full = affine_map<(i, k) -> (i, k)>
#row = affine_map<(i, k) -> (i)>
func.func @last(%a: tensor<4x1xf32>, %b: tensor<4x16xf32>, %o: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = linalg.generic {indexing_maps = [#full, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<4x1xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#full, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b : tensor<4x16xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
