// RUN: memwall-opt %s --memwall-check-budget="target=ddr5-2ch" -o /dev/null 2>&1 | FileCheck %s

// CHECK: warning: no 'memwall.max_bytes' names a level of ddr5-2ch, and there is no 'memwall.max_over_bound': nothing was checked
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32>
    attributes {memwall.max_bytes = {hbm3 = 12}} {
  %0 = math.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
