// --optimize runs what memwall-optimize makes of a program, and says what the target would take beside what it took.
// REQUIRES: memwall-run
// RUN: memwall-run %s --optimize=ddr5-2ch --time --compare=%s | FileCheck %s
// CHECK: @rows
// CHECK: time: {{.*}} of peak: f32 vector){{.*}} of peak)
// CHECK-NEXT: predicted: [[FUSED:[0-9.e-]+]] s for ddr5-2ch, bound by {{[a-z0-9]+}}; it took {{[0-9.e+]+}} times that
// CHECK: compared with @rows
// CHECK: predicted:
// CHECK: largest relative error: {{0 |.*e-0[6-9]}}

// RUN: memwall-run %s --optimize=ddr5-2ch --simulate=ddr5-2ch | FileCheck %s --check-prefix=SIMULATED
// SIMULATED: @rows on ddr5-2ch
// SIMULATED: accesses simulated

// RUN: not memwall-run %s --optimize=dd5-2ch 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: unknown target 'dd5-2ch'; did you mean 'ddr5-2ch'?

func.func @rows(%x: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %empty = tensor.empty() : tensor<64x1024xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<64x1024xf32>) outs(%empty : tensor<64x1024xf32>) -> tensor<64x1024xf32>
  return %y : tensor<64x1024xf32>
}
