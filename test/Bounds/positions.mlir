// Positions that are no affine forms, or that only data knows: rolls, flips,
// clamps, windows that wrap, caches written and read at run time. The comment
// before each function has the bytes of its floor (docs/Model.md, B5), read and
// written, and why.
// RUN: %python %S/Inputs/check_floors.py %s

// floor 256 256: All 64 numbers are read and written, whatever the order.
func.func @roll_for_rem(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %j = arith.addi %i, %c3 : index
    %k = arith.remui %j, %c64 : index
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 256 256: The same by a comparison.
func.func @roll_for_select(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %j = arith.addi %i, %c3 : index
    %o = arith.subi %j, %c64 : index
    %c = arith.cmpi slt, %j, %c64 : index
    %k = arith.select %c, %j, %o : index
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 256 256: What is written is rolled.
func.func @roll_for_write(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %j = arith.addi %i, %c3 : index
    %k = arith.remsi %j, %c64 : index
    %x = memref.load %a[%i] : memref<64xf32>
    memref.store %x, %b[%k] : memref<64xf32>
  }
  return
}

// floor 4096 4096: 16 x 64 numbers, rolled in both directions.
func.func @roll_2d_for(%a: memref<16x64xf32>, %b: memref<16x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c16 step %c1 {
    %i1 = arith.addi %i, %c5 : index
    %i2 = arith.remui %i1, %c16 : index
    scf.for %l = %c0 to %c64 step %c1 {
    %j = arith.addi %l, %c3 : index
    %k = arith.remui %j, %c64 : index
    %x = memref.load %a[%i2, %k] : memref<16x64xf32>
    memref.store %x, %b[%i, %l] : memref<16x64xf32>
    }
  }
  return
}

// floor 256 256: From the last to the first.
func.func @flip_for(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c63 = arith.constant 63 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %k = arith.subi %c63, %i : index
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 256 256: On tensors.
func.func @roll_generic_extract(%a: tensor<64xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<64xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = arith.addi %i, %c3 : index
    %k = arith.remui %j, %c64 : index
    %x = tensor.extract %a[%k] : tensor<64xf32>
    linalg.yield %x : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 8192 8192: 32 x 64 numbers.
func.func @flip2d_generic_extract(%a: tensor<32x64xf32>, %o: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %c31 = arith.constant 31 : index
  %c63 = arith.constant 63 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i,j) -> (i,j)>], iterator_types = ["parallel","parallel"]} outs(%o : tensor<32x64xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %p = arith.subi %c31, %i : index
    %q = arith.subi %c63, %j : index
    %x = tensor.extract %a[%p, %q] : tensor<32x64xf32>
    linalg.yield %x : f32
  } -> tensor<32x64xf32>
  return %r : tensor<32x64xf32>
}

