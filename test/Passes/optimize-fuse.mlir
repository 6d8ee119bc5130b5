// RUN: memwall-opt %s --memwall-optimize="target=ddr5-2ch fuse=true" -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: memwall-opt %t.mlir --memwall-optimize="target=ddr5-2ch fuse=true" | diff - %t.mlir

// The transposed copy of the weight is gone, and what is left moves no more
// than it must.
// CHECK-NOT: linalg.transpose
// CHECK-NOT: linalg.generic
//     CHECK: linalg.contract
func.func @f(%x: tensor<1x512xf32>, %w: tensor<768x512xf32>, %o: tensor<1x768xf32>) -> tensor<1x768xf32> {
  %e = tensor.empty() : tensor<512x768xf32>
  %t = linalg.transpose ins(%w : tensor<768x512xf32>) outs(%e : tensor<512x768xf32>) permutation = [1, 0]
  %y = linalg.matmul ins(%x, %t : tensor<1x512xf32>, tensor<512x768xf32>) outs(%o : tensor<1x768xf32>) -> tensor<1x768xf32>
  return %y : tensor<1x768xf32>
}
