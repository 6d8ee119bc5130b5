// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// What of a body counts: what the yield depends on.

// The multiplication is dead, so is the input that only it uses.
// CHECK-LABEL: linalg.generic elementwise f32
// CHECK-NEXT: (4) flops=1: load 0[d0] store out[d0]
#id = affine_map<(i) -> (i)>
func.func @dead(%a: tensor<4xf32>, %b: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %dead = arith.mulf %y, %y : f32
    %s = arith.negf %x : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Work outside of the body was done before the op: 1, not 2.
// CHECK-LABEL: linalg.generic elementwise f32
// CHECK-NEXT: (4) flops=1: load 0[d0] store out[d0]
#id = affine_map<(i) -> (i)>
func.func @captured(%a: tensor<4xf32>, %x: f32, %o: tensor<4xf32>) -> tensor<4xf32> {
  %twice = arith.addf %x, %x : f32
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%e: f32, %z: f32):
    %s = arith.mulf %e, %twice : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// SiLU times up: negate 1, exp 1, add 1, divide 1, multiply 1.
// CHECK-LABEL: linalg.generic elementwise bf16
// CHECK-NEXT: (4) flops=5 transcendentals=1: load 0[d0] load 1[d0] store out[d0]
#id = affine_map<(i) -> (i)>
func.func @silu(%g: tensor<4xbf16>, %u: tensor<4xbf16>, %o: tensor<4xbf16>) -> tensor<4xbf16> {
  %one = arith.constant 1.0 : f32
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%g, %u : tensor<4xbf16>, tensor<4xbf16>) outs(%o : tensor<4xbf16>) {
  ^bb0(%x: bf16, %y: bf16, %z: bf16):
    %xf = arith.extf %x : bf16 to f32
    %n = arith.negf %xf : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %s = arith.divf %xf, %d : f32
    %yf = arith.extf %y : bf16 to f32
    %p = arith.mulf %s, %yf : f32
    %r = arith.truncf %p : f32 to bf16
    linalg.yield %r : bf16
  } -> tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// -----

// i64 arithmetic on data counts, the same arithmetic for an address does not.
// CHECK-LABEL: linalg.generic gather i64
// CHECK-NEXT: (4) int_ops=1: load 0[d0] load captured[gather(d0)] store out[d0]
#id = affine_map<(i) -> (i)>
func.func @address(%i: tensor<4xi64>, %t: tensor<9xi64>, %o: tensor<4xi64>) -> tensor<4xi64> {
  %c1 = arith.constant 1 : i64
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%i : tensor<4xi64>) outs(%o : tensor<4xi64>) {
  ^bb0(%x: i64, %z: i64):
    %next = arith.addi %x, %c1 : i64
    %position = arith.index_cast %next : i64 to index
    %e = tensor.extract %t[%position] : tensor<9xi64>
    %s = arith.muli %e, %c1 : i64
    linalg.yield %s : i64
  } -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// -----

// Complex: multiply 6, add 2; a contraction of 8 flops per point.
// CHECK-LABEL: linalg.matmul contraction complex<f32>
// CHECK-NEXT: (4, 8, r16) flops=8:
// CHECK-LABEL: linalg.generic elementwise complex<f32>
// CHECK-NEXT: (4) flops=15 transcendentals=1:
#id = affine_map<(i) -> (i)>
func.func @complex(%a: tensor<4x16xcomplex<f32>>, %b: tensor<16x8xcomplex<f32>>, %c: tensor<4x8xcomplex<f32>>, %x: tensor<4xcomplex<f32>>) -> (tensor<4x8xcomplex<f32>>, tensor<4xcomplex<f32>>) {
  %0 = linalg.matmul ins(%a, %b : tensor<4x16xcomplex<f32>>, tensor<16x8xcomplex<f32>>) outs(%c : tensor<4x8xcomplex<f32>>) -> tensor<4x8xcomplex<f32>>
  // Divide 11, negate 2, conjugate 1, exp 1.
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xcomplex<f32>>) outs(%x : tensor<4xcomplex<f32>>) {
  ^bb0(%e: complex<f32>, %z: complex<f32>):
    %n = complex.neg %e : complex<f32>
    %k = complex.conj %n : complex<f32>
    %q = complex.exp %k : complex<f32>
    %d = complex.div %e, %q : complex<f32>
    linalg.yield %d : complex<f32>
  } -> tensor<4xcomplex<f32>>
  return %0, %1 : tensor<4x8xcomplex<f32>>, tensor<4xcomplex<f32>>
}
