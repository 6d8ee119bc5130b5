// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// out[m, n] += a[m, k] * b[k, n]: 2 flops per point of 4 x 8 x 16, the
// accumulator is read and written in every one of them.
// CHECK-LABEL: linalg.matmul contraction f32
// CHECK-NEXT: (4, 8, r16) flops=2: load 0[d0, d2] load 1[d2, d1] load 2[d0, d1] store out[d0, d1]
func.func @matmul(%a: tensor<4x16xf32>, %b: tensor<16x8xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x16xf32>, tensor<16x8xf32>) outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// A transposed operand is a map, not a name: b[n, k].
// CHECK-LABEL: linalg.matmul contraction bf16
// CHECK-NEXT: (4, 8, r16) flops=2: load 0[d0, d2] load 1[d1, d2] load 2[d0, d1] store out[d0, d1]
func.func @transposed(%a: tensor<4x16xbf16>, %b: tensor<8x16xbf16>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : tensor<4x16xbf16>, tensor<8x16xbf16>) outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// GQA scores as one contraction: K once per group of 4 query heads.
// CHECK-LABEL: linalg.contract contraction f16
// CHECK-NEXT: (2, 4, 10, r64) flops=2: load 0[d0, d1, d3] load 1[d0, d2, d3] load 2[d0, d1, d2] store out[d0, d1, d2]
func.func @gqa(%q: tensor<2x4x64xf16>, %k: tensor<2x10x64xf16>, %s: tensor<2x4x10xf16>) -> tensor<2x4x10xf16> {
  %0 = linalg.contract
      indexing_maps = [affine_map<(g, h, l, d) -> (g, h, d)>, affine_map<(g, h, l, d) -> (g, l, d)>, affine_map<(g, h, l, d) -> (g, h, l)>]
      ins(%q, %k : tensor<2x4x64xf16>, tensor<2x10x64xf16>) outs(%s : tensor<2x4x10xf16>) -> tensor<2x4x10xf16>
  return %0 : tensor<2x4x10xf16>
}

// -----

// The batch is summed over as well: out[m, n] over (b, m, n, k).
// CHECK-LABEL: linalg.batch_reduce_matmul contraction f32
// CHECK-NEXT: (r3, 4, 8, r16) flops=2: load 0[d0, d1, d3] load 1[d0, d3, d2] load 2[d1, d2] store out[d1, d2]
// CHECK-LABEL: linalg.matvec contraction f32
// CHECK-NEXT: (4, r16) flops=2: load 0[d0, d1] load 1[d1] load 2[d0] store out[d0]
// CHECK-LABEL: linalg.dot contraction f32
// CHECK-NEXT: (r16) flops=2: load 0[d0] load 0[d0] load 2[] store out[]
func.func @others(%a: tensor<3x4x16xf32>, %b: tensor<3x16x8xf32>, %c: tensor<4x8xf32>, %m: tensor<4x16xf32>,
                  %v: tensor<16xf32>, %r: tensor<4xf32>, %s: tensor<f32>) -> (tensor<4x8xf32>, tensor<4xf32>, tensor<f32>) {
  %0 = linalg.batch_reduce_matmul ins(%a, %b : tensor<3x4x16xf32>, tensor<3x16x8xf32>) outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = linalg.matvec ins(%m, %v : tensor<4x16xf32>, tensor<16xf32>) outs(%r : tensor<4xf32>) -> tensor<4xf32>
  %2 = linalg.dot ins(%v, %v : tensor<16xf32>, tensor<16xf32>) outs(%s : tensor<f32>) -> tensor<f32>
  return %0, %1, %2 : tensor<4x8xf32>, tensor<4xf32>, tensor<f32>
}

// -----

// Tiles of 16 x 4 (x 1 along k), the second operand transposed.
// CHECK-LABEL: linalg.mmt4d contraction f32
// CHECK-NEXT: (2, 3, r5, 16, 4, r1) flops=2: load 0[d0, d2, d3, d5] load 1[d1, d2, d4, d5] load 2[d0, d1, d3, d4] store out[d0, d1, d3, d4]
func.func @mmt4d(%a: tensor<2x5x16x1xf32>, %b: tensor<3x5x4x1xf32>, %c: tensor<2x3x16x4xf32>) -> tensor<2x3x16x4xf32> {
  %0 = linalg.mmt4d ins(%a, %b : tensor<2x5x16x1xf32>, tensor<3x5x4x1xf32>) outs(%c : tensor<2x3x16x4xf32>) -> tensor<2x3x16x4xf32>
  return %0 : tensor<2x3x16x4xf32>
}

