// docs/Model.md, "Convolution" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=conv | FileCheck %s
// A pixel is one line: x 100, y 64, the filter 144. Up to 80: per output element 9
// of x and 144 of the filter. 168: the filter stays, x three rows per output row.
// CHECK: past4 | [[#mul(64,156736)]] [[#mul(64,156736)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// CHECK: past80 | [[#mul(64,156736)]] [[#mul(64,156736)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// CHECK: past168 | [[#mul(64,448)]] [[#mul(64,448)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// CHECK: past320 | [[#mul(64,308)]] [[#mul(64,308)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
func.func @conv(%x: tensor<1x10x10x16xf32>, %f: tensor<3x3x16x16xf32>,
                %y: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> {
  %r = linalg.conv_2d_nhwc_hwcf
      ins(%x, %f : tensor<1x10x10x16xf32>, tensor<3x3x16x16xf32>)
      outs(%y : tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32>
  return %r : tensor<1x8x8x16xf32>
}
