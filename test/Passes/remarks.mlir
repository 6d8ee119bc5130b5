// RUN: memwall-opt %s --memwall-report="targets=h100-sxm" --remarks-filter=memwall -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=remark:
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm" -o /dev/null 2>&1 | FileCheck %s --check-prefix=QUIET

// QUIET-NOT: remark:

// Nothing is beside it to fuse it with: there is nothing to say.
func.func @alone(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = math.exp %x : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// 64 MiB each, more than the L2 holds: the values between the two are written
// once and read once. One FLOP per 8 bytes at a ridge of 20: 160 times.
// CHECK: remarks.mlir:[[#@LINE+5]]:8: remark: [Missed] memory-bound | Category:memwall | Function=pair |
// CHECK-SAME: math.exp 4096x4096: hbm3 of h100-sxm moves 134 MB, no more than its minimum, which takes 160 times as long as the arithmetic; fuse it with math.sin, 67.1 MB go between the two
// CHECK: remarks.mlir:[[#@LINE+4]]:8: remark: [Missed] memory-bound
// CHECK-SAME: math.sin 4096x4096: {{.*}}; fuse it with math.exp, 67.1 MB go between the two
func.func @pair(%x: tensor<4096x4096xf32>) -> tensor<4096x4096xf32> {
  %0 = math.exp %x : tensor<4096x4096xf32>
  %1 = math.sin %0 : tensor<4096x4096xf32>
  return %1 : tensor<4096x4096xf32>
}

// A transposed weight need not be made. The fill gets no advice, the product
// reads %w transposed 128 times: 67 MB do not stay in 52 MB.
// CHECK: remarks.mlir:[[#@LINE+6]]:8: remark: [Missed] memory-bound | Category:memwall | Function=transposed |
// CHECK-SAME: linalg.transpose 4096x4096: hbm3 of h100-sxm moves 134 MB, no more than its minimum, and computes nothing; fold it into the indexing map of its only consumer linalg.matmul
// CHECK: remarks.mlir:[[#@LINE+8]]:8: remark: [Missed] memory-bound
// CHECK-SAME: linalg.matmul 128x4096x4096: hbm3 of h100-sxm moves {{.*}} GB, {{.*}} times its minimum of {{.*}} MB; result of transpose 4096x4096 at {{.*}}remarks.mlir:32:8 is fetched 128 times; tile it (memwall-optimize)
func.func @transposed(%x: tensor<128x4096xf32>, %w: tensor<4096x4096xf32>) -> tensor<128x4096xf32> {
  %e = tensor.empty() : tensor<4096x4096xf32>
  %t = linalg.transpose ins(%w : tensor<4096x4096xf32>) outs(%e : tensor<4096x4096xf32>) permutation = [1, 0]
  %zero = arith.constant 0.0 : f32
  %o = tensor.empty() : tensor<128x4096xf32>
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<128x4096xf32>) -> tensor<128x4096xf32>
  %0 = linalg.matmul ins(%x, %t : tensor<128x4096xf32>, tensor<4096x4096xf32>)
                     outs(%f : tensor<128x4096xf32>) -> tensor<128x4096xf32>
  return %0 : tensor<128x4096xf32>
}
