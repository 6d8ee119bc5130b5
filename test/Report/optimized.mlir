// The optimum in a report is that of memwall-optimize, which takes softmax apart and makes its ops share loops.
// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch optimize=true format=json" > %t.before.json
// RUN: memwall-opt %s --memwall-optimize="target=ddr5-2ch" -o %t.mlir
// RUN: memwall-opt %t.mlir --memwall-report="targets=ddr5-2ch format=json" > %t.after.json
// RUN: %python %S/Inputs/check_optimized.py %t.before.json %t.after.json

func.func @rows(%x: tensor<8192x4096xf32>) -> tensor<8192x4096xf32> {
  %empty = tensor.empty() : tensor<8192x4096xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<8192x4096xf32>) outs(%empty : tensor<8192x4096xf32>) -> tensor<8192x4096xf32>
  return %y : tensor<8192x4096xf32>
}
