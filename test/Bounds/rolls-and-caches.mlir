// More positions: maps with floordiv and mod, integers of few bits, flips, caches
// written where data say, a million tokens. The comment before each function has
// the bytes of its floor (docs/Model.md, B5), read and written, and why.
// RUN: %python %S/Inputs/check_floors.py %s

// floor 160 160: 40 numbers, each once.
func.func @roll_back(%x: tensor<40xf32>) -> tensor<40xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 - 5) mod 40)>(%i)
    %v = tensor.extract %x[%p] : tensor<40xf32>
    tensor.yield %v : f32
  } : tensor<40xf32>
  return %r : tensor<40xf32>
}

// floor 256 256: Two halves become even and odd numbers.
func.func @interleave(%x: tensor<64xf32>) -> tensor<64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 mod 2) * 32 + d0 floordiv 2)>(%i)
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 256 256: Even and odd numbers become two halves.
func.func @deinterleave(%x: tensor<64xf32>) -> tensor<64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 mod 32) * 2 + d0 floordiv 32)>(%i)
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 64 64: 3 and 16 have no common divisor: all 16 numbers.
func.func @three_steps(%x: tensor<16xf32>) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 * 3) mod 16)>(%i)
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 16 64: 0, 4, 8 and 12.
func.func @four_steps(%x: tensor<16xf32>) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 * 4) mod 16)>(%i)
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 40 120: The odd numbers below 20.
func.func @six_steps(%x: tensor<20xf32>) -> tensor<30xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 * 6 + 1) mod 20)>(%i)
    %v = tensor.extract %x[%p] : tensor<20xf32>
    tensor.yield %v : f32
  } : tensor<30xf32>
  return %r : tensor<30xf32>
}

// floor 80 240: 20 numbers, three times each.
func.func @repeat_each(%x: tensor<20xf32>) -> tensor<60xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> (d0 floordiv 3)>(%i)
    %v = tensor.extract %x[%p] : tensor<20xf32>
    tensor.yield %v : f32
  } : tensor<60xf32>
  return %r : tensor<60xf32>
}

// floor 80 240: 20 numbers, three times over.
func.func @repeat_all(%x: tensor<20xf32>) -> tensor<60xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> (d0 mod 20)>(%i)
    %v = tensor.extract %x[%p] : tensor<20xf32>
    tensor.yield %v : f32
  } : tensor<60xf32>
  return %r : tensor<60xf32>
}

// floor 56 160: 1 to 14.
func.func @rounded_up(%x: tensor<20xf32>) -> tensor<40xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 + 2) ceildiv 3)>(%i)
    %v = tensor.extract %x[%p] : tensor<20xf32>
    tensor.yield %v : f32
  } : tensor<40xf32>
  return %r : tensor<40xf32>
}

// floor 28 96: -7 / 4 is -2 and 16 / 4 is 4: 0 to 6.
func.func @negative_quotient(%x: tensor<16xf32>) -> tensor<24xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 - 7) floordiv 4 + 2)>(%i)
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<24xf32>
  return %r : tensor<24xf32>
}

// floor 68 80: 3 to 0 and up to 16.
func.func @reflected(%x: tensor<17xf32>) -> tensor<20xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c3 = arith.constant 3 : index
    %a = arith.subi %i, %c3 : index
    %b = arith.subi %c3, %i : index
    %p = arith.maxsi %a, %b : index
    %v = tensor.extract %x[%p] : tensor<17xf32>
    tensor.yield %v : f32
  } : tensor<20xf32>
  return %r : tensor<20xf32>
}

// floor 64 96: 4 to 0, up to 15, back to 11.
func.func @reflected_twice(%x: tensor<16xf32>) -> tensor<24xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c4 = arith.constant 4 : index
    %c15 = arith.constant 15 : index
    %c30 = arith.constant 30 : index
    %a = arith.subi %i, %c4 : index
    %b = arith.subi %c4, %i : index
    %u = arith.maxsi %a, %b : index
    %w = arith.subi %c30, %u : index
    %p = arith.minsi %u, %w : index
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<24xf32>
  return %r : tensor<24xf32>
}

// floor 64 80: The last two and the first two come twice.
func.func @circular_padding(%x: tensor<16xf32>) -> tensor<20xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 + 14) mod 16)>(%i)
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<20xf32>
  return %r : tensor<20xf32>
}

