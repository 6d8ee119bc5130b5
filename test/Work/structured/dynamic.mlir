// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// Sizes come from an operand that has the dimension alone; a static one wins.
// CHECK-LABEL: linalg.matmul contraction f32
// CHECK-NEXT: (0#0, 8, r16) flops=2:
func.func @matmul(%a: tensor<?x?xf32>, %b: tensor<16x8xf32>, %c: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<16x8xf32>) outs(%c : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// The output gives the image, the filter the window; never the input's sum.
// CHECK-LABEL: linalg.conv_1d convolution f32
// CHECK-NEXT: (2#0, r1#0) flops=2: load 0[d0 + d1] load 1[d1] load 2[d0] store out[d0]
func.func @conv(%i: tensor<?xf32>, %k: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
  %0 = linalg.conv_1d ins(%i, %k : tensor<?xf32>, tensor<?xf32>) outs(%o : tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// A dynamic dimension cannot be split, its half is not affine.
// CHECK-LABEL: linalg.generic gather f32
// CHECK-NEXT: (0#0): load captured[gather(d0)] store out[d0]
func.func @upsample(%a: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
  %c2 = arith.constant 2 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<?xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %r = arith.divui %i, %c2 : index
    %e = tensor.extract %a[%r] : tensor<?xf32>
    linalg.yield %e : f32
  } -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// CHECK-LABEL: arith.addf elementwise f32
// CHECK-NEXT: (0#0, 4) flops=1: load 0[d0, d1] load 1[d0, d1] store out[d0, d1]
// CHECK-LABEL: tensor.pad copy f32
// CHECK-NEXT: (out#0, 6): store out[d0, d1]
// CHECK-NEXT: (0#0, 4): load 0[d0, d1] store out[d0, d1 + 1]
func.func @others(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %zero: f32) -> tensor<?x6xf32> {
  %0 = arith.addf %a, %b : tensor<?x4xf32>
  %1 = tensor.pad %0 low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x4xf32> to tensor<?x6xf32>
  return %1 : tensor<?x6xf32>
}

// -----

// A partial tile padded up to a full one: the result is known.
// CHECK-LABEL: tensor.pad copy f32
// CHECK-NEXT: (8, 4): store out[d0, d1]
// CHECK-NEXT: (0#0, 4): load 0[d0, d1] store out[d0, d1]
// Where the source goes is the value of an integer, how long the result is for
// the builder to find out.
// CHECK-LABEL: tensor.pad copy f32
// CHECK-NEXT: (out#0, 4): store out[d0, d1]
// CHECK-NEXT: (0#0, 4): load 0[d0, d1] store out[d0 + outer, d1]
// CHECK-LABEL: tensor.pad copy f32
// CHECK-NEXT: (out#0, 4): store out[d0, d1]
// CHECK-NEXT: (0#0, 4): load 0[d0, d1] store out[d0, d1]
func.func @pads(%a: tensor<?x4xf32>, %zero: f32, %n: index) -> (tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = tensor.pad %a low[0, 0] high[%n, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x4xf32> to tensor<8x4xf32>
  %1 = tensor.pad %a low[%n, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x4xf32> to tensor<?x4xf32>
  %2 = tensor.pad %a low[0, 0] high[%n, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x4xf32> to tensor<?x4xf32>
  return %0, %1, %2 : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
