// What products become. RUN: memwall-opt %s --memwall-vectorize="target=xeon-8592 dot-instructions=none" | FileCheck %s
// RUN: memwall-opt %s --memwall-vectorize="vector-bits=256 vector-registers=16 tile-rows=6 tile-vectors=2" | FileCheck %s --check-prefix=AVX2

// CHECK: #[[PAGE:map.*]] = affine_map<(d0) -> (d0 * 4 + 8)>

// 32 registers of 16 f32: tiles of 6 rows and 4 registers. The weight's panels are packed where the operand of the loop over
// rows does not change, those of the rows inside of it; sums stay in registers along the reduction.
// CHECK-LABEL: @matmul
//       CHECK: %[[ROWS:.*]] = tensor.empty() : tensor<16x64x6xf32>
//       CHECK: %[[COLUMNS:.*]] = tensor.empty() : tensor<4x64x64xf32>
//       CHECK: %[[PANELS:.*]] = scf.for {{.*}} iter_args({{.*}} = %[[COLUMNS]])
//       CHECK: scf.for %{{.*}} step %c96
//       CHECK:   scf.for {{.*}} iter_args({{.*}} = %[[ROWS]])
//       CHECK:     vector.transpose
//       CHECK:   vector.transfer_read {{.*}} vector<6x64xf32>
//       CHECK:   scf.for {{.*}} -> (vector<16xf32>,
//       CHECK:     vector.transfer_read %[[PANELS]]{{.*}} vector<16xf32>
//       CHECK:     math.fma
//       CHECK:   vector.transfer_write
//   CHECK-NOT: linalg.
func.func @matmul(%a: tensor<192x64xf32>, %b: tensor<64x256xf32>, %c: tensor<192x256xf32>) -> tensor<192x256xf32> {
  %c0 = arith.constant 0 : index
  %c96 = arith.constant 96 : index
  %c192 = arith.constant 192 : index
  %0 = scf.for %i = %c0 to %c192 step %c96 iter_args(%o = %c) -> tensor<192x256xf32> {
    %as = tensor.extract_slice %a[%i, 0] [96, 64] [1, 1] : tensor<192x64xf32> to tensor<96x64xf32>
    %os = tensor.extract_slice %o[%i, 0] [96, 256] [1, 1] : tensor<192x256xf32> to tensor<96x256xf32>
    %m = linalg.matmul ins(%as, %b : tensor<96x64xf32>, tensor<64x256xf32>) outs(%os : tensor<96x256xf32>) -> tensor<96x256xf32>
    %r = tensor.insert_slice %m into %o[%i, 0] [96, 256] [1, 1] : tensor<96x256xf32> into tensor<192x256xf32>
    scf.yield %r : tensor<192x256xf32>
  }
  return %0 : tensor<192x256xf32>
}

// With registers of AVX2, rows of the left operand are read where they lie, columns of it that lie side by side are packed.
// AVX2-LABEL: @matmul
//       AVX2: tensor.empty() : tensor<16x64x16xf32>
//   AVX2-NOT: tensor.empty
//       AVX2: scf.for {{.*}} -> (vector<8xf32>,
//       AVX2:   tensor.extract %{{.*}} : tensor<96x64xf32>
// AVX2-LABEL: @turned
//       AVX2: %[[ROWS:.*]] = tensor.empty() : tensor<16x64x6xf32>
//       AVX2: %[[PANELS:.*]] = scf.for {{.*}} iter_args({{.*}} = %[[ROWS]])
//       AVX2: tensor.extract %[[PANELS]][
func.func @turned(%a: tensor<64x96xf32>, %b: tensor<64x256xf32>, %c: tensor<96x256xf32>) -> tensor<96x256xf32> {
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%a, %b : tensor<64x96xf32>, tensor<64x256xf32>) outs(%c : tensor<96x256xf32>) -> tensor<96x256xf32>
  return %0 : tensor<96x256xf32>
}

// 1003 columns are 62 tiles of 16, which have no masks, eight of them packed at a time, and one whose last register has one; 100
// rows are 16 tiles of six and one of four.
// AVX2-LABEL: @ragged
//       AVX2: scf.for %[[FIRST:.*]] = %c0 to %c63 step %c8
//       AVX2:   %[[REST:.*]] = arith.subi %c62, %[[FIRST]]
//       AVX2:   %[[WHOLE:.*]] = arith.minui %[[REST]], %c8
//       AVX2:   scf.for %{{.*}} = %c0 to %[[WHOLE]] step %c1
//       AVX2:     scf.for %{{.*}} = %c0 to %c16 step %c1
//       AVX2:       vector.transfer_write {{.*}} {in_bounds = [true, true]} : vector<6x16xf32>
//       AVX2:     vector.transfer_write {{.*}} {in_bounds = [true, true]} : vector<4x16xf32>
//       AVX2:   scf.for %{{.*}} = %[[WHOLE]] to
//       AVX2:     scf.for %{{.*}} = %c0 to %c16 step %c1
//       AVX2:       vector.transfer_write {{.*}} {in_bounds = [true, true]} : vector<6x8xf32>
//       AVX2:       vector.transfer_write {{.*}} {in_bounds = [true, false]} : vector<6x8xf32>
func.func @ragged(%a: tensor<100x64xf32>, %b: tensor<64x1003xf32>, %c: tensor<100x1003xf32>) -> tensor<100x1003xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<100x64xf32>, tensor<64x1003xf32>) outs(%c : tensor<100x1003xf32>) -> tensor<100x1003xf32>
  return %0 : tensor<100x1003xf32>
}

