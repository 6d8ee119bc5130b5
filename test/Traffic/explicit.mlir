// docs/Model.md, "Explicit levels" derives these words of 4 bytes.
// RUN: memwall-opt %s --memwall-target-file=%S/Inputs/scratchpads.mlir --memwall-report="targets=scratchpads format=csv" | FileCheck %s

// 4 words: C[i,j] stays over k; A and B 24576 each. 64 words: the row of A, too.
// 800: B (1536 words) does not fit yet.
// CHECK: ijk,{{.*}},past16,[[#mul(4,49664)]],[[#mul(4,512)]],
// CHECK: ijk,{{.*}},past256,[[#mul(4,25856)]],[[#mul(4,512)]],
// CHECK: ijk,{{.*}},past3200,[[#mul(4,25856)]],[[#mul(4,512)]],
// CHECK: ijk,{{.*}},past20480,[[#mul(4,2816)]],[[#mul(4,512)]],
func.func @ijk(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, k)>,
                       affine_map<(i, j, k) -> (k, j)>,
                       affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// 4 words: A[i,k] stays over j. 64: the row of C.
// CHECK: ikj,{{.*}},past16,[[#mul(4,49920)]],[[#mul(4,24576)]],
// CHECK: ikj,{{.*}},past256,[[#mul(4,25856)]],[[#mul(4,512)]],
// CHECK: ikj,{{.*}},past20480,[[#mul(4,2816)]],[[#mul(4,512)]],
func.func @ikj(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, k, j) -> (i, k)>,
                       affine_map<(i, k, j) -> (k, j)>,
                       affine_map<(i, k, j) -> (i, j)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// 64 words: the row of B (32) over i. 800: all of C (512).
// CHECK: kij,{{.*}},past16,[[#mul(4,49920)]],[[#mul(4,24576)]],
// CHECK: kij,{{.*}},past256,[[#mul(4,26880)]],[[#mul(4,24576)]],
// CHECK: kij,{{.*}},past3200,[[#mul(4,2816)]],[[#mul(4,512)]],
func.func @kij(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(k, i, j) -> (i, k)>,
                       affine_map<(k, i, j) -> (k, j)>,
                       affine_map<(k, i, j) -> (i, j)>],
      iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}
