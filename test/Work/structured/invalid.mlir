// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// What a description would have to guess: no description, no crash.

// How many elements of a sparse tensor move is not in its type.
// CHECK-LABEL: linalg.matmul unmodelled
#csr = #sparse_tensor.encoding<{ map = (i, j) -> (i : dense, j : compressed) }>
func.func @sparse(%a: tensor<4x16xf32, #csr>, %b: tensor<16x8xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x16xf32, #csr>, tensor<16x8xf32>) outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// An op in the body that no rule counts.
// CHECK-LABEL: linalg.generic unmodelled
func.func private @f(f32) -> f32
func.func @call(%o: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<4xf32>) {
  ^bb0(%x: f32):
    %y = func.call @f(%x) : (f32) -> f32
    linalg.yield %y : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A store from inside of a body, and a branch.
// CHECK-LABEL: linalg.generic unmodelled
// CHECK-LABEL: linalg.generic unmodelled
func.func @effects(%m: memref<4xf32>, %o: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : memref<4xf32>) {
  ^bb0(%x: f32):
    %i = linalg.index 0 : index
    memref.store %x, %m[%i] : memref<4xf32>
    linalg.yield %x : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : memref<4xf32>) {
  ^bb0(%x: f32):
    %i = linalg.index 0 : index
    %zero = arith.constant 0 : index
    %first = arith.cmpi eq, %i, %zero : index
    %y = scf.if %first -> f32 {
      %z = memref.load %m[%i] : memref<4xf32>
      scf.yield %z : f32
    } else {
      scf.yield %x : f32
    }
    linalg.yield %y : f32
  }
  return
}

// -----

// Unranked and opaque things are silently not described: they have no nest.
// CHECK-NOT: arith.addf
// CHECK-NOT: memref.copy
func.func @unranked(%a: tensor<*xf32>, %m: memref<*xf32>) -> tensor<*xf32> {
  %0 = arith.addf %a, %a : tensor<*xf32>
  memref.copy %m, %m : memref<*xf32> to memref<*xf32>
  return %0 : tensor<*xf32>
}
