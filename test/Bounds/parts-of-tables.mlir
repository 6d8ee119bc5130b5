// Positions again: rolls of a part of a table, by numbers of run time, maps with
// floordiv and mod over divided and undivided loops. The comment before each
// function has the bytes of its floor (docs/Model.md, B5), read and written, and why.
// RUN: %python %S/Inputs/check_floors.py %s

// floor 128 128: Rows 8 to 39, rolled by a constant.
func.func @part_const(%x: tensor<64xf32>) -> tensor<32xf32> {
  %c5 = arith.constant 5 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %r = tensor.generate {
  ^bb0(%i: index):
    %a = arith.addi %i, %c5 : index
    %b = arith.remui %a, %c32 : index
    %p = arith.addi %b, %c8 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<32xf32>
  return %r : tensor<32xf32>
}

// floor 128 128: Rows 8 to 39, rolled by a number of run time.
func.func @part_runtime(%x: tensor<64xf32>, %s: index) -> tensor<32xf32> {
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %r = tensor.generate {
  ^bb0(%i: index):
    %a = arith.addi %i, %s : index
    %b = arith.remui %a, %c32 : index
    %p = arith.addi %b, %c8 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<32xf32>
  return %r : tensor<32xf32>
}

// floor 128 128: 32 rows from a position of run time, rolled by a constant.
func.func @part_base_runtime(%x: tensor<64xf32>, %s: index) -> tensor<32xf32> {
  %c3 = arith.constant 3 : index
  %c32 = arith.constant 32 : index
  %r = tensor.generate {
  ^bb0(%i: index):
    %a = arith.addi %i, %c3 : index
    %b = arith.remui %a, %c32 : index
    %p = arith.addi %b, %s : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<32xf32>
  return %r : tensor<32xf32>
}

// floor 128 128: In a loop, of 32 numbers from the 8th.
func.func @part_loop(%x: memref<64xf32>, %o: memref<32xf32>, %s: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  scf.for %i = %c0 to %c32 step %c1 {
    %a = arith.addi %i, %s : index
    %b = arith.remui %a, %c32 : index
    %p = arith.addi %b, %c8 : index
    %v = memref.load %x[%p] : memref<64xf32>
    memref.store %v, %o[%i] : memref<32xf32>
  }
  return
}

// floor 2048 2048: Rows 4 to 11 of 16, whole, rolled by a number of run time.
func.func @part_rows(%x: tensor<16x64xf32>, %s: index) -> tensor<8x64xf32> {
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %a = arith.addi %i, %s : index
    %b = arith.remui %a, %c8 : index
    %p = arith.addi %b, %c4 : index
    %v = tensor.extract %x[%p, %j] : tensor<16x64xf32>
    tensor.yield %v : f32
  } : tensor<8x64xf32>
  return %r : tensor<8x64xf32>
}

// floor 512 512: Columns 16 to 31 of 8 rows.
func.func @part_columns(%x: tensor<8x64xf32>, %s: index) -> tensor<8x16xf32> {
  %c16 = arith.constant 16 : index
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %a = arith.addi %j, %s : index
    %b = arith.remui %a, %c16 : index
    %p = arith.addi %b, %c16 : index
    %v = tensor.extract %x[%i, %p] : tensor<8x64xf32>
    tensor.yield %v : f32
  } : tensor<8x16xf32>
  return %r : tensor<8x16xf32>
}

// floor 128 384: 96 positions modulo 32.
func.func @more_than_once(%x: tensor<64xf32>, %s: index) -> tensor<96xf32> {
  %c32 = arith.constant 32 : index
  %r = tensor.generate {
  ^bb0(%i: index):
    %a = arith.addi %i, %s : index
    %p = arith.remui %a, %c32 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<96xf32>
  return %r : tensor<96xf32>
}

// floor 80 80: 20 positions of 64.
func.func @less_than_once(%x: tensor<64xf32>, %s: index) -> tensor<20xf32> {
  %c64 = arith.constant 64 : index
  %r = tensor.generate {
  ^bb0(%i: index):
    %a = arith.addi %i, %s : index
    %p = arith.remui %a, %c64 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<20xf32>
  return %r : tensor<20xf32>
}

// floor 4096 4096: Shifted windows, both shifts of run time.
func.func @swin_runtime(%x: tensor<16x64xf32>, %s: index, %t: index) -> tensor<16x64xf32> {
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %a = arith.addi %i, %s : index
    %p = arith.remui %a, %c16 : index
    %b = arith.addi %j, %t : index
    %q = arith.remui %b, %c64 : index
    %v = tensor.extract %x[%p, %q] : tensor<16x64xf32>
    tensor.yield %v : f32
  } : tensor<16x64xf32>
  return %r : tensor<16x64xf32>
}

// floor 264 256: The shift is loaded.
func.func @shift_loaded(%x: tensor<64xf32>, %s: tensor<i64>) -> tensor<64xf32> {
  %c64 = arith.constant 64 : index
  %n = tensor.extract %s[] : tensor<i64>
  %m = arith.index_cast %n : i64 to index
  %r = tensor.generate {
  ^bb0(%i: index):
    %a = arith.addi %i, %m : index
    %p = arith.remui %a, %c64 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 256 256: By two slices behind one another.
func.func @roll_concat(%x: tensor<64xf32>) -> tensor<64xf32> {
  %a = tensor.extract_slice %x[45] [19] [1] : tensor<64xf32> to tensor<19xf32>
  %b = tensor.extract_slice %x[0] [45] [1] : tensor<64xf32> to tensor<45xf32>
  %r = tensor.concat dim(0) %a, %b : (tensor<19xf32>, tensor<45xf32>) -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 128 128: From 39 down to 8.
func.func @flip_part(%x: memref<64xf32>, %o: memref<32xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %c39 = arith.constant 39 : index
  scf.for %i = %c0 to %c32 step %c1 {
    %p = arith.subi %c39, %i : index
    %v = memref.load %x[%p] : memref<64xf32>
    memref.store %v, %o[%i] : memref<32xf32>
  }
  return
}

// floor 128 128: Down from a position of run time.
func.func @flip_runtime(%x: memref<64xf32>, %o: memref<32xf32>, %s: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  scf.for %i = %c0 to %c32 step %c1 {
    %p = arith.subi %s, %i : index
    %v = memref.load %x[%p] : memref<64xf32>
    memref.store %v, %o[%i] : memref<32xf32>
  }
  return
}

// floor 256 256: Backwards and rolled, by a number of run time.
func.func @flip_rolled_runtime(%x: memref<64xf32>, %o: memref<64xf32>, %s: index) {
  affine.for %i = 0 to 64 {
    %p = affine.apply affine_map<(d0)[s0] -> ((s0 - d0) mod 64)>(%i)[%s]
    %v = memref.load %x[%p] : memref<64xf32>
    affine.store %v, %o[%i] : memref<64xf32>
  }
  return
}

// floor 256 256: What is written is rolled by a number of run time.
func.func @written_runtime(%x: memref<64xf32>, %o: memref<64xf32>, %s: index) {
  affine.for %i = 0 to 64 {
    %p = affine.apply affine_map<(d0)[s0] -> ((s0 + d0) mod 64)>(%i)[%s]
    %v = affine.load %x[%i] : memref<64xf32>
    memref.store %v, %o[%p] : memref<64xf32>
  }
  return
}

// floor 64 64: Every third number modulo 16, from a position of run time.
func.func @threes_runtime(%x: tensor<16xf32>, %s: index) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0)[s0] -> ((s0 + d0 * 3) mod 16)>(%i)[%s]
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 256 256: A table of 8 x 8 rolled as one row of 64 by quotient and remainder.
func.func @roll_flat(%x: tensor<8x8xf32>) -> tensor<64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> (((d0 + 13) mod 64) floordiv 8)>(%i)
    %q = affine.apply affine_map<(d0) -> ((d0 + 13) mod 8)>(%i)
    %v = tensor.extract %x[%p, %q] : tensor<8x8xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 64 256: Every number four times.
func.func @map_quotient(%x: tensor<16xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 floordiv 4)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<16xf32>) outs(%o : tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 64 256: All numbers, four times over.
func.func @map_remainder(%x: tensor<16xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 mod 16)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<16xf32>) outs(%o : tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 768 2048: 8 of 16 rows of 64 bytes and of 8 scales.
func.func @map_groups(%q: tensor<16x64xi8>, %s: tensor<16x8xf32>, %o: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i * 2, j)>, affine_map<(i, j) -> (i * 2, j floordiv 8)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%q, %s : tensor<16x64xi8>, tensor<16x8xf32>) outs(%o : tensor<8x64xf32>) {
  ^bb0(%a: i8, %b: f32, %c: f32):
    %f = arith.sitofp %a : i8 to f32
    %m = arith.mulf %f, %b : f32
    linalg.yield %m : f32
  } -> tensor<8x64xf32>
  return %r : tensor<8x64xf32>
}

// floor 256 64: A reduction over what a quotient repeats: 16 sums of 4.
func.func @map_sum(%x: tensor<64xf32>) -> tensor<16xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0 floordiv 4)>], iterator_types = ["reduction"]} ins(%x : tensor<64xf32>) outs(%f : tensor<16xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 1792 512: Heads in fours share keys; 256 + 1024 + 512 bytes.
func.func @map_gqa(%q: tensor<8x8xf32>, %k: tensor<2x16x8xf32>, %o: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(h, j, d) -> (h, d)>, affine_map<(h, j, d) -> (h floordiv 4, j, d)>, affine_map<(h, j, d) -> (h, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%q, %k : tensor<8x8xf32>, tensor<2x16x8xf32>) outs(%o : tensor<8x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<8x16xf32>
  return %r : tensor<8x16xf32>
}

// floor 60 64: (d0 + 1) floordiv 2 does not divide: 0 to 8 of the table, and 16 of the other less one.
func.func @map_unaligned(%x: memref<9xf32>, %y: memref<16xf32>, %o: memref<16xf32>) {
  affine.for %i = 0 to 16 {
    %a = affine.load %x[(%i + 1) floordiv 2] : memref<9xf32>
    affine.store %a, %o[%i] : memref<16xf32>
  }
  affine.for %i = 0 to 6 {
    %a = affine.load %y[(%i * 5) mod 16] : memref<16xf32>
    affine.store %a, %o[%i] : memref<16xf32>
  }
  return
}

// floor 400 2304: 3 x 3 windows of 10 x 10 numbers.
func.func @map_im2col(%x: memref<10x10xf32>, %o: memref<64x9xf32>) {
  affine.for %p = 0 to 64 {
    affine.for %k = 0 to 9 {
      %v = affine.load %x[%p floordiv 8 + %k floordiv 3, %p mod 8 + %k mod 3] : memref<10x10xf32>
      affine.store %v, %o[%p, %k] : memref<64x9xf32>
    }
  }
  return
}

// floor 128 128: mod of a tile loop's point: 32 of 64 numbers, each second block of 4.
func.func @map_tiled(%x: memref<64xf32>, %o: memref<32xf32>) {
  affine.for %i = 0 to 32 step 8 {
    affine.for %j = 0 to 8 {
      %v = affine.load %x[((%i + %j) floordiv 4) * 8 + (%i + %j) mod 4] : memref<64xf32>
      affine.store %v, %o[%i + %j] : memref<32xf32>
    }
  }
  return
}

// floor 256 256: 8 rows of 8 in one loop.
func.func @p_only(%x: memref<8x8xf32>, %o: memref<64xf32>) {
  affine.for %p = 0 to 64 {
      %v = affine.load %x[%p floordiv 8, %p mod 8] : memref<8x8xf32>
      affine.store %v, %o[%p] : memref<64xf32>
  }
  return
}
// floor 4096 4096: 32 rows of 32 in one loop.
func.func @p_more(%x: memref<32x32xf32>, %o: memref<1024xf32>) {
  affine.for %p = 0 to 1024 {
      %v = affine.load %x[%p floordiv 32, %p mod 32] : memref<32x32xf32>
      affine.store %v, %o[%p] : memref<1024xf32>
  }
  return
}
// floor 36 64: 0, 1, 1, 2, 2, up to 8.
func.func @un(%x: memref<9xf32>, %o: memref<16xf32>) {
  affine.for %i = 0 to 16 {
    %a = affine.load %x[(%i + 1) floordiv 2] : memref<9xf32>
    affine.store %a, %o[%i] : memref<16xf32>
  }
  return
}
// floor 24 24: 0, 5, 10, 15, 4, 9.
func.func @five(%y: memref<16xf32>, %o: memref<16xf32>) {
  affine.for %i = 0 to 6 {
    %a = affine.load %y[(%i * 5) mod 16] : memref<16xf32>
    affine.store %a, %o[%i] : memref<16xf32>
  }
  return
}

// floor 2048 2048: Blocks of 4 x 4 of 16 x 32 numbers: two divisors in one loop.
func.func @two_divisors(%x: memref<16x32xf32>, %o: memref<512xf32>) {
  affine.for %p = 0 to 512 {
    %v = affine.load %x[(%p floordiv 128) * 4 + (%p mod 16) floordiv 4, ((%p mod 128) floordiv 16) * 4 + %p mod 4] : memref<16x32xf32>
    affine.store %v, %o[%p] : memref<512xf32>
  }
  return
}

// floor 4096 4096: The same by integers of the body.
func.func @divided_sum(%x: memref<32x32xf32>, %o: memref<1024xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %c1024 = arith.constant 1024 : index
  scf.for %i = %c0 to %c1024 step %c64 {
    scf.for %j = %c0 to %c64 step %c1 {
      %p = arith.addi %i, %j : index
      %r = arith.divui %p, %c32 : index
      %c = arith.remui %p, %c32 : index
      %v = memref.load %x[%r, %c] : memref<32x32xf32>
      memref.store %v, %o[%p] : memref<1024xf32>
    }
  }
  return
}
