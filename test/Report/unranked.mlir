// Arguments without a rank are counted as far as their views reach.
// RUN: memwall-opt %s --memwall-report="target=ddr5-2ch strict=true" | FileCheck %s

// 1024 numbers of each, wherever they are.
// CHECK-LABEL: @fixed
// CHECK: minimum of the program 4.10 kB read + 4.10 kB written
func.func @fixed(%p: memref<*xf32>, %q: memref<*xf32>, %i: i32) {
  %o = arith.index_cast %i : i32 to index
  %v = memref.reinterpret_cast %p to offset: [%o], sizes: [1024], strides: [1] : memref<*xf32> to memref<1024xf32, strided<[1], offset: ?>>
  %w = memref.reinterpret_cast %q to offset: [%o], sizes: [1024], strides: [1] : memref<*xf32> to memref<1024xf32, strided<[1], offset: ?>>
  %b = memref.alloc() : memref<1024xf32>
  memref.copy %v, %b : memref<1024xf32, strided<[1], offset: ?>> to memref<1024xf32>
  %t = bufferization.to_tensor %b restrict writable : memref<1024xf32> to tensor<1024xf32>
  %y = linalg.exp ins(%t : tensor<1024xf32>) outs(%t : tensor<1024xf32>) -> tensor<1024xf32>
  bufferization.materialize_in_destination %y in writable %w : (tensor<1024xf32>, memref<1024xf32, strided<[1], offset: ?>>) -> ()
  return
}

// Views of one argument at known places share its storage: 32 numbers from 0,
// and 32 from 16, are 48.
// CHECK-LABEL: @overlap
// CHECK: minimum of the program 192 B read + 128 B written
func.func @overlap(%p: memref<*xf32>, %q: memref<32xf32>) {
  %a = memref.reinterpret_cast %p to offset: [0], sizes: [32], strides: [1] : memref<*xf32> to memref<32xf32>
  %b = memref.reinterpret_cast %p to offset: [16], sizes: [32], strides: [1] : memref<*xf32> to memref<32xf32, strided<[1], offset: 16>>
  linalg.add ins(%a, %b : memref<32xf32>, memref<32xf32, strided<[1], offset: 16>>) outs(%q : memref<32xf32>)
  return
}

// A loop walks the argument: 4 x 16 numbers, 32 apart.
// CHECK-LABEL: @walk
// CHECK: minimum of the program 256 B read + 64 B written
func.func @walk(%p: memref<*xf32>, %q: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  scf.for %i = %c0 to %c128 step %c32 {
    %a = memref.reinterpret_cast %p to offset: [%i], sizes: [16], strides: [1] : memref<*xf32> to memref<16xf32, strided<[1], offset: ?>>
    memref.copy %a, %q : memref<16xf32, strided<[1], offset: ?>> to memref<16xf32>
  }
  return
}

// Casts say the whole shape.
// CHECK-LABEL: @casts
// CHECK: minimum of the program 640 B read + 640 B written
func.func @casts(%p: memref<*xf32>, %q: memref<*xf32>, %t: tensor<*xf32>) -> tensor<96xf32> {
  %a = memref.cast %p : memref<*xf32> to memref<64xf32>
  %b = memref.cast %q : memref<*xf32> to memref<64xf32>
  memref.copy %a, %b : memref<64xf32> to memref<64xf32>
  %x = tensor.cast %t : tensor<*xf32> to tensor<96xf32>
  %e = tensor.empty() : tensor<96xf32>
  %y = linalg.exp ins(%x : tensor<96xf32>) outs(%e : tensor<96xf32>) -> tensor<96xf32>
  return %y : tensor<96xf32>
}