// floor 64 64: 31 to 16.
func.func @flip_last_half(%x: tensor<32xf32>) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> (-d0 + 31)>(%i)
    %v = tensor.extract %x[%p] : tensor<32xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 256 256: Bits that change places are all numbers.
func.func @butterfly(%x: tensor<64xf32>) -> tensor<64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c5 = arith.constant 5 : index
    %p = arith.xori %i, %c5 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 128 128: Every number once.
func.func @gray_code(%x: tensor<32xf32>) -> tensor<32xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c1 = arith.constant 1 : index
    %h = arith.shrui %i, %c1 : index
    %p = arith.xori %i, %h : index
    %v = tensor.extract %x[%p] : tensor<32xf32>
    tensor.yield %v : f32
  } : tensor<32xf32>
  return %r : tensor<32xf32>
}

// floor 32 32: Every number once.
func.func @bit_reversal(%x: tensor<8xf32>) -> tensor<8xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %low = arith.andi %i, %c1 : index
    %l = arith.shli %low, %c2 : index
    %m = arith.andi %i, %c2 : index
    %h = arith.shrui %i, %c2 : index
    %o = arith.ori %l, %m : index
    %p = arith.ori %o, %h : index
    %v = tensor.extract %x[%p] : tensor<8xf32>
    tensor.yield %v : f32
  } : tensor<8xf32>
  return %r : tensor<8xf32>
}

// floor 1024 1200: 300 numbers wrap at 256.
func.func @wrapped_bytes(%x: tensor<256xf32>) -> tensor<300xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %b = arith.index_cast %i : index to i8
    %p = arith.index_castui %b : i8 to index
    %v = tensor.extract %x[%p] : tensor<256xf32>
    tensor.yield %v : f32
  } : tensor<300xf32>
  return %r : tensor<300xf32>
}

// floor 1024 1024: 3 has an inverse modulo 256.
func.func @times_three_in_bytes(%x: tensor<256xf32>) -> tensor<256xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c3 = arith.constant 3 : i8
    %b = arith.index_cast %i : index to i8
    %t = arith.muli %b, %c3 : i8
    %p = arith.index_castui %t : i8 to index
    %v = tensor.extract %x[%p] : tensor<256xf32>
    tensor.yield %v : f32
  } : tensor<256xf32>
  return %r : tensor<256xf32>
}

// floor 64 256: The low 4 bits.
func.func @low_nibble(%x: tensor<16xf32>) -> tensor<64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %b = arith.index_cast %i : index to i32
    %n = arith.trunci %b : i32 to i4
    %p = arith.index_castui %n : i4 to index
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 64 256: -8 to 7 and 8.
func.func @signed_nibble(%x: tensor<16xf32>) -> tensor<64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c8 = arith.constant 8 : index
    %b = arith.index_cast %i : index to i32
    %n = arith.trunci %b : i32 to i4
    %s = arith.index_cast %n : i4 to index
    %p = arith.addi %s, %c8 : index
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 28 64: -3 to 3 and 3.
func.func @remainder_below_zero(%x: tensor<8xf32>) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c7 = arith.constant 7 : index
    %c4 = arith.constant 4 : index
    %c3 = arith.constant 3 : index
    %a = arith.subi %i, %c7 : index
    %b = arith.remsi %a, %c4 : index
    %p = arith.addi %b, %c3 : index
    %v = tensor.extract %x[%p] : tensor<8xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 16 64: -7 / 4 is -1 toward 0, 8 / 4 is 2: 0 to 3.
func.func @quotient_below_zero(%x: tensor<8xf32>) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c7 = arith.constant 7 : index
    %c4 = arith.constant 4 : index
    %c1 = arith.constant 1 : index
    %a = arith.subi %i, %c7 : index
    %b = arith.divsi %a, %c4 : index
    %p = arith.addi %b, %c1 : index
    %v = tensor.extract %x[%p] : tensor<8xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 16 400: The squares 0, 1, 4 and all above 8 as 9.
func.func @saturated(%x: tensor<10xf32>) -> tensor<100xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c9 = arith.constant 9 : index
    %c10 = arith.constant 10 : index
    %q = arith.divui %i, %c10 : index
    %d = arith.muli %q, %q : index
    %p = arith.minui %d, %c9 : index
    %v = tensor.extract %x[%p] : tensor<10xf32>
    tensor.yield %v : f32
  } : tensor<100xf32>
  return %r : tensor<100xf32>
}