// A last tile of a schedule has as many columns as are left: whole tiles of it have no masks either.
// CHECK-LABEL: @last_tile
//       CHECK: affine.min
//       CHECK: scf.for %{{.*}} = %c0 to %[[WHOLE:.*]] step %c1 iter_args({{.*}}) -> (tensor<96x?xf32>)
//       CHECK:   vector.transfer_write {{.*}} {in_bounds = [true, true]} : vector<6x64xf32>
//       CHECK: scf.for %{{.*}} = %[[WHOLE]] to %{{.*}} step %c1
//       CHECK:   vector.transfer_write {{.*}} {in_bounds = [true, false]} : vector<6x16xf32>
func.func @last_tile(%a: tensor<96x64xf32>, %b: tensor<64x700xf32>, %c: tensor<96x700xf32>) -> tensor<96x700xf32> {
  %c0 = arith.constant 0 : index
  %c256 = arith.constant 256 : index
  %c700 = arith.constant 700 : index
  %0 = scf.for %j = %c0 to %c700 step %c256 iter_args(%o = %c) -> tensor<96x700xf32> {
    %n = affine.min affine_map<(d0) -> (256, 700 - d0)>(%j)
    %bs = tensor.extract_slice %b[0, %j] [64, %n] [1, 1] : tensor<64x700xf32> to tensor<64x?xf32>
    %os = tensor.extract_slice %o[0, %j] [96, %n] [1, 1] : tensor<96x700xf32> to tensor<96x?xf32>
    %m = linalg.matmul ins(%a, %bs : tensor<96x64xf32>, tensor<64x?xf32>) outs(%os : tensor<96x?xf32>) -> tensor<96x?xf32>
    %r = tensor.insert_slice %m into %o[0, %j] [96, %n] [1, 1] : tensor<96x?xf32> into tensor<96x700xf32>
    scf.yield %r : tensor<96x700xf32>
  }
  return %0 : tensor<96x700xf32>
}