// -----

// (a - za) * (b - zb) + c in i32: two subtractions, one multiply, one add; the
// zero points are scalars and no memory traffic.
// CHECK-LABEL: linalg.quantized_matmul contraction i8
// CHECK-NEXT: (4, 8, r16) int_ops=4: load 0[d0, d2] load 1[d2, d1] load 4[d0, d1] store out[d0, d1]
func.func @quantized(%a: tensor<4x16xi8>, %b: tensor<16x8xi8>, %za: i32, %zb: i32, %c: tensor<4x8xi32>) -> tensor<4x8xi32> {
  %0 = linalg.quantized_matmul ins(%a, %b, %za, %zb : tensor<4x16xi8>, tensor<16x8xi8>, i32, i32) outs(%c : tensor<4x8xi32>) -> tensor<4x8xi32>
  return %0 : tensor<4x8xi32>
}

// -----

// i4 weights, dequantized in the body with a scale per output column: a
// contraction with 3 flops (scale, multiply, add); the scale is no factor of
// the product, the arithmetic is that of the wider factor.
// CHECK-LABEL: linalg.generic contraction f16
// CHECK-NEXT: (1, 8, r16) flops=3: load 0[d0, d2] load 1[d1, d2] load 2[d1] load 3[d0, d1] store out[d0, d1]
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#s = affine_map<(m, n, k) -> (n)>
#o = affine_map<(m, n, k) -> (m, n)>
func.func @dequantized(%x: tensor<1x16xf16>, %w: tensor<8x16xi4>, %s: tensor<8xf16>, %o: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %0 = linalg.generic {indexing_maps = [#x, #w, #s, #o], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w, %s : tensor<1x16xf16>, tensor<8x16xi4>, tensor<8xf16>) outs(%o : tensor<1x8xf32>) {
  ^bb0(%xe: f16, %we: i4, %se: f16, %oe: f32):
    %wf = arith.sitofp %we : i4 to f16
    %ws = arith.mulf %wf, %se : f16
    %p = arith.mulf %xe, %ws : f16
    %pe = arith.extf %p : f16 to f32
    %sum = arith.addf %oe, %pe : f32
    linalg.yield %sum : f32
  } -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

// A fused multiply-add is 2 flops and a contraction; boolean and-or is one of
// two integer operations.
// CHECK-LABEL: linalg.generic contraction f64
// CHECK-NEXT: (4, r16) flops=2:
// CHECK-LABEL: linalg.matmul contraction i1
// CHECK-NEXT: (4, 8, r16) int_ops=2:
func.func @bodies(%a: tensor<4x16xf64>, %b: tensor<16xf64>, %c: tensor<4xf64>, %p: tensor<4x16xi1>, %q: tensor<16x8xi1>, %r: tensor<4x8xi1>) -> (tensor<4xf64>, tensor<4x8xi1>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (k)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a, %b : tensor<4x16xf64>, tensor<16xf64>) outs(%c : tensor<4xf64>) {
  ^bb0(%x: f64, %y: f64, %z: f64):
    %s = math.fma %x, %y, %z : f64
    linalg.yield %s : f64
  } -> tensor<4xf64>
  %1 = linalg.matmul ins(%p, %q : tensor<4x16xi1>, tensor<16x8xi1>) outs(%r : tensor<4x8xi1>) -> tensor<4x8xi1>
  return %0, %1 : tensor<4xf64>, tensor<4x8xi1>
}

// -----

// Sum of squares and variance multiply a value by itself: reductions.
// CHECK-LABEL: linalg.generic reduction f32
// CHECK-NEXT: (4, r16) flops=2: load 0[d0, d1] load 1[d0] store out[d0]
// CHECK-LABEL: linalg.generic reduction f32
// CHECK-NEXT: (4, r16) flops=3: load 0[d0, d1] load 1[d0] load 2[d0] store out[d0]
#full = affine_map<(i, k) -> (i, k)>
#row = affine_map<(i, k) -> (i)>
func.func @squares(%x: tensor<4x16xf32>, %mean: tensor<4xf32>, %o: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = linalg.generic {indexing_maps = [#full, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x16xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%v: f32, %acc: f32):
    %s = arith.mulf %v, %v : f32
    %r = arith.addf %s, %acc : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#full, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %mean : tensor<4x16xf32>, tensor<4xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%v: f32, %m: f32, %acc: f32):
    %d = arith.subf %v, %m : f32
    %s = arith.mulf %d, %d : f32
    %r = arith.addf %s, %acc : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Three factors, and a factor outside of the sum of products: both are
// contractions of their inputs with a reduction dimension.
// CHECK-LABEL: linalg.generic contraction f32
// CHECK-NEXT: (4, 8, r16, r5) flops=3: load 0[d0, d2, d3] load 1[d2, d1] load 2[d3, d1] load 3[d0, d1] store out[d0, d1]
// CHECK-LABEL: linalg.generic contraction f32
// CHECK-NEXT: (4, 8, r16) flops=3: load 0[d0, d2] load 1[d2, d1] load 2[d0, d1] store out[d0, d1]
func.func @factors(%x: tensor<4x16x5xf32>, %b: tensor<16x8xf32>, %c: tensor<5x8xf32>, %a: tensor<4x16xf32>, %scale: f32, %o: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, r, j, k) -> (i, j, k)>, affine_map<(i, r, j, k) -> (j, r)>, affine_map<(i, r, j, k) -> (k, r)>, affine_map<(i, r, j, k) -> (i, r)>],
                       iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %b, %c : tensor<4x16x5xf32>, tensor<16x8xf32>, tensor<5x8xf32>) outs(%o : tensor<4x8xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %acc: f32):
    %m = arith.mulf %q, %r : f32
    %n = arith.mulf %p, %m : f32
    %s = arith.addf %n, %acc : f32
    linalg.yield %s : f32
  } -> tensor<4x8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<4x16xf32>, tensor<16x8xf32>) outs(%o : tensor<4x8xf32>) {
  ^bb0(%p: f32, %q: f32, %acc: f32):
    %m = arith.mulf %p, %q : f32
    %n = arith.mulf %m, %scale : f32
    %s = arith.subf %acc, %n : f32
    linalg.yield %s : f32
  } -> tensor<4x8xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Two contractions of one input in one op (fused projections) are one, of the
