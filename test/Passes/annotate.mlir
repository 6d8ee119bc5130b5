// RUN: memwall-opt %s --memwall-annotate="target=ddr5-2ch" | FileCheck %s
// RUN: memwall-opt %s --memwall-annotate="target=h100-sxm" --memwall-annotate="target=ddr5-2ch" | FileCheck %s

// 64x64 f32 are 16384 bytes. Nothing leaves the caches in between, so DDR
// serves what exp reads and what sqrt writes.
// CHECK-LABEL: func.func @main
//  CHECK-SAME: memwall.bound = {ddr5 = 65536 : i64, l1 = 65536 : i64
//  CHECK-SAME: memwall.floor = {read = 16384 : i64, written = 16384 : i64}
//  CHECK-SAME: memwall.flops = 8192 : i64
//  CHECK-SAME: memwall.resident_bytes =
//  CHECK-SAME: memwall.scheduled = {ddr5 =
//   CHECK-NOT: hbm3
//       CHECK: math.exp %{{.*}} {memwall.bound = {ddr5 = 32768 : i64
//  CHECK-SAME: memwall.compulsory = {read = 16384 : i64, written = 16384 : i64}
//  CHECK-SAME: memwall.flops = 4096 : i64
//  CHECK-SAME: memwall.scheduled = {ddr5 = {read = {{[0-9]+}} : i64, written =
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = math.exp %x : tensor<64x64xf32>
  %1 = call @callee(%0) : (tensor<64x64xf32>) -> tensor<64x64xf32>
  return %1 : tensor<64x64xf32>
}
// A function that is called has no figures of its own; its ops have the sums.
// CHECK-LABEL: func.func private @callee
//   CHECK-NOT: memwall.floor
//       CHECK: math.sqrt {{.*}}memwall.flops = 4096 : i64
func.func private @callee(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = math.sqrt %x : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
