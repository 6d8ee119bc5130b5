// docs/Model.md, "Sets" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/sets.mlir --simulate=one-set --entry=columns | FileCheck %s --check-prefix=ONE
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/sets.mlir --simulate=sets --entry=columns | FileCheck %s --check-prefix=SETS
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/sets.mlir --simulate=hashed --entry=columns | FileCheck %s --check-prefix=ONE
// A column of x is 64 lines, 4 lines apart: with one set they stay for 16
// columns, 256 + 4 of y. In 16 sets they fall into 4, which have 32 places: every
// access misses, 64*64. Hashed, 13 sets are used, and a set gets 4 or 5 lines of a
// column, for which it has room: as with one set.
// ONE: past128 | [[#mul(64,260)]] [[#mul(64,260)]] 0.0% | [[#mul(64,4)]] [[#mul(64,4)]] 0.0%
// SETS: past128 | [[#mul(64,4100)]] [[#mul(64,4100)]] 0.0% | [[#mul(64,4)]] [[#mul(64,4)]] 0.0%
func.func @columns(%x: tensor<64x64xf32>, %y: tensor<64xf32>) -> tensor<64xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(j, i) -> (i, j)>, affine_map<(j, i) -> (j)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<64x64xf32>) outs(%y : tensor<64xf32>) {
  ^bb0(%v: f32, %sum: f32):
    %0 = arith.addf %sum, %v : f32
    linalg.yield %0 : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
