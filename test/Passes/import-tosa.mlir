// RUN: memwall-opt %s --memwall-import-tosa | FileCheck %s

// CHECK-LABEL: func.func @layer
//   CHECK-NOT: tosa
//       CHECK: linalg.batch_matmul
//       CHECK: linalg.generic
//   CHECK-NOT: tosa
func.func @layer(%x: tensor<1x8x16xf32>, %w: tensor<1x16x32xf32>) -> tensor<1x8x32xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.matmul %x, %w, %zp, %zp : (tensor<1x8x16xf32>, tensor<1x16x32xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x32xf32>
  %1 = tosa.sigmoid %0 : (tensor<1x8x32xf32>) -> tensor<1x8x32xf32>
  return %1 : tensor<1x8x32xf32>
}
