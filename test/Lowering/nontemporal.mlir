// Stores past the caches, in vectors that begin at multiples of their size.
// RUN: memwall-opt %s --memwall-lower-to-llvm="vector-bits=512 vector-registers=32" | FileCheck %s
// RUN: %python %S/Inputs/check_equal.py memwall-run %s
// RUN: %python %S/Inputs/check_equal.py memwall-run %s --vector-bits=256
// RUN: %python %S/Inputs/check_equal.py memwall-run %s --threads=2

#all = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>

// CHECK-LABEL: llvm.func @rows
// CHECK: llvm.store {{.*}} {alignment = 64 : i64, nontemporal} : vector<16xf32>, !llvm.ptr
func.func @rows(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %e = tensor.empty() : tensor<32x64xf32>
  %y = linalg.negf {memwall.nontemporal} ins(%x : tensor<32x64xf32>) outs(%e : tensor<32x64xf32>) -> tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}

// Half a line at a time.
// CHECK-LABEL: llvm.func @narrowed
// CHECK: llvm.store {{.*}} {alignment = 32 : i64, nontemporal} : vector<16xbf16>, !llvm.ptr
func.func @narrowed(%x: tensor<32x64xf32>) -> tensor<32x64xbf16> {
  %e = tensor.empty() : tensor<32x64xbf16>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<32x64xf32>) outs(%e : tensor<32x64xbf16>) attrs = {memwall.nontemporal} {
  ^bb0(%a: f32, %b: bf16):
    %t = arith.truncf %a : f32 to bf16
    linalg.yield %t : bf16
  } -> tensor<32x64xbf16>
  return %y : tensor<32x64xbf16>
}

// Rows of tiles that are turned in registers.
// CHECK-LABEL: llvm.func @turned
// CHECK-COUNT-16: llvm.store {{.*}} {alignment = 64 : i64, nontemporal} : vector<16xf32>, !llvm.ptr
func.func @turned(%x: tensor<64x32xf32>) -> tensor<32x64xf32> {
  %e = tensor.empty() : tensor<32x64xf32>
  %y = linalg.generic {indexing_maps = [#turned, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x32xf32>) outs(%e : tensor<32x64xf32>) attrs = {memwall.nontemporal} {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}

// Tiles of columns, as loops of a schedule leave them.
// CHECK-LABEL: llvm.func @tiled
// CHECK: llvm.store {{.*}} {alignment = 64 : i64, nontemporal} : vector<16xf32>, !llvm.ptr
func.func @tiled(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %e = tensor.empty() : tensor<32x64xf32>
  %r = scf.for %j = %c0 to %c64 step %c32 iter_args(%t = %e) -> tensor<32x64xf32> {
    %a = tensor.extract_slice %x[0, %j] [32, 32] [1, 1] : tensor<32x64xf32> to tensor<32x32xf32>
    %b = tensor.extract_slice %t[0, %j] [32, 32] [1, 1] : tensor<32x64xf32> to tensor<32x32xf32>
    %y = linalg.negf {memwall.nontemporal} ins(%a : tensor<32x32xf32>) outs(%b : tensor<32x32xf32>) -> tensor<32x32xf32>
    %i = tensor.insert_slice %y into %t[0, %j] [32, 32] [1, 1] : tensor<32x32xf32> into tensor<32x64xf32>
    scf.yield %i : tensor<32x64xf32>
  }
  return %r : tensor<32x64xf32>
}

// A store that may begin anywhere would be taken apart: rows of 68 bytes, and
// memory of the caller.
// CHECK-LABEL: llvm.func @ragged
// CHECK-NOT: nontemporal
func.func @ragged(%x: tensor<32x17xf32>) -> tensor<32x17xf32> {
  %e = tensor.empty() : tensor<32x17xf32>
  %y = linalg.negf {memwall.nontemporal} ins(%x : tensor<32x17xf32>) outs(%e : tensor<32x17xf32>) -> tensor<32x17xf32>
  return %y : tensor<32x17xf32>
}

// CHECK-LABEL: llvm.func @callers
// CHECK-NOT: nontemporal
func.func @callers(%x: tensor<32x64xf32>, %e: tensor<32x64xf32> {bufferization.writable = true}) -> tensor<32x64xf32> {
  %y = linalg.negf {memwall.nontemporal} ins(%x : tensor<32x64xf32>) outs(%e : tensor<32x64xf32>) -> tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}
