// Every pass that makes figures warns of what is in none of them; with `strict`
// that is an error.
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-search=target=ddr5-2ch 2>&1 | FileCheck %s
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-optimize=target=ddr5-2ch 2>&1 | FileCheck %s
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-check-budget=target=ddr5-2ch 2>&1 | FileCheck %s
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-report=target=ddr5-2ch 2>&1 | FileCheck %s
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-annotate=target=ddr5-2ch 2>&1 | FileCheck %s
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-search="target=ddr5-2ch strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-optimize="target=ddr5-2ch strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-check-budget="target=ddr5-2ch strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-report="target=ddr5-2ch strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-annotate="target=ddr5-2ch strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT

// A budget of an op that is not modelled cannot be kept, however little is
// counted of it.
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-check-budget=target=h100-sxm 2>&1 | FileCheck %s --check-prefix=BUDGET

// CHECK: strict.mlir:[[#@LINE+4]]:0: warning: @f: 1 op is not modelled
// CHECK-NOT: warning: @f
// STRICT: strict.mlir:[[#@LINE+2]]:0: error: @f: 1 op is not modelled, only 512 B of operands and results are counted: new.op; there is no rule for this op: lower it to linalg or loops first
// BUDGET: error: 'new.op' op moves an unknown number of bytes at hbm3, expected at most 1000000
func.func @f(%x: tensor<64xf32>) -> tensor<64xf32> {
  %0 = "new.op"(%x) {memwall.max_bytes = {hbm3 = 1000000}} : (tensor<64xf32>) -> tensor<64xf32>
  return %0 : tensor<64xf32>
}
