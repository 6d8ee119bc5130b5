// A pack with padding is one loop nest: it reads every element of the plain
// tensor once and writes the packed one, without a padded copy in between. In
// a cache that holds both, DRAM sees 50 x 70 x 4 bytes, rounded up to lines of
// 64, in each direction: read for the plain tensor and, to own the lines, the
// 4 x 5 x 16 x 16 x 4 bytes of the packed one; written for the packed one.
// REQUIRES: memwall-run
// RUN: memwall-run %s --simulate=ddr5-2ch | FileCheck %s
// CHECK: ddr5 | {{ *}}34496{{ *}}34496{{ *}}0.0% | {{ *}}20480{{ *}}20480{{ *}}0.0%
func.func @f(%a: tensor<50x70xf32>) -> tensor<4x5x16x16xf32> {
  %pad = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x5x16x16xf32>
  %p = linalg.pack %a padding_value(%pad : f32) inner_dims_pos = [0, 1] inner_tiles = [16, 16]
    into %e : tensor<50x70xf32> -> tensor<4x5x16x16xf32>
  return %p : tensor<4x5x16x16xf32>
}
