// docs/Model.md, "Grouped-query decode" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=heads | FileCheck %s --check-prefix=HEADS
// Query by query: K and V once per query head, 4*64 each, until the 32 lines of
// one KV head fit; Q 8, scores 16 twice (in between they leave), out 8.
// HEADS: past4 | [[#mul(64,560)]] [[#mul(64,560)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// HEADS: past22 | [[#mul(64,560)]] [[#mul(64,560)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// HEADS: past56 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// HEADS: past80 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// HEADS: past320 | [[#mul(64,160)]] [[#mul(64,160)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
func.func @heads(%q: tensor<2x4x16xf32>, %k: tensor<2x32x16xf32>,
                 %v: tensor<2x32x16xf32>, %s: tensor<2x4x32xf32>,
                 %o: tensor<2x4x16xf32>) -> (tensor<2x4x32xf32>, tensor<2x4x16xf32>) {
  %scores = linalg.generic {
      indexing_maps = [affine_map<(h, g, c, d) -> (h, g, d)>,
                       affine_map<(h, g, c, d) -> (h, c, d)>,
                       affine_map<(h, g, c, d) -> (h, g, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<2x4x16xf32>, tensor<2x32x16xf32>)
      outs(%s : tensor<2x4x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %z, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x4x32xf32>
  %out = linalg.generic {
      indexing_maps = [affine_map<(h, g, c, d) -> (h, g, c)>,
                       affine_map<(h, g, c, d) -> (h, c, d)>,
                       affine_map<(h, g, c, d) -> (h, g, d)>],
      iterator_types = ["parallel", "parallel", "reduction", "parallel"]}
      ins(%scores, %v : tensor<2x4x32xf32>, tensor<2x32x16xf32>)
      outs(%o : tensor<2x4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %z, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x4x16xf32>
  return %scores, %out : tensor<2x4x32xf32>, tensor<2x4x16xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=positions | FileCheck %s --check-prefix=POSITIONS
// Position by position: K and V once per KV head, 64 each, as soon as what is
// kept for 4 queries fits (4: Q, scores and out per position, 256 each).
// POSITIONS: past4 | [[#mul(64,1152)]] [[#mul(64,1152)]] 0.0% | [[#mul(64,512)]] [[#mul(64,512)]] 0.0%
// POSITIONS: past22 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// POSITIONS: past56 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// POSITIONS: past80 | [[#mul(64,160)]] [[#mul(64,160)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// POSITIONS: past320 | [[#mul(64,160)]] [[#mul(64,160)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
func.func @positions(%q: tensor<2x4x16xf32>, %k: tensor<2x32x16xf32>,
                 %v: tensor<2x32x16xf32>, %s: tensor<2x4x32xf32>,
                 %o: tensor<2x4x16xf32>) -> (tensor<2x4x32xf32>, tensor<2x4x16xf32>) {
  %scores = linalg.generic {
      indexing_maps = [affine_map<(h, c, g, d) -> (h, g, d)>,
                       affine_map<(h, c, g, d) -> (h, c, d)>,
                       affine_map<(h, c, g, d) -> (h, g, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<2x4x16xf32>, tensor<2x32x16xf32>)
      outs(%s : tensor<2x4x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %z, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x4x32xf32>
  %out = linalg.generic {
      indexing_maps = [affine_map<(h, c, g, d) -> (h, g, c)>,
                       affine_map<(h, c, g, d) -> (h, c, d)>,
                       affine_map<(h, c, g, d) -> (h, g, d)>],
      iterator_types = ["parallel", "reduction", "parallel", "parallel"]}
      ins(%scores, %v : tensor<2x4x32xf32>, tensor<2x32x16xf32>)
      outs(%o : tensor<2x4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %z, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x4x16xf32>
  return %scores, %out : tensor<2x4x32xf32>, tensor<2x4x16xf32>
}
