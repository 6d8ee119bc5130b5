// RUN: memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s

// Bufferization copies %o, which the loop's results also start from, before
// unpack overwrites all of the copy. Nobody needs what was copied: the floor is
// 4 * 64 * 64 bytes of %p and as many of the result. The copy does move bytes,
// all of %o as well as what unpack and the insertion read.
// CHECK-LABEL: @unpack
// CHECK: as the program stands 65.5 kB read + 16.4 kB written
// CHECK: minimum of the program 16.4 kB read + 16.4 kB written
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

// The sum is built in %v, which is the caller's: it goes back even though only
// its copy in %o is returned. 256 bytes of %v and of %w are read, 256 of %v and
// 256 of %o are written.
// CHECK-LABEL: @argument
// CHECK: as the program stands {{.*}} + 576 B written
// CHECK: minimum of the program 512 B read + 512 B written
func.func @argument(%o: tensor<256xf32>, %v: tensor<64xf32>,
                    %w: tensor<64xf32>, %at: index) -> tensor<256xf32> {
  %a = linalg.add ins(%v, %w : tensor<64xf32>, tensor<64xf32>)
      outs(%v : tensor<64xf32>) -> tensor<64xf32>
  %r = tensor.insert_slice %a into %o[%at] [64] [1]
      : tensor<64xf32> into tensor<256xf32>
  return %r : tensor<256xf32>
}
