// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// An embedding: the row depends on d0 through the index tensor. Address
// arithmetic (wrapping of negative indices) is no integer work on data.
// CHECK-LABEL: linalg.generic gather f32
// CHECK-NEXT: (6, 16): load 0[d0] load captured[gather(d0), d1] store out[d0, d1]
func.func @embedding(%ids: tensor<6xi64>, %table: tensor<100x16xf32>, %o: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %c0 = arith.constant 0 : i64
  %c100 = arith.constant 100 : i64
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xi64>) outs(%o : tensor<6x16xf32>) {
  ^bb0(%id: i64, %y: f32):
    %j = linalg.index 1 : index
    %negative = arith.cmpi slt, %id, %c0 : i64
    %wrapped = arith.addi %id, %c100 : i64
    %row = arith.select %negative, %wrapped, %id : i64
    %r = arith.index_cast %row : i64 to index
    cf.assert %negative, "never"
    %e = tensor.extract %table[%r, %j] : tensor<100x16xf32>
    linalg.yield %e : f32
  } -> tensor<6x16xf32>
  return %0 : tensor<6x16xf32>
}

// -----

// Affine in linalg.index: no gather, a strided and mirrored copy.
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (4, 8): load captured[-1*d0 + 3, 2*d1 + 1] store out[d0, d1]
func.func @affine(%a: tensor<4x16xf32>, %o: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%o : tensor<4x8xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %r = arith.subi %c3, %i : index
    %d = arith.muli %j, %c2 : index
    %c = arith.addi %d, %c1 : index
    %e = tensor.extract %a[%r, %c] : tensor<4x16xf32>
    linalg.yield %e : f32
  } -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// Nearest upsampling, i floordiv 2: with i split into (8, 2) it is affine.
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (8, 2, 8, 2): load captured[d0, d2] store out[2*d0 + d1, 2*d2 + d3]
func.func @upsample(%a: tensor<8x8xf32>, %o: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %c2 = arith.constant 2 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%o : tensor<16x16xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %r = arith.divui %i, %c2 : index
    %c = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%j)
    %e = tensor.extract %a[%r, %c] : tensor<8x8xf32>
    linalg.yield %e : f32
  } -> tensor<16x16xf32>
  return %0 : tensor<16x16xf32>
}

// -----

// A flat index taken apart: 24 = 2 x 3 x 4, two rounds of splitting.
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (2, 3, 4): load captured[d0, d1, d2] store out[12*d0 + 4*d1 + d2]
func.func @delinearize(%a: tensor<2x3x4xf32>, %o: tensor<24xf32>) -> tensor<24xf32> {
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c12 = arith.constant 12 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<24xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %p = arith.floordivsi %i, %c12 : index
    %q = arith.divui %i, %c4 : index
    %r = arith.remui %q, %c3 : index
    %s = arith.remsi %i, %c4 : index
    %e = tensor.extract %a[%p, %r, %s] : tensor<2x3x4xf32>
    linalg.yield %e : f32
  } -> tensor<24xf32>
  return %0 : tensor<24xf32>
}

// -----

// In a map: GQA head h reads KV head h floordiv 4.
// CHECK-LABEL: linalg.generic contraction f32
// CHECK-NEXT: (2, 4, 10, r64) flops=2: load 0[4*d0 + d1, d3] load 1[d0, d2, d3] load 2[4*d0 + d1, d2] store out[4*d0 + d1, d2]
func.func @grouped(%q: tensor<8x64xf32>, %k: tensor<2x10x64xf32>, %o: tensor<8x10xf32>) -> tensor<8x10xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(h, l, d) -> (h, d)>, affine_map<(h, l, d) -> (h floordiv 4, l, d)>, affine_map<(h, l, d) -> (h, l)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<8x64xf32>, tensor<2x10x64xf32>) outs(%o : tensor<8x10xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<8x10xf32>
  return %0 : tensor<8x10xf32>
}

