// RUN: memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s

// Bufferization copies %o, which the loop's results also start from, before
// unpack overwrites all of the copy. Nobody needs what was copied: the floor is
// 4 * 64 * 64 bytes of %p and as many of the result. The copy does move bytes,
// all of %o as well as what unpack and the insertion read.
// CHECK-LABEL: @unpack
// CHECK: floor 16.4 kB read + 16.4 kB written
// CHECK: scheduled          ddr5 65.5 kB read + 16.4 kB written
func.func @unpack(%p: tensor<2x2x32x32xi32>, %o: tensor<64x64xi32>)
    -> tensor<64x64xi32> {
  %r = scf.forall (%i, %j) = (0, 0) to (64, 64) step (64, 64)
      shared_outs(%s = %o) -> tensor<64x64xi32> {
    %u = linalg.unpack %p inner_dims_pos = [0, 1] inner_tiles = [32, 32] into %o
        : tensor<2x2x32x32xi32> -> tensor<64x64xi32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %u into %s[%i, %j] [64, 64] [1, 1]
          : tensor<64x64xi32> into tensor<64x64xi32>
    }
  }
  return %r : tensor<64x64xi32>
}
