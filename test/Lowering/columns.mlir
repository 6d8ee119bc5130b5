// Columns are read a few rows at a time, so that rows are not each in another page: sums in blocks of 16 rows, transposes in strips of
// 256 of the operand that is read across its rows. What is short, or has no whole strips, is not cut.
// RUN: memwall-opt %s --memwall-vectorize="vector-bits=512 vector-registers=32" | FileCheck %s

// CHECK-LABEL: @sums
// CHECK: transfer_write
// CHECK: scf.for %{{.*}} = %c0 to %c40 step %c16
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %[[LANES:c16]]
// CHECK: transfer_read {{.*}} tensor<64xf32>, vector<16xf32>
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1
// CHECK: transfer_read {{.*}} vector<1x16xf32>
func.func @sums(%a: tensor<40x64xf32>) -> tensor<64xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %s = linalg.fill ins(%z : f32) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}
      ins(%a : tensor<40x64xf32>) outs(%s : tensor<64xf32>) {
  ^bb0(%x: f32, %o: f32):
    %t = arith.addf %o, %x : f32
    linalg.yield %t : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// CHECK-LABEL: @strips
// CHECK: scf.for %{{.*}} = %c0 to %c512 step %c256
// CHECK: scf.for %{{.*}} = %c0 to %c1024 step %c16
// CHECK: scf.for %{{.*}} = %c0 to %c256 step %c16
// CHECK: transfer_read {{.*}} vector<16x16xf32>
func.func @strips(%a: tensor<512x1024xf32>) -> tensor<1024x512xf32> {
  %e = tensor.empty() : tensor<1024x512xf32>
  %r = linalg.transpose ins(%a : tensor<512x1024xf32>) outs(%e : tensor<1024x512xf32>) permutation = [1, 0]
  return %r : tensor<1024x512xf32>
}

// CHECK-LABEL: @no_strips
// CHECK-NOT: step %c256
// CHECK: transfer_read {{.*}} vector<16x16xf32>
func.func @no_strips(%a: tensor<528x64xf32>) -> tensor<64x528xf32> {
  %e = tensor.empty() : tensor<64x528xf32>
  %r = linalg.transpose ins(%a : tensor<528x64xf32>) outs(%e : tensor<64x528xf32>) permutation = [1, 0]
  return %r : tensor<64x528xf32>
}
