// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// Inits that the body does not read are only written.
// CHECK-LABEL: linalg.add elementwise f32
// CHECK-NEXT: (4, 8) flops=1: load 0[d0, d1] load 1[d0, d1] store out[d0, d1]
// CHECK-LABEL: linalg.exp elementwise f32
// CHECK-NEXT: (4, 8) flops=1 transcendentals=1: load 0[d0, d1] store out[d0, d1]
// CHECK-LABEL: linalg.elementwise elementwise f32
// CHECK-NEXT: (4, 8) flops=1: load 0[d0, d1] load 1[d1] store out[d0, d1]
func.func @named(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %row: tensor<8xf32>, %o: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = linalg.add ins(%a, %b : tensor<4x8xf32>, tensor<4x8xf32>) outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = linalg.exp ins(%a : tensor<4x8xf32>) outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = linalg.elementwise kind=#linalg.elementwise_kind<mul>
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>]
      ins(%a, %row : tensor<4x8xf32>, tensor<8xf32>) outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0, %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A map is whatever its body says; stores in result order.
// CHECK-LABEL: linalg.map elementwise f32
// CHECK-NEXT: (8) flops=1: load 0[d0] load 1[d0] store out[d0]
// CHECK-LABEL: linalg.generic elementwise f32
// CHECK-NEXT: (8) flops=2: load 0[d0] load 1[d0] store out[d0] store out1[d0]
func.func @map(%a: tensor<8xf32>, %b: tensor<8xf32>, %o: tensor<8xf32>, %p: tensor<8xf16>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf16>) {
  %0 = linalg.map { arith.maximumf } ins(%a, %b : tensor<8xf32>, tensor<8xf32>) outs(%o : tensor<8xf32>)
  %1:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a, %b : tensor<8xf32>, tensor<8xf32>) outs(%o, %p : tensor<8xf32>, tensor<8xf16>) {
  ^bb0(%x: f32, %y: f32, %u: f32, %v: f16):
    %s = arith.addf %x, %y : f32
    %m = arith.mulf %s, %y : f32
    %t = arith.truncf %m : f32 to f16
    linalg.yield %s, %t : f32, f16
  } -> (tensor<8xf32>, tensor<8xf16>)
  return %0, %1#0, %1#1 : tensor<8xf32>, tensor<8xf32>, tensor<8xf16>
}

// -----

