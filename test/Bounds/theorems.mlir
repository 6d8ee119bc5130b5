// RUN: memwall-opt %s --memwall-report="targets=one-cache target-file=%S/Inputs/one-cache.mlir format=csv" | FileCheck %s

// Which theorem bounds which op, behind 4096 bytes of cache.

// Decode: one row against the weights moves each once: 4 (512^2 + 3 * 512).
// CHECK: decode,0,linalg.matmul,{{.*}},dram,{{[0-9]+,[0-9]+}},1054720,compulsory,
func.func @decode(%x: tensor<1x512xf32>, %w: tensor<512x512xf32>,
                  %init: tensor<1x512xf32>) -> tensor<1x512xf32> {
  %y = linalg.matmul ins(%x, %w : tensor<1x512xf32>, tensor<512x512xf32>)
      outs(%init : tensor<1x512xf32>) -> tensor<1x512xf32>
  return %y : tensor<1x512xf32>
}

// i4 weights weigh half a byte: 2 mnk sqrt(4 * 0.5 * 4 / 4108.5), and 4 mn for
// an init that is loaded (4108.5: the cache and the words of one iteration).
// CHECK: narrow,0,linalg.generic,{{.*}},dram,{{[0-9]+,[0-9]+}},805863,contraction,
func.func @narrow(%x: tensor<128x512xf32>, %w: tensor<512x128xi4>,
                  %init: tensor<128x128xf32>) -> tensor<128x128xf32> {
  %y = linalg.generic {
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                       affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<128x512xf32>, tensor<512x128xi4>)
      outs(%init : tensor<128x128xf32>) {
  ^bb0(%a: f32, %b: i4, %c: f32):
    %f = arith.sitofp %b : i4 to f32
    %p = arith.mulf %a, %f : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x128xf32>
  return %y : tensor<128x128xf32>
}

// 2 * 28 * 28 * 64 * 9 * 64 * sqrt(64 / (4112 * 9)): a filter of 3 x 3 allows
// for reuse that a matmul has not.
// CHECK: conv,1,linalg.conv_2d_nhwc_hwcf,{{.*}},dram,{{[0-9]+,[0-9]+}},2403758,convolution,
func.func @conv(%x: tensor<1x30x30x64xf32>, %f: tensor<3x3x64x64xf32>)
    -> tensor<1x28x28x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x28x28x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x28x28x64xf32>)
      -> tensor<1x28x28x64xf32>
  %y = linalg.conv_2d_nhwc_hwcf
      ins(%x, %f : tensor<1x30x30x64xf32>, tensor<3x3x64x64xf32>)
      outs(%init : tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32>
  return %y : tensor<1x28x28x64xf32>
}

// Rows of 2048 bytes fit. Rows of 16384 are read again but for the cache and
// 14 words in flight: 16 (2 * 16384 + 16384 - 4096 - 56).
// CHECK: short_rows,0,linalg.softmax,{{.*}},32768,32768,one-cache,dram,{{[0-9]+,[0-9]+}},65536,compulsory,
func.func @short_rows(%x: tensor<16x512xf32>) -> tensor<16x512xf32> {
  %empty = tensor.empty() : tensor<16x512xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<16x512xf32>)
      outs(%empty : tensor<16x512xf32>) -> tensor<16x512xf32>
  return %y : tensor<16x512xf32>
}
// CHECK: long_rows,0,linalg.softmax,{{.*}},262144,262144,one-cache,dram,{{[0-9]+,[0-9]+}},720000,rows,
func.func @long_rows(%x: tensor<16x4096xf32>) -> tensor<16x4096xf32> {
  %empty = tensor.empty() : tensor<16x4096xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<16x4096xf32>)
      outs(%empty : tensor<16x4096xf32>) -> tensor<16x4096xf32>
  return %y : tensor<16x4096xf32>
}

// CHECK: add,0,linalg.add,{{.*}},8000,4000,one-cache,dram,{{[0-9]+,[0-9]+}},12000,compulsory,
func.func @add(%x: tensor<1000xf32>, %y: tensor<1000xf32>) -> tensor<1000xf32> {
  %empty = tensor.empty() : tensor<1000xf32>
  %z = linalg.add ins(%x, %y : tensor<1000xf32>, tensor<1000xf32>)
      outs(%empty : tensor<1000xf32>) -> tensor<1000xf32>
  return %z : tensor<1000xf32>
}
