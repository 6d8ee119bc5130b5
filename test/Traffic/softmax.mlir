// docs/Model.md, "Softmax" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=softmax | FileCheck %s
// x and the result are 32 lines each, the row vector 1. 4: max x; exp x, y; sum
// y; division y: 5*32+1, of which exp and the division write y.
// CHECK: past4 | [[#mul(64,161)]] [[#mul(64,161)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// CHECK: past22 | [[#mul(64,161)]] [[#mul(64,161)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// CHECK: past80 | [[#mul(64,65)]] [[#mul(64,65)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// CHECK: past320 | [[#mul(64,65)]] [[#mul(64,65)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @softmax(%x: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %e = tensor.empty() : tensor<8x64xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<8x64xf32>)
      outs(%e : tensor<8x64xf32>) -> tensor<8x64xf32>
  return %y : tensor<8x64xf32>
}
