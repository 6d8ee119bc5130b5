// Programs for crosscheck.py, one function each.

// -----
func.func @matmul(%a: tensor<48x40xf32>, %b: tensor<40x56xf32>, %c: tensor<48x56xf32>) -> tensor<48x56xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<48x40xf32>, tensor<40x56xf32>) outs(%c : tensor<48x56xf32>) -> tensor<48x56xf32>
  return %r : tensor<48x56xf32>
}
// -----
// Rows of 512 bytes: columns fall into few sets.
func.func @matmul_f64(%a: tensor<32x64xf64>, %b: tensor<64x64xf64>, %c: tensor<32x64xf64>) -> tensor<32x64xf64> {
  %r = linalg.matmul ins(%a, %b : tensor<32x64xf64>, tensor<64x64xf64>) outs(%c : tensor<32x64xf64>) -> tensor<32x64xf64>
  return %r : tensor<32x64xf64>
}
// -----
func.func @batch_matmul(%a: tensor<4x16x32xf32>, %b: tensor<4x32x24xf32>, %c: tensor<4x16x24xf32>) -> tensor<4x16x24xf32> {
  %r = linalg.batch_matmul ins(%a, %b : tensor<4x16x32xf32>, tensor<4x32x24xf32>) outs(%c : tensor<4x16x24xf32>) -> tensor<4x16x24xf32>
  return %r : tensor<4x16x24xf32>
}
// -----
func.func @tiled(%a: tensor<48x48xf32>, %b: tensor<48x48xf32>, %c: tensor<48x48xf32>) -> tensor<48x48xf32> {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c48 = arith.constant 48 : index
  %r = scf.for %i = %c0 to %c48 step %c16 iter_args(%x = %c) -> tensor<48x48xf32> {
    %s = scf.for %j = %c0 to %c48 step %c16 iter_args(%y = %x) -> tensor<48x48xf32> {
      %at = tensor.extract_slice %a[%i, 0] [16, 48] [1, 1] : tensor<48x48xf32> to tensor<16x48xf32>
      %bt = tensor.extract_slice %b[0, %j] [48, 16] [1, 1] : tensor<48x48xf32> to tensor<48x16xf32>
      %ct = tensor.extract_slice %y[%i, %j] [16, 16] [1, 1] : tensor<48x48xf32> to tensor<16x16xf32>
      %m = linalg.matmul ins(%at, %bt : tensor<16x48xf32>, tensor<48x16xf32>) outs(%ct : tensor<16x16xf32>) -> tensor<16x16xf32>
      %n = tensor.insert_slice %m into %y[%i, %j] [16, 16] [1, 1] : tensor<16x16xf32> into tensor<48x48xf32>
      scf.yield %n : tensor<48x48xf32>
    }
    scf.yield %s : tensor<48x48xf32>
  }
  return %r : tensor<48x48xf32>
}
// -----
func.func @matvec(%a: tensor<160x256xf32>, %x: tensor<256xf32>, %y: tensor<160xf32>) -> tensor<160xf32> {
  %r = linalg.matvec ins(%a, %x : tensor<160x256xf32>, tensor<256xf32>) outs(%y : tensor<160xf32>) -> tensor<160xf32>
  return %r : tensor<160xf32>
}
// -----
func.func @transpose(%a: tensor<128x96xf32>, %b: tensor<96x128xf32>) -> tensor<96x128xf32> {
  %r = linalg.transpose ins(%a : tensor<128x96xf32>) outs(%b : tensor<96x128xf32>) permutation = [1, 0]
  return %r : tensor<96x128xf32>
}
// -----
func.func @add(%a: tensor<12288xf32>, %b: tensor<12288xf32>, %c: tensor<12288xf32>) -> tensor<12288xf32> {
  %r = linalg.add ins(%a, %b : tensor<12288xf32>, tensor<12288xf32>) outs(%c : tensor<12288xf32>) -> tensor<12288xf32>
  return %r : tensor<12288xf32>
}
// -----
func.func @reduce_columns(%a: tensor<96x200xf32>, %b: tensor<200xf32>) -> tensor<200xf32> {
  %r = linalg.reduce ins(%a : tensor<96x200xf32>) outs(%b : tensor<200xf32>) dimensions = [0]
    (%in: f32, %out: f32) {
      %s = arith.addf %in, %out : f32
      linalg.yield %s : f32
    }
  return %r : tensor<200xf32>
}
// -----
func.func @conv(%a: tensor<1x20x20x8xf32>, %k: tensor<3x3x8x8xf32>, %c: tensor<1x18x18x8xf32>) -> tensor<1x18x18x8xf32> {
  %r = linalg.conv_2d_nhwc_hwcf ins(%a, %k : tensor<1x20x20x8xf32>, tensor<3x3x8x8xf32>) outs(%c : tensor<1x18x18x8xf32>) -> tensor<1x18x18x8xf32>
  return %r : tensor<1x18x18x8xf32>
}
// -----
func.func @broadcast_row(%a: tensor<96xi64>, %b: tensor<64x96xi64>) -> tensor<64x96xi64> {
  %r = linalg.broadcast ins(%a : tensor<96xi64>) outs(%b : tensor<64x96xi64>) dimensions = [0]
  return %r : tensor<64x96xi64>
}
// -----
// Two ops that share a temporary.
func.func @chain(%a: tensor<64x32xf32>, %b: tensor<32x64xf32>, %d: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %p = linalg.matmul ins(%a, %b : tensor<64x32xf32>, tensor<32x64xf32>) outs(%f : tensor<64x64xf32>) -> tensor<64x64xf32>
  %r = linalg.matmul ins(%p, %p : tensor<64x64xf32>, tensor<64x64xf32>) outs(%d : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
// -----
// Bytes and a table that is larger than the caches.
func.func @gather(%table: tensor<512x64xi8>, %rows: tensor<256xindex>, %out: tensor<256x64xi8>) -> tensor<256x64xi8> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%rows : tensor<256xindex>) outs(%out : tensor<256x64xi8>) {
    ^bb0(%row: index, %o: i8):
      %j = linalg.index 1 : index
      %i = linalg.index 0 : index
      %seven = arith.constant 7 : index
      %end = arith.constant 512 : index
      %s = arith.muli %i, %seven : index
      %t = arith.addi %s, %row : index
      %u = arith.remui %t, %end : index
      %v = tensor.extract %table[%u, %j] : tensor<512x64xi8>
      linalg.yield %v : i8
  } -> tensor<256x64xi8>
  return %r : tensor<256x64xi8>
}
