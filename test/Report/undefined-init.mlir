// Accumulating onto what nothing has written is warned of, and returning it.
// RUN: memwall-opt %s --memwall-report=target=ddr5-2ch 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN --implicit-check-not=warning < %t.err
// RUN: not memwall-opt %s --memwall-optimize="target=ddr5-2ch strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT

// RUN: memwall-opt %s --memwall-report="target=ddr5-2ch format=csv" 2>/dev/null | FileCheck %s --check-prefix=CSV
// RUN: memwall-opt %s --memwall-report="target=ddr5-2ch format=md" 2>/dev/null | FileCheck %s --check-prefix=MD
// RUN: memwall-opt %s --memwall-report="target=ddr5-2ch format=json" 2>/dev/null | FileCheck %s --check-prefix=JSON
// CSV: tensor,,linalg.matmul,{{.*}}undefined-init.mlir:{{[0-9]+}}:8,undefined,
// MD: **Warning**: 1 op uses content that nothing has written
// JSON: "1 op uses content that nothing has written: linalg.matmul

// CHECK-LABEL: @tensor
// CHECK: warning: 1 op uses content that nothing has written: linalg.matmul
// WARN: undefined-init.mlir:[[#@LINE+2]]:0: warning: @tensor: 1 op uses content that nothing has written: linalg.matmul ({{.*}}undefined-init.mlir:[[#@LINE+4]]:8); fill the output first (linalg.fill)
// STRICT: error: @tensor: 1 op uses
func.func @tensor(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %e = tensor.empty() : tensor<64x64xf32>
  %r = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

// CHECK-LABEL: @memref
// CHECK: warning: 1 op uses
// WARN: warning: @memref: 1 op uses
func.func @memref(%a: memref<64x64xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>) {
  %e = memref.alloc() : memref<64x64xf32>
  linalg.matmul ins(%a, %b : memref<64x64xf32>, memref<64x64xf32>) outs(%e : memref<64x64xf32>)
  memref.copy %e, %c : memref<64x64xf32> to memref<64x64xf32>
  return
}

// Carried around a loop, it is undefined in the first iteration.
// CHECK-LABEL: @carried
// CHECK: warning: 1 op uses
// WARN: warning: @carried: 1 op uses
func.func @carried(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %e = tensor.empty() : tensor<64x64xf32>
  %r = scf.for %k = %c0 to %c64 step %c16 iter_args(%t = %e) -> (tensor<64x64xf32>) {
    %x = tensor.extract_slice %a[0, %k] [64, 16] [1, 1] : tensor<64x64xf32> to tensor<64x16xf32>
    %y = tensor.extract_slice %b[%k, 0] [16, 64] [1, 1] : tensor<64x64xf32> to tensor<16x64xf32>
    %0 = linalg.matmul ins(%x, %y : tensor<64x16xf32>, tensor<16x64xf32>) outs(%t : tensor<64x64xf32>) -> tensor<64x64xf32>
    scf.yield %0 : tensor<64x64xf32>
  }
  return %r : tensor<64x64xf32>
}

// Filled, overwritten, given, or filled part by part: nothing to say.
// CHECK-LABEL: @defined
// CHECK-NOT: warning
func.func @defined(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>, %m: memref<64x64xf32>, %n: memref<64x64xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %e = tensor.empty() : tensor<64x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>) outs(%f : tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = linalg.exp ins(%0 : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %2 = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>) outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  %3 = scf.for %i = %c0 to %c64 step %c16 iter_args(%t = %e) -> (tensor<64x64xf32>) {
    %x = tensor.extract_slice %a[%i, 0] [16, 64] [1, 1] : tensor<64x64xf32> to tensor<16x64xf32>
    %s = tensor.extract_slice %t[%i, 0] [16, 64] [1, 1] : tensor<64x64xf32> to tensor<16x64xf32>
    %g = linalg.fill ins(%z : f32) outs(%s : tensor<16x64xf32>) -> tensor<16x64xf32>
    %y = linalg.matmul ins(%x, %b : tensor<16x64xf32>, tensor<64x64xf32>) outs(%g : tensor<16x64xf32>) -> tensor<16x64xf32>
    %u = tensor.insert_slice %y into %t[%i, 0] [16, 64] [1, 1] : tensor<16x64xf32> into tensor<64x64xf32>
    scf.yield %u : tensor<64x64xf32>
  }
  %h = memref.alloc() : memref<64x64xf32>
  linalg.fill ins(%z : f32) outs(%h : memref<64x64xf32>)
  linalg.matmul ins(%m, %n : memref<64x64xf32>, memref<64x64xf32>) outs(%h : memref<64x64xf32>)
  memref.copy %h, %m : memref<64x64xf32> to memref<64x64xf32>
  return %0, %1, %2, %3 : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
}

// CHECK-LABEL: @returned
// CHECK: warning: 1 op uses content that nothing has written: func.return
// WARN: warning: @returned: 1 op uses content that nothing has written: func.return
func.func @returned(%a: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %0 = tensor.empty() : tensor<8xf32>
  %1 = linalg.exp ins(%a : tensor<8xf32>) outs(%0 : tensor<8xf32>) -> tensor<8xf32>
  return %1, %e : tensor<8xf32>, tensor<8xf32>
}