// floor 64 64: From both ends to the middle.
func.func @zigzag(%x: tensor<16xf32>) -> tensor<16xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c2 = arith.constant 2 : index
    %c15 = arith.constant 15 : index
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = arith.remui %i, %c2 : index
    %h = arith.divui %i, %c2 : index
    %e = arith.cmpi eq, %r, %c0 : index
    %w = arith.subi %c15, %h : index
    %p = arith.select %e, %h, %w : index
    %v = tensor.extract %x[%p] : tensor<16xf32>
    tensor.yield %v : f32
  } : tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 96 96: 48 numbers of 2 bytes.
func.func @bf16_roll(%x: tensor<48xbf16>) -> tensor<48xbf16> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = affine.apply affine_map<(d0) -> ((d0 + 47) mod 48)>(%i)
    %v = tensor.extract %x[%p] : tensor<48xbf16>
    tensor.yield %v : bf16
  } : tensor<48xbf16>
  return %r : tensor<48xbf16>
}

// floor 32 32: 0, 1, 4, ..., 49.
func.func @squares(%x: tensor<64xf32>) -> tensor<8xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %p = arith.muli %i, %i : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<8xf32>
  return %r : tensor<8xf32>
}

// floor 44 44: 0, 1, 3, ..., 55.
func.func @triangular_numbers(%x: tensor<64xf32>) -> tensor<11xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %n = arith.addi %i, %c1 : index
    %m = arith.muli %i, %n : index
    %p = arith.divui %m, %c2 : index
    %v = tensor.extract %x[%p] : tensor<64xf32>
    tensor.yield %v : f32
  } : tensor<11xf32>
  return %r : tensor<11xf32>
}

// floor 960 960: A quarter turn of 12 x 20 numbers.
func.func @rotate_90(%x: tensor<12x20xf32>) -> tensor<20x12xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (-d1 + 11)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (d0)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<12x20xf32>
    tensor.yield %v : f32
  } : tensor<20x12xf32>
  return %r : tensor<20x12xf32>
}

// floor 960 960: 12 x 20 numbers.
func.func @flip_both(%x: tensor<12x20xf32>) -> tensor<12x20xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (-d0 + 11)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (-d1 + 19)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<12x20xf32>
    tensor.yield %v : f32
  } : tensor<12x20xf32>
  return %r : tensor<12x20xf32>
}

// floor 960 960: Rows are rolled, columns flipped.
func.func @roll_and_flip(%x: tensor<12x20xf32>) -> tensor<12x20xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> ((d0 + 3) mod 12)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (-d1 + 19)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<12x20xf32>
    tensor.yield %v : f32
  } : tensor<12x20xf32>
  return %r : tensor<12x20xf32>
}

// floor 256 256: 4 windows of 4 x 4, shifted by 2, are all of 8 x 8.
func.func @shifted_windows(%x: tensor<8x8xf32>) -> tensor<4x4x4xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %p0 = affine.apply affine_map<(d0, d1, d2) -> (((d0 floordiv 2) * 4 + d1 + 2) mod 8)>(%i, %j, %k)
    %p1 = affine.apply affine_map<(d0, d1, d2) -> (((d0 mod 2) * 4 + d2 + 2) mod 8)>(%i, %j, %k)
    %v = tensor.extract %x[%p0, %p1] : tensor<8x8xf32>
    tensor.yield %v : f32
  } : tensor<4x4x4xf32>
  return %r : tensor<4x4x4xf32>
}

// floor 1024 1024: Every number once.
func.func @pixel_shuffle(%x: tensor<16x4x4xf32>) -> tensor<4x8x8xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %p0 = affine.apply affine_map<(d0, d1, d2) -> (d0 * 4 + (d1 mod 2) * 2 + d2 mod 2)>(%i, %j, %k)
    %p1 = affine.apply affine_map<(d0, d1, d2) -> (d1 floordiv 2)>(%i, %j, %k)
    %p2 = affine.apply affine_map<(d0, d1, d2) -> (d2 floordiv 2)>(%i, %j, %k)
    %v = tensor.extract %x[%p0, %p1, %p2] : tensor<16x4x4xf32>
    tensor.yield %v : f32
  } : tensor<4x8x8xf32>
  return %r : tensor<4x8x8xf32>
}