// floor 256 256: 64 neighbours modulo 64 are all of them, wherever they begin.
func.func @roll_runtime_generic(%a: tensor<64xf32>, %s: index, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c64 = arith.constant 64 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<64xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = arith.addi %i, %s : index
    %k = arith.remui %j, %c64 : index
    %x = tensor.extract %a[%k] : tensor<64xf32>
    linalg.yield %x : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 256 256: The same in a loop.
func.func @roll_runtime_for(%a: memref<64xf32>, %s: index, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %j = arith.addi %i, %s : index
    %k = arith.remui %j, %c64 : index
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 256 256: By an affine map.
func.func @roll_affine(%a: memref<64xf32>, %b: memref<64xf32>) {
  affine.for %i = 0 to 64 {
    %x = affine.load %a[(%i + 3) mod 64] : memref<64xf32>
    affine.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 64 256: 16 numbers, each read 4 times.
func.func @apply_floordiv_for(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %k = affine.apply affine_map<(d0) -> (d0 floordiv 4)>(%i)
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 548 256: All 64 of %a (256), 9 of %w (36), 64 of %o (256).
func.func @window_mod(%a: tensor<64xf32>, %w: tensor<9xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i,j) -> ((i+j+56) mod 64)>, affine_map<(i,j) -> (j)>, affine_map<(i,j) -> (i)>], iterator_types = ["parallel","reduction"]} ins(%a, %w : tensor<64xf32>, tensor<9xf32>) outs(%o : tensor<64xf32>) {
  ^bb0(%x: f32, %v: f32, %y: f32):
    %m = arith.mulf %x, %v : f32
    %s = arith.addf %m, %y : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 548 256: The same by a load in the body.
func.func @window_mod_extract(%a: tensor<64xf32>, %w: tensor<9xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c56 = arith.constant 56 : index
  %c64 = arith.constant 64 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i,j) -> (j)>, affine_map<(i,j) -> (i)>], iterator_types = ["parallel","reduction"]} ins(%w : tensor<9xf32>) outs(%o : tensor<64xf32>) {
  ^bb0(%v: f32, %y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %p = arith.addi %i, %j : index
    %q = arith.addi %p, %c56 : index
    %k = arith.remui %q, %c64 : index
    %x = tensor.extract %a[%k] : tensor<64xf32>
    %m = arith.mulf %x, %v : f32
    %s = arith.addf %m, %y : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 67108864 67108864: 2^24 numbers, too many to look at one by one.
func.func @big_roll_generic(%a: tensor<4096x4096xf32>, %o: tensor<4096x4096xf32>) -> tensor<4096x4096xf32> {
  %c7 = arith.constant 7 : index
  %c4096 = arith.constant 4096 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i,j) -> (i,j)>], iterator_types = ["parallel","parallel"]} outs(%o : tensor<4096x4096xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %p = arith.addi %j, %c7 : index
    %k = arith.remui %p, %c4096 : index
    %x = tensor.extract %a[%i, %k] : tensor<4096x4096xf32>
    linalg.yield %x : f32
  } -> tensor<4096x4096xf32>
  return %r : tensor<4096x4096xf32>
}

// floor 4194304 4194304: A million tokens.
func.func @big_roll_1m(%a: tensor<1048576xf32>, %o: tensor<1048576xf32>) -> tensor<1048576xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> ((i + 3) mod 1048576)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a : tensor<1048576xf32>) outs(%o : tensor<1048576xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  } -> tensor<1048576xf32>
  return %r : tensor<1048576xf32>
}

// floor 256 256: Positions in 32 bits, wrapped by a mask.
func.func @roll_i32_for(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c3 = arith.constant 3 : i32
  %c64 = arith.constant 64 : i32
  %c63 = arith.constant 63 : i32
  scf.for %i = %c0 to %c64 step %c1 : i32 {
    %j = arith.addi %i, %c3 : i32
    %k = arith.andi %j, %c63 : i32
    %ki = arith.index_cast %k : i32 to index
    %ii = arith.index_cast %i : i32 to index
    %x = memref.load %a[%ki] : memref<64xf32>
    memref.store %x, %b[%ii] : memref<64xf32>
  }
  return
}

// floor 256 272: The first and the last of 64 numbers several times; 68 are written.
func.func @clamp_for(%a: memref<64xf32>, %b: memref<68xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c63 = arith.constant 63 : index
  %c68 = arith.constant 68 : index
  scf.for %i = %c0 to %c68 step %c1 {
    %j = arith.subi %i, %c2 : index
    %l = arith.maxsi %j, %c0 : index
    %k = arith.minsi %l, %c63 : index
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<68xf32>
  }
  return
}

// floor 1057024 8448: One of 4096 rows of 256 bytes comes from %row: 4095 * 256 + 256 + 256 of %q + 8192 of %o. Row and %o are written.
func.func @cache_row_runtime_slice(%kv: tensor<4096x128xf16>, %row: tensor<1x128xf16>, %pos: index, %q: tensor<128xf16>, %o: tensor<4096xf16>) -> (tensor<4096xf16>, tensor<4096x128xf16>) {
  %n = tensor.insert_slice %row into %kv[%pos, 0] [1, 128] [1, 1] : tensor<1x128xf16> into tensor<4096x128xf16>
  %s = linalg.matvec ins(%n, %q : tensor<4096x128xf16>, tensor<128xf16>) outs(%o : tensor<4096xf16>) -> tensor<4096xf16>
  return %s, %n : tensor<4096xf16>, tensor<4096x128xf16>
}

// floor 1057024 8448: The same by stores.
func.func @cache_store_loop(%kv: memref<4096x128xf16>, %row: memref<128xf16>, %pos: index, %q: memref<128xf16>, %o: memref<4096xf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  scf.for %i = %c0 to %c128 step %c1 {
    %x = memref.load %row[%i] : memref<128xf16>
    memref.store %x, %kv[%pos, %i] : memref<4096x128xf16>
  }
  linalg.matvec ins(%kv, %q : memref<4096x128xf16>, memref<128xf16>) outs(%o : memref<4096xf16>)
  return
}