// -----

// A product of two dims is another form for every i, and these are too many:
// some value that depends on these dims.
// CHECK-LABEL: linalg.generic gather f32
// CHECK-NEXT: (150, 3): load captured[gather(d0), gather(d0, d1)] store out[d0, d1]
func.func @not_affine(%a: tensor<75x512xf32>, %o: tensor<150x3xf32>) -> tensor<150x3xf32> {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%o : tensor<150x3xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %h = arith.addi %i, %c3 : index
    %r = arith.divui %h, %c2 : index
    %c = arith.muli %i, %j : index
    %e = tensor.extract %a[%r, %c] : tensor<75x512xf32>
    linalg.yield %e : f32
  } -> tensor<150x3xf32>
  return %0 : tensor<150x3xf32>
}

// -----

// A gather by a gathered index, and an integer from outside of the op.
// CHECK-LABEL: linalg.generic gather f32
// CHECK-NEXT: (6): load 0[d0] load captured[gather(d0)] load captured[d0 + outer, gather(d0)] store out[d0]
func.func @chain(%ids: tensor<6xi32>, %next: tensor<50xindex>, %t: tensor<100x50xf32>, %n: index, %o: tensor<6xf32>) -> tensor<6xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%ids : tensor<6xi32>) outs(%o : tensor<6xf32>) {
  ^bb0(%id: i32, %y: f32):
    %i = linalg.index 0 : index
    %k = arith.index_cast %id : i32 to index
    %l = tensor.extract %next[%k] : tensor<50xindex>
    %r = arith.addi %i, %n : index
    %e = tensor.extract %t[%r, %l] : tensor<100x50xf32>
    linalg.yield %e : f32
  } -> tensor<6xf32>
  return %0 : tensor<6xf32>
}

// -----

// A gather in a contraction: still a contraction.
// CHECK-LABEL: linalg.generic contraction f32
// CHECK-NEXT: (6, 16, r8) flops=3: load 0[d0, d2] load 1[d2, d1] load 2[d0] load 3[d0, d1] load captured[gather(d0), d1] store out[d0, d1]
func.func @fused(%x: tensor<6x8xf32>, %w: tensor<8x16xf32>, %id: tensor<6xindex>, %t: tensor<9x16xf32>, %o: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m)>, affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w, %id : tensor<6x8xf32>, tensor<8x16xf32>, tensor<6xindex>) outs(%o : tensor<6x16xf32>) {
  ^bb0(%a: f32, %b: f32, %i: index, %z: f32):
    %n = linalg.index 1 : index
    %scale = tensor.extract %t[%i, %n] : tensor<9x16xf32>
    %bs = arith.mulf %b, %scale : f32
    %p = arith.mulf %a, %bs : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x16xf32>
  return %0 : tensor<6x16xf32>
}

// -----

// memref.load in the body of an op on memrefs.
// CHECK-LABEL: linalg.generic gather f32
// CHECK-NEXT: (6): load 0[d0] load captured[gather(d0)] store 1[d0]
func.func @memref(%ids: memref<6xindex>, %t: memref<100xf32>, %o: memref<6xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%ids : memref<6xindex>) outs(%o : memref<6xf32>) {
  ^bb0(%id: index, %y: f32):
    %e = memref.load %t[%id] : memref<100xf32>
    linalg.yield %e : f32
  }
  return
}

// -----