// In place: the init is an input too, after the inputs.
// CHECK-LABEL: linalg.generic elementwise f32
// CHECK-NEXT: (8) flops=1: load 0[d0] load 1[d0] store out[d0]
func.func @accumulate(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : tensor<8xf32>) outs(%o : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// Copies of every kind: the yield is the input, whatever the maps.
// CHECK-LABEL: linalg.copy copy f32
// CHECK-NEXT: (4, 8): load 0[d0, d1] store out[d0, d1]
// CHECK-LABEL: linalg.transpose copy f32
// CHECK-NEXT: (8, 4): load 0[d1, d0] store out[d0, d1]
// CHECK-LABEL: linalg.broadcast copy f32
// CHECK-NEXT: (4, 8, 3): load 0[d0, d1] store out[d0, d1, d2]
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (4): load 0[d0, 0] store out[d0]
func.func @copies(%a: tensor<4x8xf32>, %o: tensor<4x8xf32>, %t: tensor<8x4xf32>, %b: tensor<4x8x3xf32>, %c: tensor<4xf32>) -> (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x8x3xf32>, tensor<4xf32>) {
  %0 = linalg.copy ins(%a : tensor<4x8xf32>) outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = linalg.transpose ins(%a : tensor<4x8xf32>) outs(%t : tensor<8x4xf32>) permutation = [1, 0]
  %2 = linalg.broadcast ins(%a : tensor<4x8xf32>) outs(%b : tensor<4x8x3xf32>) dimensions = [2]
  %3 = linalg.generic {indexing_maps = [affine_map<(i) -> (i, 0)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : tensor<4x8xf32>) outs(%c : tensor<4xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x8x3xf32>, tensor<4xf32>
}

// -----

// A converting copy computes nothing either, but it is no plain copy.
// CHECK-LABEL: linalg.copy elementwise bf16
// CHECK-NEXT: (4): load 0[d0] store out[d0]
func.func @convert(%a: tensor<4xf32>, %o: tensor<4xbf16>) -> tensor<4xbf16> {
  %0 = linalg.copy ins(%a : tensor<4xf32>) outs(%o : tensor<4xbf16>) -> tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// -----

// Fills read nothing; positions written out are not a fill.
// CHECK-LABEL: linalg.fill fill i8
// CHECK-NEXT: (4, 8): store out[d0, d1]
// CHECK-LABEL: linalg.generic fill f32
// CHECK-NEXT: (4): store out[d0]
// CHECK-LABEL: linalg.generic elementwise i64
// CHECK-NEXT: (4): store out[d0]
// CHECK-LABEL: linalg.fill_rng_2d elementwise f32
func.func @fills(%z: i8, %o: tensor<4x8xi8>, %p: tensor<4xf32>, %q: tensor<4xi64>, %lo: f64, %hi: f64, %seed: i32, %r: tensor<4x4xf32>) -> (tensor<4x8xi8>, tensor<4xf32>, tensor<4xi64>, tensor<4x4xf32>) {
  %0 = linalg.fill ins(%z : i8) outs(%o : tensor<4x8xi8>) -> tensor<4x8xi8>
  %one = arith.constant 1.0 : f32
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%p : tensor<4xf32>) {
  ^bb0(%y: f32):
    linalg.yield %one : f32
  } -> tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%q : tensor<4xi64>) {
  ^bb0(%y: i64):
    %i = linalg.index 0 : index
    %c = arith.index_cast %i : index to i64
    linalg.yield %c : i64
  } -> tensor<4xi64>
  %3 = linalg.fill_rng_2d ins(%lo, %hi, %seed : f64, f64, i32) outs(%r : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1, %2, %3 : tensor<4x8xi8>, tensor<4xf32>, tensor<4xi64>, tensor<4x4xf32>
}

// -----

// arith and math on whole tensors; a compare computes on what it compares.
// CHECK-LABEL: arith.addf elementwise f32
// CHECK-NEXT: (4, 8) flops=1: load 0[d0, d1] load 0[d0, d1] store out[d0, d1]
// CHECK-LABEL: math.tanh elementwise f32
// CHECK-NEXT: (4, 8) flops=1 transcendentals=1: load 0[d0, d1] store out[d0, d1]
// CHECK-LABEL: arith.cmpf elementwise f32
// CHECK-NEXT: (4, 8) flops=1: load 0[d0, d1] load 1[d0, d1] store out[d0, d1]
// CHECK-LABEL: arith.select elementwise f32
// CHECK-NEXT: (4, 8): load 0[d0, d1] load 1[d0, d1] load 2[d0, d1] store out[d0, d1]
// CHECK-LABEL: arith.addui_extended elementwise i32
// CHECK-NEXT: (3) int_ops=1: load 0[d0] load 0[d0] store out[d0] store out1[d0]
// CHECK-NOT: arith.constant
func.func @tensors(%a: tensor<4x8xf32>, %i: tensor<3xi32>) -> (tensor<4x8xf32>, tensor<3xi32>) {
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %0 = arith.addf %a, %a : tensor<4x8xf32>
  %1 = math.tanh %0 : tensor<4x8xf32>
  %2 = arith.cmpf olt, %1, %zero : tensor<4x8xf32>
  %3 = arith.select %2, %0, %1 : tensor<4x8xi1>, tensor<4x8xf32>
  %4, %overflow = arith.addui_extended %i, %i : tensor<3xi32>, tensor<3xi1>
  return %3, %4 : tensor<4x8xf32>, tensor<3xi32>
}