// floor 1024 1024: Every number once.
func.func @pixel_unshuffle(%x: tensor<4x8x8xf32>) -> tensor<16x4x4xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %p0 = affine.apply affine_map<(d0, d1, d2) -> (d0 floordiv 4)>(%i, %j, %k)
    %p1 = affine.apply affine_map<(d0, d1, d2) -> (d1 * 2 + (d0 mod 4) floordiv 2)>(%i, %j, %k)
    %p2 = affine.apply affine_map<(d0, d1, d2) -> (d2 * 2 + d0 mod 2)>(%i, %j, %k)
    %v = tensor.extract %x[%p0, %p1, %p2] : tensor<4x8x8xf32>
    tensor.yield %v : f32
  } : tensor<16x4x4xf32>
  return %r : tensor<16x4x4xf32>
}

// floor 192 1152: 8 x 6 numbers, 6 times each.
func.func @upsampled(%x: tensor<8x6xf32>) -> tensor<16x18xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (d0 floordiv 2)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (d1 floordiv 3)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<8x6xf32>
    tensor.yield %v : f32
  } : tensor<16x18xf32>
  return %r : tensor<16x18xf32>
}

// floor 192 192: 8 x 6 of 16 x 18.
func.func @downsampled(%x: tensor<16x18xf32>) -> tensor<8x6xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (d0 * 2 + 1)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (d1 * 3)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<16x18xf32>
    tensor.yield %v : f32
  } : tensor<8x6xf32>
  return %r : tensor<8x6xf32>
}

// floor 1024 1024: Every number once.
func.func @diagonal_blocks(%x: tensor<16x4x4xf32>) -> tensor<64x4xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (d0 floordiv 4)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (d0 mod 4)>(%i, %j)
    %p2 = affine.apply affine_map<(d0, d1) -> (d1)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1, %p2] : tensor<16x4x4xf32>
    tensor.yield %v : f32
  } : tensor<64x4xf32>
  return %r : tensor<64x4xf32>
}

// floor 256 256: Every number is on one of 8 diagonals that wrap.
func.func @antidiagonals(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (d1)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> ((d0 - d1) mod 8)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<8x8xf32>
    tensor.yield %v : f32
  } : tensor<8x8xf32>
  return %r : tensor<8x8xf32>
}

// floor 768 768: Rows are dealt to three groups.
func.func @blocks_of_rows(%x: tensor<24x8xf32>) -> tensor<3x8x8xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %p0 = affine.apply affine_map<(d0, d1, d2) -> ((d1 * 3 + d0))>(%i, %j, %k)
    %p1 = affine.apply affine_map<(d0, d1, d2) -> (d2)>(%i, %j, %k)
    %v = tensor.extract %x[%p0, %p1] : tensor<24x8xf32>
    tensor.yield %v : f32
  } : tensor<3x8x8xf32>
  return %r : tensor<3x8x8xf32>
}

// floor 2048 2048: Heads become columns.
func.func @heads_back(%x: tensor<4x16x8xf32>) -> tensor<16x32xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> (d1 floordiv 8)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> (d0)>(%i, %j)
    %p2 = affine.apply affine_map<(d0, d1) -> (d1 mod 8)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1, %p2] : tensor<4x16x8xf32>
    tensor.yield %v : f32
  } : tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// floor 1024 4096: 8 heads read the keys of 2.
func.func @grouped_heads(%x: tensor<2x16x8xf32>) -> tensor<8x16x8xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %p0 = affine.apply affine_map<(d0, d1, d2) -> (d0 floordiv 4)>(%i, %j, %k)
    %p1 = affine.apply affine_map<(d0, d1, d2) -> (d1)>(%i, %j, %k)
    %p2 = affine.apply affine_map<(d0, d1, d2) -> (d2)>(%i, %j, %k)
    %v = tensor.extract %x[%p0, %p1, %p2] : tensor<2x16x8xf32>
    tensor.yield %v : f32
  } : tensor<8x16x8xf32>
  return %r : tensor<8x16x8xf32>
}