// floor 1057152 8448: 16 rows at most are not read before they are written: 4080 * 256 + 4096 of %rows + 128 of %pos + 256 + 8192. They may all be the same row.
func.func @cache_store_table(%kv: memref<4096x128xf16>, %rows: memref<16x128xf16>, %pos: memref<16xindex>, %q: memref<128xf16>, %o: memref<4096xf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c128 = arith.constant 128 : index
  scf.for %t = %c0 to %c16 step %c1 {
    %p = memref.load %pos[%t] : memref<16xindex>
    scf.for %i = %c0 to %c128 step %c1 {
      %x = memref.load %rows[%t, %i] : memref<16x128xf16>
      memref.store %x, %kv[%p, %i] : memref<4096x128xf16>
    }
  }
  linalg.matvec ins(%kv, %q : memref<4096x128xf16>, memref<128xf16>) outs(%o : memref<4096xf16>)
  return
}

// floor 8320 8192: 16 different rows of 512 bytes, and 128 bytes of indices.
func.func @scatter_unique(%kv: tensor<4096x128xf32>, %rows: tensor<16x1x128xf32>, %pos: tensor<16x1xindex>) -> tensor<4096x128xf32> {
  %r = tensor.scatter %rows into %kv[%pos] scatter_dims([0]) unique : (tensor<16x1x128xf32>, tensor<4096x128xf32>, tensor<16x1xindex>) -> tensor<4096x128xf32>
  return %r : tensor<4096x128xf32>
}

// floor 8320 8192: The same, read.
func.func @gather_unique(%kv: tensor<4096x128xf32>, %pos: tensor<16x1xindex>) -> tensor<16x1x128xf32> {
  %r = tensor.gather %kv[%pos] gather_dims([0]) unique : (tensor<4096x128xf32>, tensor<16x1xindex>) -> tensor<16x1x128xf32>
  return %r : tensor<16x1x128xf32>
}

// floor 2048 2048: 8 rows of 256 bytes, one after the other, wherever the first is.
func.func @insert_slice_loop_runtime(%kv: tensor<4096x64xf32>, %rows: tensor<8x64xf32>, %pos: index) -> tensor<4096x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %t = %c0 to %c8 step %c1 iter_args(%c = %kv) -> tensor<4096x64xf32> {
    %p = arith.addi %pos, %t : index
    %row = tensor.extract_slice %rows[%t, 0] [1, 64] [1, 1] : tensor<8x64xf32> to tensor<1x64xf32>
    %n = tensor.insert_slice %row into %c[%p, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<4096x64xf32>
    scf.yield %n : tensor<4096x64xf32>
  }
  return %r : tensor<4096x64xf32>
}

// floor 2048 2048: 8 neighbours modulo 4096 are 8 rows.
func.func @ring_buffer(%kv: memref<4096x64xf32>, %rows: memref<8x64xf32>, %pos: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %c4096 = arith.constant 4096 : index
  scf.for %t = %c0 to %c8 step %c1 {
    %p = arith.addi %pos, %t : index
    %m = arith.remui %p, %c4096 : index
    scf.for %i = %c0 to %c64 step %c1 {
      %x = memref.load %rows[%t, %i] : memref<8x64xf32>
      memref.store %x, %kv[%m, %i] : memref<4096x64xf32>
    }
  }
  return
}

// floor 8192 8192: A transpose of 64 x 32 numbers.
func.func @transpose_by_divmod(%a: memref<2048xf32>, %b: memref<2048xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %c2048 = arith.constant 2048 : index
  scf.for %i = %c0 to %c2048 step %c1 {
    %m = arith.remui %i, %c32 : index
    %d = arith.divui %i, %c32 : index
    %p = arith.muli %m, %c64 : index
    %k = arith.addi %p, %d : index
    %x = memref.load %a[%k] : memref<2048xf32>
    memref.store %x, %b[%i] : memref<2048xf32>
  }
  return
}

