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

// t has 128 words. Up to 64 words it cannot stay between the two ops: 128 are
// written and read again, and with x and y 256 go either way. 800 words hold it:
// only x is read, only y written.
// CHECK: between,{{.*}},past16,[[#mul(4,128)]],[[#mul(4,128)]],
// CHECK: between,{{.*}},past256,[[#mul(4,128)]],[[#mul(4,128)]],
// CHECK: between,{{.*}},past3200,[[#mul(4,128)]],0,
// CHECK: between,{{.*}},past16,[[#mul(4,128)]],[[#mul(4,128)]],
// CHECK: between,{{.*}},past256,[[#mul(4,128)]],[[#mul(4,128)]],
// CHECK: between,{{.*}},past3200,0,[[#mul(4,128)]],
func.func @between(%x: tensor<128xf32>, %y: tensor<128xf32>) -> tensor<128xf32> {
  %e = tensor.empty() : tensor<128xf32>
  %t = linalg.exp ins(%x : tensor<128xf32>) outs(%e : tensor<128xf32>)
      -> tensor<128xf32>
  %r = linalg.log ins(%t : tensor<128xf32>) outs(%y : tensor<128xf32>)
      -> tensor<128xf32>
  return %r : tensor<128xf32>
}

// An op with two results of 64 words: the second op reads one, the third op the
// other. 64 words of room
// hold neither, since x and the other result pass by: 2 * 64 are written and read
// again. 800 words hold both.
// CHECK: results,0,{{.*}},past256,[[#mul(4,64)]],[[#mul(4,128)]],
// CHECK: results,0,{{.*}},past3200,[[#mul(4,64)]],0,
// CHECK: results,1,{{.*}},past256,[[#mul(4,64)]],[[#mul(4,64)]],
// CHECK: results,1,{{.*}},past3200,0,[[#mul(4,64)]],
// CHECK: results,2,{{.*}},past256,[[#mul(4,64)]],[[#mul(4,64)]],
// CHECK: results,2,{{.*}},past3200,0,[[#mul(4,64)]],
func.func @results(%x: tensor<64xf32>, %y: tensor<64xf32>, %z: tensor<64xf32>)
    -> (tensor<64xf32>, tensor<64xf32>) {
  %e = tensor.empty() : tensor<64xf32>
  %f = tensor.empty() : tensor<64xf32>
  %s, %t = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
                       affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<64xf32>) outs(%e, %f : tensor<64xf32>, tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %n = arith.negf %a : f32
    %m = math.absf %a : f32
    linalg.yield %n, %m : f32, f32
  } -> (tensor<64xf32>, tensor<64xf32>)
  %p = linalg.exp ins(%s : tensor<64xf32>) outs(%y : tensor<64xf32>)
      -> tensor<64xf32>
  %q = linalg.exp ins(%t : tensor<64xf32>) outs(%z : tensor<64xf32>)
      -> tensor<64xf32>
  return %p, %q : tensor<64xf32>, tensor<64xf32>
}