// floor 144 144: A flat position taken apart again.
func.func @edge_padding(%x: tensor<6x6xf32>) -> tensor<6x6xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p0 = affine.apply affine_map<(d0, d1) -> ((d0 * 6 + d1) floordiv 6)>(%i, %j)
    %p1 = affine.apply affine_map<(d0, d1) -> ((d0 * 6 + d1) mod 6)>(%i, %j)
    %v = tensor.extract %x[%p0, %p1] : tensor<6x6xf32>
    tensor.yield %v : f32
  } : tensor<6x6xf32>
  return %r : tensor<6x6xf32>
}

// floor 64 64: 16 numbers are read and written, a column of the cache.
func.func @append_column(%cache: memref<16x512xf32>, %new: memref<16xf32>, %pos: index) {
  affine.for %i = 0 to 16 {
    %v = memref.load %new[%i] : memref<16xf32>
    memref.store %v, %cache[%i, %pos] : memref<16x512xf32>
  }
  return
}

// floor 512 512: 8 rows of 16 numbers, one per head.
func.func @append_per_head(%cache: memref<8x512x16xf32>, %new: memref<8x16xf32>, %pos: index) {
  affine.for %h = 0 to 8 {
    affine.for %i = 0 to 16 {
      %v = memref.load %new[%h, %i] : memref<8x16xf32>
      memref.store %v, %cache[%h, %pos, %i] : memref<8x512x16xf32>
    }
  }
  return
}

// floor 256 256: A row of 64 numbers, wherever the ring is.
func.func @ring_buffer(%cache: memref<512x64xf32>, %new: memref<64xf32>, %pos: index) {
  %c512 = arith.constant 512 : index
  %slot = arith.remui %pos, %c512 : index
  affine.for %i = 0 to 64 {
    %v = memref.load %new[%i] : memref<64xf32>
    memref.store %v, %cache[%slot, %i] : memref<512x64xf32>
  }
  return
}

// floor 256 512: The row is read back, not the cache: 256 of %new; the row and %o.
func.func @write_and_read_back(%cache: memref<512x64xf32>, %new: memref<64xf32>, %o: memref<64xf32>, %pos: index) {
  affine.for %i = 0 to 64 {
    %v = memref.load %new[%i] : memref<64xf32>
    memref.store %v, %cache[%pos, %i] : memref<512x64xf32>
  }
  affine.for %i = 0 to 64 {
    %v = memref.load %cache[%pos, %i] : memref<512x64xf32>
    memref.store %v, %o[%i] : memref<64xf32>
  }
  return
}

// floor 512 512: A row before the position, and the new one; %o and the new row.
func.func @read_row_before(%cache: memref<512x64xf32>, %new: memref<64xf32>, %o: memref<64xf32>, %pos: index) {
  %c1 = arith.constant 1 : index
  %last = arith.subi %pos, %c1 : index
  affine.for %i = 0 to 64 {
    %v = memref.load %cache[%last, %i] : memref<512x64xf32>
    memref.store %v, %o[%i] : memref<64xf32>
  }
  affine.for %i = 0 to 64 {
    %v = memref.load %new[%i] : memref<64xf32>
    memref.store %v, %cache[%pos, %i] : memref<512x64xf32>
  }
  return
}