// floor 4096 32400: All of the 32 x 32 numbers are in one of the 900 windows of 3 x 3.
func.func @im2col_divmod_generic(%a: tensor<32x32xf32>, %o: tensor<900x9xf32>) -> tensor<900x9xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i,j) -> (i,j)>], iterator_types = ["parallel","parallel"]} outs(%o : tensor<900x9xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %p = affine.apply affine_map<(i, j) -> (i floordiv 30 + j floordiv 3)>(%i, %j)
    %q = affine.apply affine_map<(i, j) -> (i mod 30 + j mod 3)>(%i, %j)
    %x = tensor.extract %a[%p, %q] : tensor<32x32xf32>
    linalg.yield %x : f32
  } -> tensor<900x9xf32>
  return %r : tensor<900x9xf32>
}

// floor 264704 2560: 511 of 512 rows of 512 bytes, the new one, 512 of %q and 2048 of %o.
func.func @insert_rem_cache_decode(%kv: tensor<512x128xf32>, %row: tensor<1x128xf32>, %pos: index, %q: tensor<128xf32>, %o: tensor<512xf32>) -> (tensor<512xf32>, tensor<512x128xf32>) {
  %c512 = arith.constant 512 : index
  %p = arith.remui %pos, %c512 : index
  %n = tensor.insert_slice %row into %kv[%p, 0] [1, 128] [1, 1] : tensor<1x128xf32> into tensor<512x128xf32>
  %s = linalg.matvec ins(%n, %q : tensor<512x128xf32>, tensor<128xf32>) outs(%o : tensor<512xf32>) -> tensor<512xf32>
  return %s, %n : tensor<512xf32>, tensor<512x128xf32>
}

// floor 231936 34816: 64 rows of 512 bytes are written from a row on that is not known; at least the 448 others are read before, and 512 of %row and 2048 of %o.
func.func @decode_steps(%kv: memref<512x128xf32>, %row: memref<128xf32>, %pos: index, %o: memref<512xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  scf.for %t = %c0 to %c64 step %c1 {
    %p = arith.addi %pos, %t : index
    scf.for %i = %c0 to %c128 step %c1 {
      %x = memref.load %row[%i] : memref<128xf32>
      memref.store %x, %kv[%p, %i] : memref<512x128xf32>
    }
    linalg.matvec ins(%kv, %row : memref<512x128xf32>, memref<128xf32>) outs(%o : memref<512xf32>)
  }
  return
}

// floor 2828 256: 10 rows of 256 bytes, %o, and the three constants of 4 bytes.
func.func @counter_tensor_while(%a: tensor<16x64xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant dense<0> : tensor<i32>
  %c1 = arith.constant dense<1> : tensor<i32>
  %c10 = arith.constant dense<10> : tensor<i32>
  %r:2 = scf.while (%i = %c0, %x = %o) : (tensor<i32>, tensor<64xf32>) -> (tensor<i32>, tensor<64xf32>) {
    %e = tensor.empty() : tensor<i1>
    %c = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%i, %c10 : tensor<i32>, tensor<i32>) outs(%e : tensor<i1>) {
    ^bb0(%p: i32, %q: i32, %z: i1):
      %s = arith.cmpi slt, %p, %q : i32
      linalg.yield %s : i1
    } -> tensor<i1>
    %b = tensor.extract %c[] : tensor<i1>
    scf.condition(%b) %i, %x : tensor<i32>, tensor<64xf32>
  } do {
  ^bb0(%i: tensor<i32>, %x: tensor<64xf32>):
    %iv = tensor.extract %i[] : tensor<i32>
    %k = arith.index_cast %iv : i32 to index
    %row = tensor.extract_slice %a[%k, 0] [1, 64] [1, 1] : tensor<16x64xf32> to tensor<64xf32>
    %y = linalg.add ins(%x, %row : tensor<64xf32>, tensor<64xf32>) outs(%x : tensor<64xf32>) -> tensor<64xf32>
    %e = tensor.empty() : tensor<i32>
    %n = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%i, %c1 : tensor<i32>, tensor<i32>) outs(%e : tensor<i32>) {
    ^bb0(%p: i32, %q: i32, %z: i32):
      %s = arith.addi %p, %q : i32
      linalg.yield %s : i32
    } -> tensor<i32>
    scf.yield %n, %y : tensor<i32>, tensor<64xf32>
  }
  return %r#1 : tensor<64xf32>
}

// floor 512 512: 4 blocks of 32 threads.
func.func @gpu_launch(%a: memref<128xf32>, %b: memref<128xf32>) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c32 = arith.constant 32 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c4, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c32, %sy = %c1, %sz = %c1) {
    %o = arith.muli %bx, %sx : index
    %i = arith.addi %o, %tx : index
    %x = memref.load %a[%i] : memref<128xf32>
    memref.store %x, %b[%i] : memref<128xf32>
    gpu.terminator
  }
  return
}

