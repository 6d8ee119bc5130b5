// docs/Model.md, "Several caches" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/units.mlir --simulate=units --entry=rows | FileCheck %s
// 8 rows on 4 units: each of the 4 private caches reads the 16 lines of w; the
// shared one reads them once. x and y are 8 lines each.
// CHECK: past-own | [[#mul(64,80)]] [[#mul(64,80)]] 0.0% | [[#mul(64,8)]] [[#mul(64,8)]] 0.0%
// CHECK: past-shared | [[#mul(64,32)]] [[#mul(64,32)]] 0.0% | [[#mul(64,8)]] [[#mul(64,8)]] 0.0%
func.func @rows(%x: tensor<8x16xf32>, %w: tensor<16x16xf32>, %y: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %r = scf.forall (%i) in (8) shared_outs(%o = %y) -> (tensor<8x16xf32>) {
    %in = tensor.extract_slice %x[%i, 0] [1, 16] [1, 1] : tensor<8x16xf32> to tensor<1x16xf32>
    %out = tensor.extract_slice %o[%i, 0] [1, 16] [1, 1] : tensor<8x16xf32> to tensor<1x16xf32>
    %t = linalg.matmul ins(%in, %w : tensor<1x16xf32>, tensor<16x16xf32>)
        outs(%out : tensor<1x16xf32>) -> tensor<1x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %t into %o[%i, 0] [1, 16] [1, 1] : tensor<1x16xf32> into tensor<8x16xf32>
    }
  }
  return %r : tensor<8x16xf32>
}