// floor 262400 4608: 511 rows of each, two new rows, %q; two rows and two results.
func.func @two_caches(%k: tensor<512x64xf32>, %v: tensor<512x64xf32>, %nk: tensor<1x64xf32>, %nv: tensor<1x64xf32>, %q: tensor<64xf32>, %s: tensor<512xf32>, %t: tensor<512xf32>, %pos: index) -> (tensor<512x64xf32>, tensor<512x64xf32>, tensor<512xf32>, tensor<512xf32>) {
  %k1 = tensor.insert_slice %nk into %k[%pos, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<512x64xf32>
  %v1 = tensor.insert_slice %nv into %v[%pos, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<512x64xf32>
  %zero = arith.constant 0.0 : f32
  %s0 = linalg.fill ins(%zero : f32) outs(%s : tensor<512xf32>) -> tensor<512xf32>
  %t0 = linalg.fill ins(%zero : f32) outs(%t : tensor<512xf32>) -> tensor<512xf32>
  %s1 = linalg.matvec ins(%k1, %q : tensor<512x64xf32>, tensor<64xf32>) outs(%s0 : tensor<512xf32>) -> tensor<512xf32>
  %t1 = linalg.matvec ins(%v1, %q : tensor<512x64xf32>, tensor<64xf32>) outs(%t0 : tensor<512xf32>) -> tensor<512xf32>
  return %k1, %v1, %s1, %t1 : tensor<512x64xf32>, tensor<512x64xf32>, tensor<512xf32>, tensor<512xf32>
}

// floor 131328 3072: 4 new rows take the place of as many: 508 rows, the new ones, %q.
func.func @speculated_rows(%k: tensor<512x64xf32>, %new: tensor<4x64xf32>, %q: tensor<64xf32>, %s: tensor<512xf32>, %pos: index) -> (tensor<512x64xf32>, tensor<512xf32>) {
  %k1 = tensor.insert_slice %new into %k[%pos, 0] [4, 64] [1, 1] : tensor<4x64xf32> into tensor<512x64xf32>
  %zero = arith.constant 0.0 : f32
  %s0 = linalg.fill ins(%zero : f32) outs(%s : tensor<512xf32>) -> tensor<512xf32>
  %s1 = linalg.matvec ins(%k1, %q : tensor<512x64xf32>, tensor<64xf32>) outs(%s0 : tensor<512xf32>) -> tensor<512xf32>
  return %k1, %s1 : tensor<512x64xf32>, tensor<512xf32>
}

// floor 68 68: 64 bytes and their scale.
func.func @quantized_row(%cache: memref<512x64xi8>, %scales: memref<512xf32>, %new: memref<64xi8>, %scale: memref<1xf32>, %pos: index) {
  %c0 = arith.constant 0 : index
  affine.for %i = 0 to 64 {
    %v = memref.load %new[%i] : memref<64xi8>
    memref.store %v, %cache[%pos, %i] : memref<512x64xi8>
  }
  affine.for %i = 0 to 1 {
    %s = memref.load %scale[%i] : memref<1xf32>
    memref.store %s, %scales[%pos] : memref<512xf32>
  }
  return
}

// floor 1056 1024: 4 positions, 4 rows; every sequence has its own part of the cache.
func.func @rows_of_a_batch(%cache: memref<4x128x64xf32>, %new: memref<4x64xf32>, %pos: memref<4xindex>) {
  affine.for %b = 0 to 4 {
    %p = memref.load %pos[%b] : memref<4xindex>
    affine.for %i = 0 to 64 {
      %v = memref.load %new[%b, %i] : memref<4x64xf32>
      memref.store %v, %cache[%b, %p, %i] : memref<4x128x64xf32>
    }
  }
  return
}

// floor 264 256: An entry of the table, and the row.
func.func @paged_append(%cache: memref<32x16x64xf32>, %table: memref<8xindex>, %new: memref<64xf32>, %pos: index) {
  %c16 = arith.constant 16 : index
  %page = arith.divui %pos, %c16 : index
  %slot = arith.remui %pos, %c16 : index
  %block = memref.load %table[%page] : memref<8xindex>
  affine.for %i = 0 to 64 {
    %v = memref.load %new[%i] : memref<64xf32>
    memref.store %v, %cache[%block, %slot, %i] : memref<32x16x64xf32>
  }
  return
}

// floor 8192 8192: 32 rows from a position on.
func.func @window_at_position(%cache: tensor<512x64xf32>, %o: tensor<32x64xf32>, %pos: index) -> tensor<32x64xf32> {
  %w = tensor.extract_slice %cache[%pos, 0] [32, 64] [1, 1] : tensor<512x64xf32> to tensor<32x64xf32>
  %r = linalg.exp ins(%w : tensor<32x64xf32>) outs(%o : tensor<32x64xf32>) -> tensor<32x64xf32>
  return %r : tensor<32x64xf32>
}

// floor 256 256: A row is copied to another place.
func.func @move_a_row(%cache: memref<512x64xf32>, %from: index, %to: index) {
  affine.for %i = 0 to 64 {
    %v = memref.load %cache[%from, %i] : memref<512x64xf32>
    memref.store %v, %cache[%to, %i] : memref<512x64xf32>
  }
  return
}

// floor 131072 131072: The ring turns by %n: every row is read and written once.
func.func @every_row_once_more(%x: memref<512x64xf32>, %o: memref<512x64xf32>, %n: index) {
  %c512 = arith.constant 512 : index
  affine.for %r = 0 to 512 {
    %a = arith.addi %r, %n : index
    %b = arith.remui %a, %c512 : index
    affine.for %i = 0 to 64 {
      %v = memref.load %x[%b, %i] : memref<512x64xf32>
      memref.store %v, %o[%r, %i] : memref<512x64xf32>
    }
  }
  return
}

// floor 536870912 536870912: 2^20 tokens of 128 numbers, each rolled to the next.
func.func @shifted_tokens(%x: tensor<1048576x128xf32>) -> tensor<1048576x128xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p = affine.apply affine_map<(d0) -> ((d0 + 1048575) mod 1048576)>(%i)
    %v = tensor.extract %x[%p, %j] : tensor<1048576x128xf32>
    tensor.yield %v : f32
  } : tensor<1048576x128xf32>
  return %r : tensor<1048576x128xf32>
}