// floor 4928 512: The 8 pages may all be the same one: 16 rows of 256 bytes, 64 of %table, 256 of %q, 512 of %o.
func.func @paged_attention(%kv: memref<4096x64xf32>, %table: memref<8xindex>, %q: memref<64xf32>, %o: memref<128xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  scf.for %p = %c0 to %c8 step %c1 {
    %page = memref.load %table[%p] : memref<8xindex>
    %first = arith.muli %page, %c16 : index
    scf.for %r = %c0 to %c16 step %c1 {
      %row = arith.addi %first, %r : index
      %op = arith.muli %p, %c16 : index
      %oi = arith.addi %op, %r : index
      scf.for %d = %c0 to %c64 step %c1 {
        %x = memref.load %kv[%row, %d] : memref<4096x64xf32>
        %y = memref.load %q[%d] : memref<64xf32>
        %z = memref.load %o[%oi] : memref<128xf32>
        %m = arith.mulf %x, %y : f32
        %s = arith.addf %z, %m : f32
        memref.store %s, %o[%oi] : memref<128xf32>
      }
    }
  }
  return
}

// floor 12 256: The first three numbers go all the way round.
func.func @roll_self(%a: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %j = arith.addi %i, %c3 : index
    %k = arith.remui %j, %c64 : index
    %x = memref.load %a[%i] : memref<64xf32>
    memref.store %x, %a[%k] : memref<64xf32>
  }
  return
}

// floor 0 256: By a multiple of 64 everything is read before it is written, by 1 only the first number is: nothing is certain but what is written.
func.func @roll_self_runtime(%a: memref<64xf32>, %s: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %j = arith.addi %i, %s : index
    %k = arith.remui %j, %c64 : index
    %x = memref.load %a[%i] : memref<64xf32>
    memref.store %x, %a[%k] : memref<64xf32>
  }
  return
}

// floor 8 12: The position goes down while the counter goes up: it may be the same number each time. 8 bytes of %pos are read and written.
func.func @loaded_position_changes(%kv: memref<64xf32>, %pos: memref<index>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %z = arith.constant 0.0 : f32
  scf.for %t = %c0 to %c8 step %c1 {
    %p = memref.load %pos[] : memref<index>
    %j = arith.addi %p, %t : index
    memref.store %z, %kv[%j] : memref<64xf32>
    %n = arith.subi %p, %c1 : index
    memref.store %n, %pos[] : memref<index>
  }
  return
}

// floor 2181040128 33556480: 2^20 rows of 2048 bytes, of which one comes from %row; 2048 of %q; %o is 2^23 numbers.
func.func @million_tokens(%kv: tensor<1048576x8x128xbf16>, %row: tensor<1x8x128xbf16>, %pos: index, %q: tensor<8x128xbf16>, %o: tensor<8x1048576xf32>) -> (tensor<8x1048576xf32>, tensor<1048576x8x128xbf16>) {
  %n = tensor.insert_slice %row into %kv[%pos, 0, 0] [1, 8, 128] [1, 1, 1] : tensor<1x8x128xbf16> into tensor<1048576x8x128xbf16>
  %s = linalg.generic {indexing_maps = [affine_map<(h,t,d) -> (t,h,d)>, affine_map<(h,t,d) -> (h,d)>, affine_map<(h,t,d) -> (h,t)>], iterator_types = ["parallel","parallel","reduction"]} ins(%n, %q : tensor<1048576x8x128xbf16>, tensor<8x128xbf16>) outs(%o : tensor<8x1048576xf32>) {
  ^bb0(%x: bf16, %y: bf16, %z: f32):
    %p = arith.mulf %x, %y : bf16
    %w = arith.extf %p : bf16 to f32
    %u = arith.addf %z, %w : f32
    linalg.yield %u : f32
  } -> tensor<8x1048576xf32>
  return %s, %n : tensor<8x1048576xf32>, tensor<1048576x8x128xbf16>
}

