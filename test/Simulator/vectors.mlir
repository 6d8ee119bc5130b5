// Accesses of ops on vectors: load or store, buffer, first bit in it, bits.

// RUN: memwall-run %s --entry=wide --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=WIDE
//      WIDE: load 0 128 128
// WIDE-NEXT: store 0 0 128
// WIDE-NEXT: @wide
func.func @wide(%a: memref<8xf32>) {
  %0 = arith.constant 0 : index
  %4 = arith.constant 4 : index
  %v = vector.load %a[%4] : memref<8xf32>, vector<4xf32>
  vector.store %v, %a[%0] : memref<8xf32>, vector<4xf32>
  return
}

// A box of 2x3 in rows of 5, read at (1, 2) and written at (0, 0).
// RUN: memwall-run %s --entry=box --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=BOX
//      BOX: load 0 224 32
// BOX-NEXT: load 0 256 32
// BOX-NEXT: load 0 288 32
// BOX-NEXT: load 0 384 32
// BOX-NEXT: load 0 416 32
// BOX-NEXT: load 0 448 32
// BOX-NEXT: store 0 0 32
// BOX-NEXT: store 0 32 32
// BOX-NEXT: store 0 64 32
// BOX-NEXT: store 0 160 32
// BOX-NEXT: store 0 192 32
// BOX-NEXT: store 0 224 32
// BOX-NEXT: @box
func.func @box(%a: memref<3x5xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %pad = arith.constant 0.0 : f32
  %v = vector.transfer_read %a[%1, %2], %pad {in_bounds = [true, true]} : memref<3x5xf32>, vector<2x3xf32>
  vector.transfer_write %v, %a[%0, %0] {in_bounds = [true, true]} : vector<2x3xf32>, memref<3x5xf32>
  return
}

// What lies outside is not touched: 2 of 4 elements. A transposed read walks
// down a column; a broadcast reads one element.
// RUN: memwall-run %s --entry=edges --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=EDGES
//      EDGES: load 0 96 16
// EDGES-NEXT: load 0 112 16
// EDGES-NEXT: load 1 0 16
// EDGES-NEXT: load 1 64 16
// EDGES-NEXT: load 1 32 16
// EDGES-NEXT: store 0 0 16
// EDGES-NEXT: @edges
func.func @edges(%a: memref<8xf16>, %b: memref<2x4xf16>) {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %6 = arith.constant 6 : index
  %pad = arith.constant 0.0 : f16
  %u = vector.transfer_read %a[%6], %pad : memref<8xf16>, vector<4xf16>
  %v = vector.transfer_read %b[%0, %0], %pad {in_bounds = [true], permutation_map = affine_map<(i, j) -> (i)>} : memref<2x4xf16>, vector<2xf16>
  %w = vector.transfer_read %b[%0, %2], %pad {in_bounds = [true], permutation_map = affine_map<(i, j) -> (0)>} : memref<2x4xf16>, vector<4xf16>
  %s = arith.addf %u, %w : vector<4xf16>
  %x = vector.extract %s[0] : f16 from vector<4xf16>
  %y = vector.extract %v[1] : f16 from vector<2xf16>
  %z = arith.addf %x, %y : f16
  memref.store %z, %a[%0] : memref<8xf16>
  return
}

