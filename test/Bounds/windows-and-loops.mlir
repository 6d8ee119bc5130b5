// Windows of convolutions and pooling, parallel loops, vectors, scratch memory,
// loops that two kinds of positions share, and packs. The comment before each
// function has the bytes of its floor (docs/Model.md, B5), read and written, and
// why.
// RUN: %python %S/Inputs/check_floors.py %s

// floor 2752 2048: 10 x 10 x 4 of the image and 3 x 3 x 4 x 8 weights; 8 x 8 x 8 sums.
func.func @conv(%x: tensor<1x10x10x4xf32>, %w: tensor<3x3x4x8xf32>) -> tensor<1x8x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x8x8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %r = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x10x10x4xf32>, tensor<3x3x4x8xf32>) outs(%f : tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  return %r : tensor<1x8x8x8xf32>
}

// floor 528 800: Of 9 rows and columns the even ones, 5 x 5 x 4, and 4 x 8 weights; 5 x 5 x 8 sums.
func.func @conv_strided(%x: tensor<1x9x9x4xf32>, %w: tensor<1x1x4x8xf32>) -> tensor<1x5x5x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x5x5x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x5x5x8xf32>) -> tensor<1x5x5x8xf32>
  %r = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x9x9x4xf32>, tensor<1x1x4x8xf32>) outs(%f : tensor<1x5x5x8xf32>) -> tensor<1x5x5x8xf32>
  return %r : tensor<1x5x5x8xf32>
}

// floor 1744 1024: 10 x 10 x 4 and 3 x 3 x 4 weights; 8 x 8 x 4 sums.
func.func @conv_depthwise(%x: tensor<1x10x10x4xf32>, %w: tensor<3x3x4xf32>) -> tensor<1x8x8x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x8x8x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %r = linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : tensor<1x10x10x4xf32>, tensor<3x3x4xf32>) outs(%f : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %r : tensor<1x8x8x4xf32>
}

// floor 100 64: 20 numbers, 5 weights, 16 sums, in memrefs that are overwritten.
func.func @conv_memref(%x: memref<20xf32>, %w: memref<5xf32>, %o: memref<16xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%o : memref<16xf32>)
  linalg.conv_1d ins(%x, %w : memref<20xf32>, memref<5xf32>) outs(%o : memref<16xf32>)
  return
}

