// Softmax of integers verifies but stands for nothing that upstream can write. It stays as it is, and what would have to
// run it says so.
// RUN: memwall-opt %s --memwall-normalize | FileCheck %s
// RUN: memwall-opt %s --memwall-optimize=target=ddr5-2ch | FileCheck %s
// RUN: not memwall-opt %s --memwall-lower-to-llvm=target=ddr5-2ch -o /dev/null 2>&1 | FileCheck %s --check-prefix=LOWER
// RUN: not memwall-run %s 2>&1 | FileCheck %s --check-prefix=EXECUTE
// CHECK: linalg.softmax
// LOWER: softmax-of-integers.mlir:[[#@LINE+5]]:8: error: 'linalg.softmax' op has no lowering: upstream cannot take it apart
// EXECUTE: softmax-of-integers.mlir:[[#@LINE+4]]:8: error: 'linalg.softmax' op cannot be run on elements of 'i32', expected floating-point numbers

func.func @f(%x: tensor<17x8xi32>) -> tensor<17x8xi32> {
  %o = tensor.empty() : tensor<17x8xi32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<17x8xi32>) outs(%o : tensor<17x8xi32>) -> tensor<17x8xi32>
  return %y : tensor<17x8xi32>
}