// Only active lanes: 3 of 4, then 2 rows of 1.
// RUN: memwall-run %s --entry=masked --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=MASKED
//      MASKED: load 0 32 32
// MASKED-NEXT: load 0 64 32
// MASKED-NEXT: load 0 96 32
// MASKED-NEXT: store 1 0 32
// MASKED-NEXT: store 1 128 32
// MASKED-NEXT: load 0 0 32
// MASKED-NEXT: store 0 128 32
// MASKED-NEXT: @masked
func.func @masked(%a: memref<8xf32>, %b: memref<3x4xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %4 = arith.constant 4 : index
  %pad = arith.constant 0.0 : f32
  %m = vector.constant_mask [3] : vector<4xi1>
  %v = vector.transfer_read %a[%1], %pad, %m {in_bounds = [true]} : memref<8xf32>, vector<4xf32>
  %n = vector.constant_mask [2, 1] : vector<2x4xi1>
  %w = vector.broadcast %v : vector<4xf32> to vector<2x4xf32>
  vector.transfer_write %w, %b[%0, %0], %n {in_bounds = [true, true]} : vector<2x4xf32>, memref<3x4xf32>
  %l = vector.constant_mask [1] : vector<4xi1>
  %x = vector.maskedload %a[%0], %l, %v : memref<8xf32>, vector<4xi1>, vector<4xf32> into vector<4xf32>
  vector.maskedstore %a[%4], %l, %x : memref<8xf32>, vector<4xi1>, vector<4xf32>
  return
}

// RUN: memwall-run %s --entry=region --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=REGION
//      REGION: load 0 0 32
// REGION-NEXT: load 0 32 32
// REGION-NEXT: store 1 0 128
// REGION-NEXT: @region
func.func @region(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = arith.constant 0 : index
  %pad = arith.constant 0.0 : f32
  %m = vector.constant_mask [2] : vector<4xi1>
  %v = vector.mask %m {
    vector.transfer_read %a[%0], %pad {in_bounds = [true]} : memref<4xf32>, vector<4xf32>
  } : vector<4xi1> -> vector<4xf32>
  vector.store %v, %b[%0] : memref<4xf32>, vector<4xf32>
  return
}

// Lanes that go where they like, and lanes that move together.
// RUN: memwall-run %s --entry=lanes --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=LANES
//      LANES: load 0 192 32
// LANES-NEXT: load 0 32 32
// LANES-NEXT: store 0 192 32
// LANES-NEXT: store 0 32 32
// LANES-NEXT: load 0 64 32
// LANES-NEXT: load 0 96 32
// LANES-NEXT: store 0 128 32
// LANES-NEXT: store 0 160 32
// LANES-NEXT: @lanes
// Refused when they might be too many: 4 + 4 + 4 + 4.
// RUN: not memwall-run %s --entry=lanes --simulate=ddr5-2ch --max-accesses=15 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: error: makes about 16 accesses, more than --max-accesses=15
func.func @lanes(%a: memref<8xf32>) {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %4 = arith.constant 4 : index
  %at = arith.constant dense<[6, 0, 1, 0]> : vector<4xi32>
  %m = arith.constant dense<[true, false, true, false]> : vector<4xi1>
  %p = arith.constant dense<0.0> : vector<4xf32>
  %v = vector.gather %a[%0] [%at], %m, %p : memref<8xf32>, vector<4xi32>, vector<4xi1>, vector<4xf32> into vector<4xf32>
  vector.scatter %a[%0] [%at], %m, %v : memref<8xf32>, vector<4xi32>, vector<4xi1>, vector<4xf32>
  %w = vector.expandload %a[%2], %m, %v : memref<8xf32>, vector<4xi1>, vector<4xf32> into vector<4xf32>
  vector.compressstore %a[%4], %m, %w : memref<8xf32>, vector<4xi1>, vector<4xf32>
  return
}

// RUN: not memwall-run %s --entry=transposed --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=TRANSPOSED
// TRANSPOSED: error: expected a masked transfer in the order of the memref, found the permutation affine_map<(d0, d1) -> (d1, d0)>
func.func @transposed(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  %0 = arith.constant 0 : index
  %pad = arith.constant 0.0 : f32
  %m = vector.constant_mask [2, 1] : vector<4x4xi1>
  %v = vector.transfer_read %a[%0, %0], %pad, %m {in_bounds = [true, true], permutation_map = affine_map<(i, j) -> (j, i)>} : memref<4x4xf32>, vector<4x4xf32>
  vector.transfer_write %v, %b[%0, %0] {in_bounds = [true, true]} : vector<4x4xf32>, memref<4x4xf32>
  return
}
