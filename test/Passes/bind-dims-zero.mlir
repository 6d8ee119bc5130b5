// Sizes may be 0: nothing moves. 3 rows are padded to 4 of 16 elements, which are
// read again with a 16x8 matrix: 2 * 4 * 8 * 16 flops.
// RUN: memwall-opt %s --memwall-annotate="target=ddr5-2ch dims=0" | FileCheck %s --check-prefix=ZERO
// RUN: memwall-opt %s --memwall-annotate="target=ddr5-2ch dims=3" | FileCheck %s --check-prefix=THREE
// ZERO: memwall.floor = {read = 0 : i64, written = 0 : i64}, memwall.flops = 0 : i64
// ZERO-SAME: memwall.scheduled = {ddr5 = {read = 0 : i64, written = 0 : i64}
// THREE: memwall.floor = {read = 704 : i64, written = 128 : i64}, memwall.flops = 1024 : i64
func.func @p(%x: tensor<?x16xf32>, %w: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %up = affine.apply affine_map<()[s0] -> ((s0 ceildiv 4) * 4 - s0)>()[%n]
  %m = affine.apply affine_map<()[s0] -> ((s0 ceildiv 4) * 4)>()[%n]
  %p = tensor.pad %x low[0, 0] high[%up, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : f32
  } : tensor<?x16xf32> to tensor<?x16xf32>
  %e = tensor.empty(%m) : tensor<?x8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul ins(%p, %w : tensor<?x16xf32>, tensor<16x8xf32>) outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