// A product with a vector reads the matrix once: nothing is packed. With rows of weights vectors go along the reduction,
// else along the columns, eight rows of the matrix at a time.
// CHECK-LABEL: @matvec
//   CHECK-NOT: tensor.empty
//       CHECK: scf.for {{.*}} step %c16{{.*}} -> (vector<16xf32>,
//       CHECK: arith.addf {{.*}} : vector<8xf32>
func.func @matvec(%a: tensor<256x512xf32>, %x: tensor<512xf32>, %y: tensor<256xf32>) -> tensor<256xf32> {
  %0 = linalg.matvec ins(%a, %x : tensor<256x512xf32>, tensor<512xf32>) outs(%y : tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
// Rows of up to 16 vectors are read one after the other.
// CHECK-LABEL: @short
//       CHECK: scf.for {{.*}} step %c16{{.*}} -> (vector<16xf32>) {
//       CHECK: arith.addf {{.*}} : vector<8xf32>
func.func @short(%a: tensor<256x128xf32>, %x: tensor<128xf32>, %y: tensor<256xf32>) -> tensor<256xf32> {
  %0 = linalg.matvec ins(%a, %x : tensor<256x128xf32>, tensor<128xf32>) outs(%y : tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
// Scores of four queries: 16 sums, of four keys, fill a vector when they are added up, and each key asks for the one that lies a
// page (eight keys of 512 bytes) further on. Their values are read a row after the other by tiles of two queries, 32 at a time.
// CHECK-LABEL: @keys
//       CHECK: %[[BUFFER:.*]] = bufferization.to_buffer %arg1 read_only
//       CHECK: scf.for %[[KEYS:.*]] = %c0 to %c128 step %c1
//       CHECK:   %[[AHEAD:.*]] = affine.apply #[[PAGE]](%[[KEYS]])
//       CHECK:   memref.prefetch %[[BUFFER]][%[[AHEAD]], %{{.*}}], read, locality<2>, data
//       CHECK:   vector.shuffle {{.*}} [0, 4, 8, 12]
//       CHECK:   vector.transfer_write {{.*}} : vector<4xf32>
// CHECK-LABEL: @values
//       CHECK: scf.for %{{.*}} = %c0 to %c512 step %c32
//       CHECK:   memref.prefetch
//       CHECK:   vector.transfer_read {{.*}} : tensor<512x128xf32>, vector<16xf32>
func.func @keys(%q: tensor<4x128xf32>, %k: tensor<512x128xf32>, %o: tensor<4x512xf32>) -> tensor<4x512xf32> {
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%q, %k : tensor<4x128xf32>, tensor<512x128xf32>) outs(%o : tensor<4x512xf32>) -> tensor<4x512xf32>
  return %0 : tensor<4x512xf32>
}
func.func @values(%p: tensor<4x512xf32>, %v: tensor<512x128xf32>, %o: tensor<4x128xf32>) -> tensor<4x128xf32> {
  %0 = linalg.matmul ins(%p, %v : tensor<4x512xf32>, tensor<512x128xf32>) outs(%o : tensor<4x128xf32>) -> tensor<4x128xf32>
  return %0 : tensor<4x128xf32>
}

// Weights for eight rows are read once, 16 of their rows at a time: as many pages as a core follows. Sums in bf16 would be rounded
// in between, so these stay in registers.
// CHECK-LABEL: @few_rows(
//       CHECK: scf.for %{{.*}} = %c0 to %c1024 step %c16
//   CHECK-NOT: memref.prefetch
// CHECK-LABEL: @few_rows_bf16(
//       CHECK: scf.for %[[K:.*]] = %c0 to %c1024 step %c1 {{.*}} -> (vector<16xf32>,
func.func @few_rows(%x: tensor<8x1024xf32>, %w: tensor<1024x4096xf32>, %o: tensor<8x4096xf32>) -> tensor<8x4096xf32> {
  %0 = linalg.matmul ins(%x, %w : tensor<8x1024xf32>, tensor<1024x4096xf32>) outs(%o : tensor<8x4096xf32>) -> tensor<8x4096xf32>
  return %0 : tensor<8x4096xf32>
}
func.func @few_rows_bf16(%x: tensor<8x1024xbf16>, %w: tensor<1024x4096xbf16>, %o: tensor<8x4096xbf16>) -> tensor<8x4096xbf16> {
  %0 = linalg.matmul ins(%x, %w : tensor<8x1024xbf16>, tensor<1024x4096xbf16>) outs(%o : tensor<8x4096xbf16>) -> tensor<8x4096xbf16>
  return %0 : tensor<8x4096xbf16>
}

// CHECK-LABEL: @vecmat
//   CHECK-NOT: tensor.empty
//       CHECK: scf.for {{.*}} step %c8
//       CHECK:   tensor.extract
//       CHECK:   math.fma
func.func @vecmat(%x: tensor<128xf32>, %a: tensor<128x256xf32>, %y: tensor<256xf32>) -> tensor<256xf32> {
  %0 = linalg.vecmat ins(%x, %a : tensor<128xf32>, tensor<128x256xf32>) outs(%y : tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}

// Integers are widened while they are packed.
// CHECK-LABEL: @integers
//       CHECK: tensor.empty() : tensor<{{.*}}xi32>
//       CHECK: arith.extsi {{.*}} : vector<{{.*}}xi8> to vector<{{.*}}xi32>
//       CHECK: arith.muli {{.*}} : vector<16xi32>
func.func @integers(%a: tensor<64x64xi8>, %b: tensor<64x128xi8>, %c: tensor<64x128xi32>) -> tensor<64x128xi32> {
  %0 = linalg.matmul ins(%a, %b : tensor<64x64xi8>, tensor<64x128xi8>) outs(%c : tensor<64x128xi32>) -> tensor<64x128xi32>
  return %0 : tensor<64x128xi32>
}

// What is filled for a product alone starts from the number, in registers; nothing writes it to memory. In a loop, too.
// CHECK-LABEL: @filled
//   CHECK-NOT: linalg.fill
//   CHECK-NOT: vector.transfer_write
//       CHECK: %[[START:.*]] = arith.constant dense<2.000000e+00> : vector<16xf32>
//       CHECK: scf.for {{.*}} iter_args({{.*}} = %[[START]], {{.*}} = %[[START]],
//       CHECK:   math.fma
//       CHECK: vector.transfer_write
func.func @filled(%a: tensor<48x64xf32>, %b: tensor<64x64xf32>, %n: index) -> tensor<48x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %e = tensor.empty() : tensor<48x64xf32>
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%o = %a) -> tensor<48x64xf32> {
    %f = linalg.fill ins(%two : f32) outs(%e : tensor<48x64xf32>) -> tensor<48x64xf32>
    %m = linalg.matmul ins(%o, %b : tensor<48x64xf32>, tensor<64x64xf32>) outs(%f : tensor<48x64xf32>) -> tensor<48x64xf32>
    scf.yield %m : tensor<48x64xf32>
  }
  return %0 : tensor<48x64xf32>
}