// floor 1600 1024: The window has a size and no content.
func.func @pool(%x: tensor<1x10x10x4xf32>, %w: tensor<3x3xf32>) -> tensor<1x8x8x4xf32> {
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<1x8x8x4xf32>
  %f = linalg.fill ins(%low : f32) outs(%e : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %r = linalg.pooling_nhwc_max ins(%x, %w : tensor<1x10x10x4xf32>, tensor<3x3xf32>) outs(%f : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %r : tensor<1x8x8x4xf32>
}

// floor 400 256: 2 i + 2 k for i < 4 and k < 2 are 0, 2, 4, 6 and 8: 5 x 5 of each of 4 channels.
func.func @pool_dilated(%x: tensor<1x4x10x10xf32>, %w: tensor<2x2xf32>) -> tensor<1x4x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %r = linalg.pooling_nchw_sum {strides = dense<2> : tensor<2xi64>, dilations = dense<2> : tensor<2xi64>} ins(%x, %w : tensor<1x4x10x10xf32>, tensor<2x2xf32>) outs(%f : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// floor 256 256: Each number once, rolled.
func.func @parallel_roll(%x: memref<64xf32>, %o: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c64 = arith.constant 64 : index
  scf.parallel (%i) = (%c0) to (%c64) step (%c1) {
    %j = arith.addi %i, %c5 : index
    %k = arith.remui %j, %c64 : index
    %v = memref.load %x[%k] : memref<64xf32>
    memref.store %v, %o[%i] : memref<64xf32>
    scf.reduce
  }
  return
}

// floor 128 128: Every second number of both.
func.func @parallel_affine(%x: memref<64xf32>, %o: memref<64xf32>) {
  affine.parallel (%i) = (0) to (64) step (2) {
    %v = affine.load %x[%i] : memref<64xf32>
    affine.store %v, %o[%i + 1] : memref<64xf32>
  }
  return
}

// floor 256 256: What is in between is scratch memory.
func.func @alloca(%x: memref<64xf32>, %o: memref<64xf32>) {
  %t = memref.alloca() : memref<64xf32>
  linalg.exp ins(%x : memref<64xf32>) outs(%t : memref<64xf32>)
  affine.for %i = 0 to 64 {
    %v = affine.load %t[-%i + 63] : memref<64xf32>
    affine.store %v, %o[%i] : memref<64xf32>
  }
  return
}

// floor 128 128: Every second vector of 8.
func.func @vectors(%x: memref<64xf32>, %o: memref<32xf32>) {
  %zero = arith.constant 0.0 : f32
  affine.for %i = 0 to 4 {
    %from = affine.apply affine_map<(d0) -> (d0 * 16)>(%i)
    %to = affine.apply affine_map<(d0) -> (d0 * 8)>(%i)
    %v = vector.transfer_read %x[%from], %zero {in_bounds = [true]} : memref<64xf32>, vector<8xf32>
    vector.transfer_write %v, %o[%to] {in_bounds = [true]} : vector<8xf32>, memref<32xf32>
  }
  return
}

// floor 320 256: 64 numbers through a map and 0, 2, ..., 30 by arithmetic on the same loop.
func.func @two_kinds(%x: tensor<64xf32>, %y: tensor<32xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : tensor<64xf32>) outs(%o : tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %i = linalg.index 0 : index
    %j = arith.muli %i, %c2 : index
    %k = arith.remui %j, %c32 : index
    %v = tensor.extract %y[%k] : tensor<32xf32>
    %s = arith.addf %a, %v : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 256 64: One tensor by a map and backwards by arithmetic: all 64 once. 16 sums of 4 products.
func.func @both_ways(%x: tensor<16x4xf32>) -> tensor<16xf32> {
  %zero = arith.constant 0.0 : f32
  %c15 = arith.constant 15 : index
  %e = tensor.empty() : tensor<16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<16x4xf32>) outs(%f : tensor<16xf32>) {
  ^bb0(%a: f32, %b: f32):
    %i = linalg.index 0 : index
    %k = linalg.index 1 : index
    %j = arith.subi %c15, %i : index
    %v = tensor.extract %x[%j, %k] : tensor<16x4xf32>
    %p = arith.mulf %a, %v : f32
    %s = arith.addf %b, %p : f32
    linalg.yield %s : f32
  } -> tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 256 4: A sum backwards.
func.func @sum_backwards(%x: memref<64xf32>, %o: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  %s = affine.for %i = 0 to 64 iter_args(%a = %zero) -> f32 {
    %v = affine.load %x[-%i + 63] : memref<64xf32>
    %n = arith.addf %a, %v : f32
    affine.yield %n : f32
  }
  affine.store %s, %o[] : memref<f32>
  return
}

// floor 256 256: A row of a ring of 16, wherever it is.
func.func @ring(%c: tensor<16x64xf32>, %r: tensor<1x64xf32>, %p: index) -> tensor<16x64xf32> {
  %c16 = arith.constant 16 : index
  %k = arith.remui %p, %c16 : index
  %0 = tensor.insert_slice %r into %c[%k, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}

// floor 8192 8704: Two rows, and all others of 32; the rows go back to the caller, and so does the result.
func.func @two_rows(%c: tensor<32x64xf32>, %r: tensor<2x64xf32>, %p: index, %o: tensor<32x64xf32>) -> (tensor<32x64xf32>, tensor<32x64xf32>) {
  %0 = tensor.insert_slice %r into %c[%p, 0] [2, 64] [1, 1] : tensor<2x64xf32> into tensor<32x64xf32>
  %1 = linalg.exp ins(%0 : tensor<32x64xf32>) outs(%o : tensor<32x64xf32>) -> tensor<32x64xf32>
  return %0, %1 : tensor<32x64xf32>, tensor<32x64xf32>
}

// floor 268435712 4194560: A key of 256 bytes enters a cache of 2^20, and all scores are computed: 2^20 x 256 less a row, key and query; a row and scores are written.
func.func @million_tokens(%c: tensor<1048576x128xbf16>, %key: tensor<1x128xbf16>, %q: tensor<128xbf16>, %p: index, %o: tensor<1048576xf32>) -> (tensor<1048576x128xbf16>, tensor<1048576xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.insert_slice %key into %c[%p, 0] [1, 128] [1, 1] : tensor<1x128xbf16> into tensor<1048576x128xbf16>
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<1048576xf32>) -> tensor<1048576xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(t, d) -> (t, d)>, affine_map<(t, d) -> (d)>, affine_map<(t, d) -> (t)>], iterator_types = ["parallel", "reduction"]} ins(%0, %q : tensor<1048576x128xbf16>, tensor<128xbf16>) outs(%f : tensor<1048576xf32>) {
  ^bb0(%a: bf16, %b: bf16, %s: f32):
    %x = arith.extf %a : bf16 to f32
    %y = arith.extf %b : bf16 to f32
    %m = arith.mulf %x, %y : f32
    %n = arith.addf %s, %m : f32
    linalg.yield %n : f32
  } -> tensor<1048576xf32>
  return %0, %1 : tensor<1048576x128xbf16>, tensor<1048576xf32>
}

// floor 15360 16384: 60 of 64 rows are read, all of the tiles are written, and nothing of what they hold is read.
func.func @pack_padded(%a: tensor<60x64xf32>, %o: tensor<4x4x16x16xf32>) -> tensor<4x4x16x16xf32> {
  %z = arith.constant 0.0 : f32
  %0 = linalg.pack %a padding_value(%z : f32) inner_dims_pos = [0, 1] inner_tiles = [16, 16] into %o : tensor<60x64xf32> -> tensor<4x4x16x16xf32>
  return %0 : tensor<4x4x16x16xf32>
}

// floor 15360 15360: 60 rows; the padding is not read.
func.func @unpack_cut(%a: tensor<4x4x16x16xf32>, %o: tensor<60x64xf32>) -> tensor<60x64xf32> {
  %0 = linalg.unpack %a inner_dims_pos = [0, 1] inner_tiles = [16, 16] into %o : tensor<4x4x16x16xf32> -> tensor<60x64xf32>
  return %0 : tensor<60x64xf32>
}

// floor 25608 25856: 100 x 64 numbers, one of their rows twice, and the number of the row; exponentials of the row and a copy.
func.func @row_then_copy(%x: tensor<100x64xf32>, %i: tensor<i64>, %o: tensor<64xf32>, %p: tensor<100x64xf32>) -> (tensor<64xf32>, tensor<100x64xf32>) {
  %d = tensor.extract %i[] : tensor<i64>
  %k = arith.index_cast %d : i64 to index
  %s = tensor.extract_slice %x[%k, 0] [1, 64] [1, 1] : tensor<100x64xf32> to tensor<64xf32>
  %0 = linalg.exp ins(%s : tensor<64xf32>) outs(%o : tensor<64xf32>) -> tensor<64xf32>
  %1 = linalg.copy ins(%x : tensor<100x64xf32>) outs(%p : tensor<100x64xf32>) -> tensor<100x64xf32>
  return %0, %1 : tensor<64xf32>, tensor<100x64xf32>
}

// floor 4224 4096: 16 rows of 256 bytes that are all different, and their numbers.
func.func @gather_unique(%x: tensor<100x64xf32>, %i: tensor<16x1xi64>) -> tensor<16x64xf32> {
  %0 = tensor.gather %x[%i] gather_dims([0]) unique : (tensor<100x64xf32>, tensor<16x1xi64>) -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}

// floor 384 4096: The same where all rows may be one.
func.func @gather_any(%x: tensor<100x64xf32>, %i: tensor<16x1xi64>) -> tensor<16x64xf32> {
  %0 = tensor.gather %x[%i] gather_dims([0]) : (tensor<100x64xf32>, tensor<16x1xi64>) -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}

// floor 8192 4096: A constant of 1024 equal numbers moves like any other.
func.func @splat(%x: tensor<1024xf32>, %o: tensor<1024xf32>) -> tensor<1024xf32> {
  %c = arith.constant dense<2.0> : tensor<1024xf32>
  %0 = linalg.mul ins(%x, %c : tensor<1024xf32>, tensor<1024xf32>) outs(%o : tensor<1024xf32>) -> tensor<1024xf32>
  return %0 : tensor<1024xf32>
}

// floor 2816 256: Rows 0, 3, ..., 27, and the sum that is there before.
func.func @counted_while(%x: tensor<32x64xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %z = arith.constant 0 : index
  %three = arith.constant 3 : index
  %n = arith.constant 30 : index
  %r:2 = scf.while (%i = %z, %a = %o) : (index, tensor<64xf32>) -> (index, tensor<64xf32>) {
    %b = arith.cmpi slt, %i, %n : index
    scf.condition(%b) %i, %a : index, tensor<64xf32>
  } do {
  ^bb0(%i: index, %a: tensor<64xf32>):
    %s = tensor.extract_slice %x[%i, 0] [1, 64] [1, 1] : tensor<32x64xf32> to tensor<64xf32>
    %t = linalg.add ins(%s, %a : tensor<64xf32>, tensor<64xf32>) outs(%a : tensor<64xf32>) -> tensor<64xf32>
    %j = arith.addi %i, %three : index
    scf.yield %j, %t : index, tensor<64xf32>
  }
  return %r#1 : tensor<64xf32>
}

// floor 400 1024: 0 to 99, by a comparison without sign, and 0 for all above.
func.func @select_below(%x: tensor<256xf32>, %o: tensor<256xf32>) -> tensor<256xf32> {
  %c = arith.constant 100 : index
  %z = arith.constant 0 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<256xf32>) {
  ^bb0(%q: f32):
    %i = linalg.index 0 : index
    %b = arith.cmpi ult, %i, %c : index
    %m = arith.select %b, %i, %z : index
    %v = tensor.extract %x[%m] : tensor<256xf32>
    linalg.yield %v : f32
  } -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