// type of their factors; where one result is a plain sum, the op is none.
// CHECK-LABEL: linalg.generic contraction f16
// CHECK-NEXT: (4, 8, r16) flops=4: load 0[d0, d2] load 1[d1, d2] load 2[d1, d2] load 3[d0, d1] load 4[d0, d1] store out[d0, d1] store out1[d0, d1]
// CHECK-LABEL: linalg.generic reduction f32
#x = affine_map<(i, j, k) -> (i, k)>
#w = affine_map<(i, j, k) -> (j, k)>
#y = affine_map<(i, j, k) -> (i, j)>
func.func @results(%x: tensor<4x16xf16>, %q: tensor<8x16xf16>, %k: tensor<8x16xf16>, %o: tensor<4x8xf32>, %p: tensor<4x8xf32>)
    -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %0:2 = linalg.generic {indexing_maps = [#x, #w, #w, #y, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %q, %k : tensor<4x16xf16>, tensor<8x16xf16>, tensor<8x16xf16>) outs(%o, %p : tensor<4x8xf32>, tensor<4x8xf32>) {
  ^bb0(%a: f16, %b: f16, %c: f16, %s: f32, %t: f32):
    %af = arith.extf %a : f16 to f32
    %bf = arith.extf %b : f16 to f32
    %cf = arith.extf %c : f16 to f32
    %m = arith.mulf %af, %bf : f32
    %n = arith.mulf %af, %cf : f32
    %u = arith.addf %s, %m : f32
    %v = arith.addf %t, %n : f32
    linalg.yield %u, %v : f32, f32
  } -> (tensor<4x8xf32>, tensor<4x8xf32>)
  %1:2 = linalg.generic {indexing_maps = [#x, #w, #y, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %q : tensor<4x16xf16>, tensor<8x16xf16>) outs(%o, %p : tensor<4x8xf32>, tensor<4x8xf32>) {
  ^bb0(%a: f16, %b: f16, %s: f32, %t: f32):
    %af = arith.extf %a : f16 to f32
    %bf = arith.extf %b : f16 to f32
    %m = arith.mulf %af, %bf : f32
    %u = arith.addf %s, %m : f32
    %v = arith.addf %t, %bf : f32
    linalg.yield %u, %v : f32, f32
  } -> (tensor<4x8xf32>, tensor<4x8xf32>)
  return %0#0, %0#1, %1#0, %1#1 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
