// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// 16 = 2 tiles of 8, 12 = 3 of 4: every element once.
// CHECK-LABEL: linalg.pack copy f32
// CHECK-NEXT: (2, 3, 8, 4): load 0[8*d0 + d2, 4*d1 + d3] store out[d0, d1, d2, d3]
// CHECK-NOT: load
// CHECK-LABEL: linalg.unpack copy f32
// CHECK-NEXT: (2, 8, 3, 4): load 0[d0, d2, d1, d3] store out[8*d0 + d1, 4*d2 + d3]
func.func @exact(%a: tensor<16x12xf32>, %p: tensor<2x3x8x4xf32>, %o: tensor<16x12xf32>) -> tensor<16x12xf32> {
  %0 = linalg.pack %a inner_dims_pos = [0, 1] inner_tiles = [8, 4] into %p : tensor<16x12xf32> -> tensor<2x3x8x4xf32>
  %1 = linalg.unpack %0 inner_dims_pos = [0, 1] inner_tiles = [8, 4] into %o : tensor<2x3x8x4xf32> -> tensor<16x12xf32>
  return %1 : tensor<16x12xf32>
}

// -----

// Weights for mmt4d: outer dims swapped, inner ones in the order given.
// CHECK-LABEL: linalg.pack copy f32
// CHECK-NEXT: (3, 2, 4, 8): load 0[8*d1 + d3, 4*d0 + d2] store out[d0, d1, d2, d3]
func.func @permuted(%a: tensor<16x12xf32>, %p: tensor<3x2x4x8xf32>) -> tensor<3x2x4x8xf32> {
  %0 = linalg.pack %a outer_dims_perm = [1, 0] inner_dims_pos = [1, 0] inner_tiles = [4, 8] into %p : tensor<16x12xf32> -> tensor<3x2x4x8xf32>
  return %0 : tensor<3x2x4x8xf32>
}

// -----

// 13 = 3 tiles of 4 and 1 of the fourth: 3*4 + 1 reads, 3 padding writes; the
// untiled dimension stays whole.
// CHECK-LABEL: linalg.pack copy f32
// CHECK-NEXT: (3, 5, 4): load 0[4*d0 + d2, d1] store out[d0, d1, d2]
// CHECK-NEXT: (1, 5, 1): load 0[4*d0 + d2 + 12, d1] store out[d0 + 3, d1, d2]
// CHECK-NEXT: (1, 5, 3): store out[d0 + 3, d1, d2 + 1]
// CHECK-LABEL: linalg.unpack copy f32
// CHECK-NEXT: (3, 4, 5): load 0[d0, d2, d1] store out[4*d0 + d1, d2]
// CHECK-NEXT: (1, 1, 5): load 0[d0 + 3, d2, d1] store out[4*d0 + d1 + 12, d2]
// CHECK-NOT: load
func.func @padded(%a: tensor<13x5xf32>, %zero: f32, %p: tensor<4x5x4xf32>, %o: tensor<13x5xf32>) -> tensor<13x5xf32> {
  %0 = linalg.pack %a padding_value(%zero : f32) inner_dims_pos = [0] inner_tiles = [4] into %p : tensor<13x5xf32> -> tensor<4x5x4xf32>
  %1 = linalg.unpack %0 inner_dims_pos = [0] inner_tiles = [4] into %o : tensor<4x5x4xf32> -> tensor<13x5xf32>
  return %1 : tensor<13x5xf32>
}

// -----

// Smaller than one tile: no full piece at all.
// CHECK-LABEL: linalg.pack copy f32
// CHECK-NEXT: (1, 3): load 0[8*d0 + d1] store out[d0, d1]
// CHECK-NEXT: (1, 5): store out[d0, d1 + 3]
func.func @small(%a: tensor<3xf32>, %zero: f32, %p: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %0 = linalg.pack %a padding_value(%zero : f32) inner_dims_pos = [0] inner_tiles = [8] into %p : tensor<3xf32> -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

// Without padding a dynamic pack is exact; with it, what the last tile reads
// is not known before the dimension is.
// CHECK-LABEL: linalg.pack copy f32
// CHECK-NEXT: (1#0, 8): load 0[8*d0 + d1] store out[d0, d1]
// CHECK-LABEL: linalg.pack unmodelled
// CHECK-LABEL: linalg.unpack unmodelled
func.func @dynamic(%a: tensor<?xf32>, %zero: f32, %p: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?xf32>) {
  %0 = linalg.pack %a inner_dims_pos = [0] inner_tiles = [8] into %p : tensor<?xf32> -> tensor<?x8xf32>
  %1 = linalg.pack %a padding_value(%zero : f32) inner_dims_pos = [0] inner_tiles = [8] into %p : tensor<?xf32> -> tensor<?x8xf32>
  %2 = linalg.unpack %1 inner_dims_pos = [0] inner_tiles = [8] into %a : tensor<?x8xf32> -> tensor<?xf32>
  return %0, %2 : tensor<?x8xf32>, tensor<?xf32>
}

// -----

// A dynamic dimension that is not tiled is no obstacle, nor is a number of
// tiles that follows from the plain dimension: 13 = 3 * 4 + 1.
// CHECK-LABEL: linalg.unpack copy f32
// CHECK-NEXT: (3, 4, 0#1): load 0[d0, d2, d1] store out[4*d0 + d1, d2]
// CHECK-NEXT: (1, 1, 0#1): load 0[d0 + 3, d2, d1] store out[4*d0 + d1 + 12, d2]
func.func @rows(%p: tensor<?x?x4xf32>, %o: tensor<13x?xf32>) -> tensor<13x?xf32> {
  %0 = linalg.unpack %p inner_dims_pos = [0] inner_tiles = [4] into %o : tensor<?x?x4xf32> -> tensor<13x?xf32>
  return %0 : tensor<13x?xf32>
}