// The same taking apart and putting together by one op each; with a dynamic
// basis nothing is known.
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (2, 3, 4): load captured[d0, d1, d2] load captured[12*d0 + 4*d1 + d2] store out[12*d0 + 4*d1 + d2] store out1[12*d0 + 4*d1 + d2]
// CHECK-LABEL: linalg.generic gather f32
// CHECK-NEXT: (24): load captured[gather(d0), gather(d0), gather(d0)] store out[d0]
func.func @delinearize_index(%a: tensor<2x3x4xf32>, %b: tensor<24xf32>, %n: index, %o: tensor<24xf32>) -> (tensor<24xf32>, tensor<24xf32>, tensor<24xf32>) {
  %0:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o, %o : tensor<24xf32>, tensor<24xf32>) {
  ^bb0(%y: f32, %z: f32):
    %i = linalg.index 0 : index
    %p:3 = affine.delinearize_index %i into (2, 3, 4) : index, index, index
    %e = tensor.extract %a[%p#0, %p#1, %p#2] : tensor<2x3x4xf32>
    %l = affine.linearize_index [%p#0, %p#1, %p#2] by (2, 3, 4) : index
    %f = tensor.extract %b[%l] : tensor<24xf32>
    linalg.yield %e, %f : f32, f32
  } -> (tensor<24xf32>, tensor<24xf32>)
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<24xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %p:3 = affine.delinearize_index %i into (2, 3, %n) : index, index, index
    %e = tensor.extract %a[%p#0, %p#1, %p#2] : tensor<2x3x4xf32>
    linalg.yield %e : f32
  } -> tensor<24xf32>
  return %0#0, %0#1, %1 : tensor<24xf32>, tensor<24xf32>, tensor<24xf32>
}

// -----

// A clamp that never acts (0 <= i <= 7) is free, one that acts makes pieces.
// CHECK-LABEL: linalg.generic copy f32
// CHECK-NEXT: (7): load captured[d0, d0] store out[d0]
// CHECK-NEXT: (): load captured[7, 6] store out[7]
func.func @clamp(%a: tensor<8x8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c6 = arith.constant 6 : index
  %c7 = arith.constant 7 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<8xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %low = arith.maxsi %i, %c0 : index
    %in = arith.minsi %low, %c7 : index
    %cut = arith.minsi %i, %c6 : index
    %e = tensor.extract %a[%in, %cut] : tensor<8x8xf32>
    linalg.yield %e : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// The weights of a product can be picked by data (experts): what is loaded is a
// factor, where it is loaded from is not. Without a reduction dimension in the
// position it scales a sum.
// CHECK-LABEL: linalg.generic contraction bf16
// CHECK-LABEL: linalg.generic reduction f32
func.func @expert(%x: tensor<4x8xbf16>, %rows: tensor<4xi64>, %w: tensor<3x6x8xbf16>, %s: tensor<3xf32>, %o: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<(t, o, k) -> (t, k)>, affine_map<(t, o, k) -> (t)>, affine_map<(t, o, k) -> (t, o)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %rows : tensor<4x8xbf16>, tensor<4xi64>) outs(%o : tensor<4x6xf32>) {
  ^bb0(%a: bf16, %row: i64, %sum: f32):
    %r = arith.index_cast %row : i64 to index
    %i = linalg.index 1 : index
    %k = linalg.index 2 : index
    %b = tensor.extract %w[%r, %i, %k] : tensor<3x6x8xbf16>
    %af = arith.extf %a : bf16 to f32
    %bf = arith.extf %b : bf16 to f32
    %p = arith.mulf %af, %bf : f32
    %q = arith.addf %sum, %p : f32
    linalg.yield %q : f32
  } -> tensor<4x6xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(t, o, k) -> (t, k)>, affine_map<(t, o, k) -> (t)>, affine_map<(t, o, k) -> (t, o)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %rows : tensor<4x8xbf16>, tensor<4xi64>) outs(%o : tensor<4x6xf32>) {
  ^bb0(%a: bf16, %row: i64, %sum: f32):
    %r = arith.index_cast %row : i64 to index
    %b = tensor.extract %s[%r] : tensor<3xf32>
    %af = arith.extf %a : bf16 to f32
    %p = arith.mulf %af, %b : f32
    %q = arith.addf %sum, %p : f32
    linalg.yield %q : f32
  } -> tensor<4x6xf32>
  return %0, %1 : tensor<4x6xf32>, tensor<4x6xf32>
}
