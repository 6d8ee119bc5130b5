// Ops of older programs: the error says what they are now.
// RUN: memwall-opt %s --split-input-file --verify-diagnostics
// RUN: not memwall-run %s --entry=f 2>&1 | FileCheck %s
// CHECK: custom op 'tensor.pack' is linalg.pack since LLVM 22 or before

func.func @f(%a: tensor<8x8xf32>, %b: tensor<2x2x4x4xf32>) -> tensor<2x2x4x4xf32> {
  // expected-error @+1 {{custom op 'tensor.pack' is linalg.pack since LLVM 22 or before}}
  %0 = tensor.pack %a inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %b : tensor<8x8xf32> -> tensor<2x2x4x4xf32>
  return %0 : tensor<2x2x4x4xf32>
}

// -----

func.func @f(%a: tensor<8x4xf32>, %b: tensor<8x4xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{custom op 'linalg.matmul_transpose_b' is linalg.matmul with indexing_maps since LLVM 22 or before}}
  %0 = linalg.matmul_transpose_b ins(%a, %b : tensor<8x4xf32>, tensor<8x4xf32>) outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @f(%a: tensor<8xf32>) -> memref<8xf32> {
  // expected-error @+1 {{'bufferization.to_memref' op is bufferization.to_buffer since LLVM 22 or before}}
  %0 = "bufferization.to_memref"(%a) : (tensor<8xf32>) -> memref<8xf32>
  return %0 : memref<8xf32>
}
