// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// Row 2*oh + 3*kh of the input: stride 2, dilation 3; 9 = 2*2 + 3*1 + 2.
// CHECK-LABEL: linalg.conv_2d_nhwc_hwcf convolution f32
// CHECK-NEXT: (1, 3, 3, 5, r2, r2, r3) flops=2: load 0[d0, 2*d1 + 3*d4, 2*d2 + 3*d5, d6] load 1[d4, d5, d6, d3] load 2[d0, d1, d2, d3] store out[d0, d1, d2, d3]
func.func @strided(%i: tensor<1x9x9x3xf32>, %k: tensor<2x2x3x5xf32>, %o: tensor<1x3x3x5xf32>) -> tensor<1x3x3x5xf32> {
  %0 = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>, dilations = dense<3> : tensor<2xi64>}
      ins(%i, %k : tensor<1x9x9x3xf32>, tensor<2x2x3x5xf32>) outs(%o : tensor<1x3x3x5xf32>) -> tensor<1x3x3x5xf32>
  return %0 : tensor<1x3x3x5xf32>
}

// -----

// CHECK-LABEL: linalg.conv_2d_nchw_fchw convolution f16
// CHECK-NEXT: (1, 5, 7, 7, r3, r3, r3) flops=2: load 0[d0, d4, d2 + d5, d3 + d6] load 1[d1, d4, d5, d6] load 2[d0, d1, d2, d3] store out[d0, d1, d2, d3]
func.func @nchw(%i: tensor<1x3x9x9xf16>, %k: tensor<5x3x3x3xf16>, %o: tensor<1x5x7x7xf16>) -> tensor<1x5x7x7xf16> {
  %0 = linalg.conv_2d_nchw_fchw ins(%i, %k : tensor<1x3x9x9xf16>, tensor<5x3x3x3xf16>) outs(%o : tensor<1x5x7x7xf16>) -> tensor<1x5x7x7xf16>
  return %0 : tensor<1x5x7x7xf16>
}

// -----

// One filter per channel.
// CHECK-LABEL: linalg.depthwise_conv_2d_nhwc_hwc convolution f32
// CHECK-NEXT: (1, 7, 7, 4, r3, r3) flops=2: load 0[d0, d1 + d4, d2 + d5, d3] load 1[d4, d5, d3] load 2[d0, d1, d2, d3] store out[d0, d1, d2, d3]
// CHECK-LABEL: linalg.conv_1d convolution f32
// CHECK-NEXT: (6, r3) flops=2: load 0[d0 + d1] load 1[d1] load 2[d0] store out[d0]
func.func @depthwise(%i: tensor<1x9x9x4xf32>, %k: tensor<3x3x4xf32>, %o: tensor<1x7x7x4xf32>, %l: tensor<8xf32>, %f: tensor<3xf32>, %r: tensor<6xf32>) -> (tensor<1x7x7x4xf32>, tensor<6xf32>) {
  %0 = linalg.depthwise_conv_2d_nhwc_hwc ins(%i, %k : tensor<1x9x9x4xf32>, tensor<3x3x4xf32>) outs(%o : tensor<1x7x7x4xf32>) -> tensor<1x7x7x4xf32>
  %1 = linalg.conv_1d ins(%l, %f : tensor<8xf32>, tensor<3xf32>) outs(%r : tensor<6xf32>) -> tensor<6xf32>
  return %0, %1 : tensor<1x7x7x4xf32>, tensor<6xf32>
}

// -----

// (input - zi) * (filter - zf) + acc.
// CHECK-LABEL: linalg.conv_2d_nhwc_hwcf_q convolution i8
// CHECK-NEXT: (1, 7, 7, 2, r3, r3, r4) int_ops=4: load 0[d0, d1 + d4, d2 + d5, d6] load 1[d4, d5, d6, d3] load 4[d0, d1, d2, d3] store out[d0, d1, d2, d3]
func.func @quantized(%i: tensor<1x9x9x4xi8>, %k: tensor<3x3x4x2xi8>, %zi: i32, %zf: i32, %o: tensor<1x7x7x2xi32>) -> tensor<1x7x7x2xi32> {
  %0 = linalg.conv_2d_nhwc_hwcf_q ins(%i, %k, %zi, %zf : tensor<1x9x9x4xi8>, tensor<3x3x4x2xi8>, i32, i32) outs(%o : tensor<1x7x7x2xi32>) -> tensor<1x7x7x2xi32>
  return %0 : tensor<1x7x7x2xi32>
}

// -----

// The window gives the size of a pooling and is never read.
// CHECK-LABEL: linalg.pooling_nhwc_max reduction f32
// CHECK-NEXT: (1, 4, 4, 3, r2, r2) flops=1: load 0[d0, 2*d1 + d4, 2*d2 + d5, d3] load 2[d0, d1, d2, d3] store out[d0, d1, d2, d3]
// CHECK-LABEL: linalg.pooling_nhwc_sum reduction f32
// CHECK-NEXT: (1, 7, 7, 3, r2, r2) flops=1: load 0[d0, d1 + d4, d2 + d5, d3] load 2[d0, d1, d2, d3] store out[d0, d1, d2, d3]
func.func @pooling(%i: tensor<1x8x8x3xf32>, %w: tensor<2x2xf32>, %o: tensor<1x4x4x3xf32>, %p: tensor<1x7x7x3xf32>) -> (tensor<1x4x4x3xf32>, tensor<1x7x7x3xf32>) {
  %0 = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>} ins(%i, %w : tensor<1x8x8x3xf32>, tensor<2x2xf32>) outs(%o : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %1 = linalg.pooling_nhwc_sum ins(%i, %w : tensor<1x8x8x3xf32>, tensor<2x2xf32>) outs(%p : tensor<1x7x7x3xf32>) -> tensor<1x7x7x3xf32>
  return %0, %1 : tensor<1x4x4x3xf32>, tensor<1x7x7x3xf32>
}

// -----

// CHECK-LABEL: linalg.winograd_filter_transform unmodelled
func.func @winograd(%f: tensor<2x3x3x5xf32>, %o: tensor<6x6x5x2xf32>) -> tensor<6x6x5x2xf32> {
  %0 = linalg.winograd_filter_transform fmr(F_4_3) ins(%f : tensor<2x3x3x5xf32>) outs(%o : tensor<6x6x5x2xf32>) -> tensor<6x6x5x2xf32>
  return %0 : tensor<6x6x5x2xf32>
}