// floor 272630272 4194304: All 2^20 rows of 256 bytes, wherever they begin, 512 of %w, 2^22 of %o.
func.func @ring_read_million(%kv: tensor<1048576x128xbf16>, %pos: index, %w: tensor<128xf32>, %o: tensor<1048576xf32>) -> tensor<1048576xf32> {
  %n = arith.constant 1048576 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i,d) -> (d)>, affine_map<(i,d) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%w : tensor<128xf32>) outs(%o : tensor<1048576xf32>) {
  ^bb0(%v: f32, %y: f32):
    %i = linalg.index 0 : index
    %d = linalg.index 1 : index
    %j = arith.addi %i, %pos : index
    %k = arith.remui %j, %n : index
    %x = tensor.extract %kv[%k, %d] : tensor<1048576x128xbf16>
    %e = arith.extf %x : bf16 to f32
    %m = arith.mulf %e, %v : f32
    %s = arith.addf %y, %m : f32
    linalg.yield %s : f32
  } -> tensor<1048576xf32>
  return %r : tensor<1048576xf32>
}

// floor 256 256: Below 0 it goes on from the end.
func.func @python_mod_select(%a: tensor<64xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%o : tensor<64xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = arith.subi %i, %c3 : index
    %w = arith.addi %j, %c64 : index
    %c = arith.cmpi slt, %j, %c0 : index
    %k = arith.select %c, %w, %j : index
    %x = tensor.extract %a[%k] : tensor<64xf32>
    linalg.yield %x : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// floor 256 256: Neighbours change places.
func.func @swapped_pairs(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    %k = arith.xori %i, %c1 : index
    %x = memref.load %a[%k] : memref<64xf32>
    memref.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 548 256: As @window_mod, in loops.
func.func @window_mod_loops(%a: memref<64xf32>, %w: memref<9xf32>, %b: memref<64xf32>) {
  affine.for %i = 0 to 64 {
    affine.for %j = 0 to 9 {
      %x = affine.load %a[(%i + %j) mod 64] : memref<64xf32>
      %v = affine.load %w[%j] : memref<9xf32>
      %y = affine.load %b[%i] : memref<64xf32>
      %m = arith.mulf %x, %v : f32
      %s = arith.addf %m, %y : f32
      affine.store %s, %b[%i] : memref<64xf32>
    }
  }
  return
}

// floor 68 256: 0 to 16 are 17 numbers.
func.func @floordiv_unaligned_loop(%a: memref<64xf32>, %b: memref<64xf32>) {
  affine.for %i = 0 to 64 {
    %x = affine.load %a[(%i + 3) floordiv 4] : memref<64xf32>
    affine.store %x, %b[%i] : memref<64xf32>
  }
  return
}

// floor 4416 64: 16 rows of 256 bytes, 256 of %q, 64 of %o.
func.func @window_at_runtime(%kv: tensor<4096x64xf32>, %pos: index, %q: tensor<64xf32>, %o: tensor<16xf32>) -> tensor<16xf32> {
  %w = tensor.extract_slice %kv[%pos, 0] [16, 64] [1, 1] : tensor<4096x64xf32> to tensor<16x64xf32>
  %r = linalg.matvec ins(%w, %q : tensor<16x64xf32>, tensor<64xf32>) outs(%o : tensor<16xf32>) -> tensor<16xf32>
  return %r : tensor<16xf32>
}

// floor 2048 2048: 8 iterations, from a row on that is not known.
func.func @for_pos_to_pos8(%kv: memref<4096x64xf32>, %rows: memref<8x64xf32>, %pos: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %end = arith.addi %pos, %c8 : index
  scf.for %p = %pos to %end step %c1 {
    %t = arith.subi %p, %pos : index
    scf.for %i = %c0 to %c64 step %c1 {
      %x = memref.load %rows[%t, %i] : memref<8x64xf32>
      memref.store %x, %kv[%p, %i] : memref<4096x64xf32>
    }
  }
  return
}

// floor 4 256: Only 5 of the 64 iterations read, so 64 would be too many; one is certain.
func.func @guarded_roll(%a: memref<64xf32>, %s: index, %b: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  scf.for %i = %c0 to %c64 step %c1 {
    memref.store %z, %b[%i] : memref<64xf32>
    %j = arith.addi %i, %s : index
    %k = arith.remui %j, %c64 : index
    %c = arith.cmpi slt, %i, %c5 : index
    scf.if %c {
      %x = memref.load %a[%k] : memref<64xf32>
      memref.store %x, %b[%i] : memref<64xf32>
    }
  }
  return
}
