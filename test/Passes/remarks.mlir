// RUN: memwall-opt %s --memwall-report="targets=h100-sxm" --remarks-filter=memwall -o /dev/null 2>&1 | FileCheck %s
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm" -o /dev/null 2>&1 | FileCheck %s --check-prefix=QUIET

// QUIET-NOT: remark
// One FLOP per 8 bytes at a ridge of 20: 160 times.
// CHECK: remarks.mlir:[[#@LINE+3]]:8: remark: [Missed] memory-bound | Category:memwall | Function=main |
// CHECK-SAME: math.exp 64x64 is memory-bound on h100-sxm: hbm3 takes 160 times as long as the arithmetic at the bound, 32.8 kB as scheduled; it moves no more than its bound: fuse it with the operations beside it
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = math.exp %x : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