// floor 536870912 2199023255552: Queries and keys of 2^20 tokens, 2^40 scores of 2 bytes.
func.func @million_scores(%q: tensor<1048576x128xf16>, %k: tensor<1048576x128xf16>) -> tensor<1048576x1048576xf16> {
  %zero = arith.constant 0.0 : f16
  %e = tensor.empty() : tensor<1048576x1048576xf16>
  %f = linalg.fill ins(%zero : f16) outs(%e : tensor<1048576x1048576xf16>) -> tensor<1048576x1048576xf16>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%q, %k : tensor<1048576x128xf16>, tensor<1048576x128xf16>) outs(%f : tensor<1048576x1048576xf16>) {
  ^bb0(%a: f16, %b: f16, %c: f16):
    %m = arith.mulf %a, %b : f16
    %s = arith.addf %c, %m : f16
    linalg.yield %s : f16
  } -> tensor<1048576x1048576xf16>
  return %r : tensor<1048576x1048576xf16>
}

// floor 268435456 268435456: Halves of 32 change places in 2^20 rows of 64 numbers.
func.func @rotated_million(%x: tensor<1048576x64xf32>) -> tensor<1048576x64xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %p = affine.apply affine_map<(d0) -> ((d0 + 32) mod 64)>(%j)
    %v = tensor.extract %x[%i, %p] : tensor<1048576x64xf32>
    tensor.yield %v : f32
  } : tensor<1048576x64xf32>
  return %r : tensor<1048576x64xf32>
}

// floor 67108864 67108864: 2^20 rows of 16 numbers from the last to the first.
func.func @flipped_million(%x: memref<1048576x16xf32>, %o: memref<1048576x16xf32>) {
  %last = arith.constant 1048575 : index
  affine.for %i = 0 to 1048576 {
    %p = arith.subi %last, %i : index
    affine.for %j = 0 to 16 {
      %v = memref.load %x[%p, %j] : memref<1048576x16xf32>
      memref.store %v, %o[%i, %j] : memref<1048576x16xf32>
    }
  }
  return
}

// floor 268435456 268435456: Blocks of 128 tokens, each found by a quotient and a remainder.
func.func @million_in_blocks(%x: memref<1048576x64xf32>, %o: memref<8192x128x64xf32>) {
  affine.for %t = 0 to 1048576 {
    %b = affine.apply affine_map<(d0) -> (d0 floordiv 128)>(%t)
    %s = affine.apply affine_map<(d0) -> (d0 mod 128)>(%t)
    affine.for %j = 0 to 64 {
      %v = memref.load %x[%t, %j] : memref<1048576x64xf32>
      memref.store %v, %o[%b, %s, %j] : memref<8192x128x64xf32>
    }
  }
  return
}

// floor 4194816 536870912: 2^20 numbers of rows, of which all may name one of 512 bytes.
func.func @embedded_million(%table: tensor<131072x128xf32>, %ids: tensor<1048576xi32>) -> tensor<1048576x128xf32> {
  %e = tensor.empty() : tensor<1048576x128xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%ids : tensor<1048576xi32>) outs(%e : tensor<1048576x128xf32>) {
  ^bb0(%id: i32, %o: f32):
    %p = arith.index_cast %id : i32 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %table[%p, %j] : tensor<131072x128xf32>
    linalg.yield %v : f32
  } -> tensor<1048576x128xf32>
  return %r : tensor<1048576x128xf32>
}
