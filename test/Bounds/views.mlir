// Slices as results, operands and destinations, and storage that nobody reads.
// The comment before each function has the bytes of its floor (docs/Model.md,
// B5), read and written, and why.
// RUN: %python %S/Inputs/check_floors.py %s

// floor 0 0: A result that is a view is handed over as it is.
func.func @columns(%x: tensor<64x32xf32>) -> tensor<64x4xf32> {
  %s = tensor.extract_slice %x[0, 3] [64, 4] [1, 1] : tensor<64x32xf32> to tensor<64x4xf32>
  return %s : tensor<64x4xf32>
}

// floor 8192 8192: The result keeps all of the storage that it is a view of.
func.func @every_second(%x: tensor<64x32xf32>) -> tensor<32x16xf32> {
  %e = tensor.empty() : tensor<64x32xf32>
  %0 = linalg.exp ins(%x : tensor<64x32xf32>) outs(%e : tensor<64x32xf32>) -> tensor<64x32xf32>
  %s = tensor.extract_slice %0[1, 0] [32, 16] [2, 2] : tensor<64x32xf32> to tensor<32x16xf32>
  return %s : tensor<32x16xf32>
}

// floor 256 256: A column is overwritten where it is, and returned as a view.
func.func @column_in_place(%x: tensor<64x32xf32>) -> tensor<64x1xf32> {
  %s = tensor.extract_slice %x[0, 0] [64, 1] [1, 1] : tensor<64x32xf32> to tensor<64x1xf32>
  %0 = math.exp %s : tensor<64x1xf32>
  return %0 : tensor<64x1xf32>
}

// floor 256 256: x is returned as it was, so the column has storage of its own.
func.func @column_beside(%x: tensor<64x32xf32>) -> (tensor<64x1xf32>, tensor<64x32xf32>) {
  %s = tensor.extract_slice %x[0, 0] [64, 1] [1, 1] : tensor<64x32xf32> to tensor<64x1xf32>
  %0 = math.exp %s : tensor<64x1xf32>
  return %0, %x : tensor<64x1xf32>, tensor<64x32xf32>
}

// floor 8192 8448: The column is returned as it was, so it is copied first.
func.func @old_column(%x: tensor<64x32xf32>) -> (tensor<64x1xf32>, tensor<64x32xf32>) {
  %s = tensor.extract_slice %x[0, 0] [64, 1] [1, 1] : tensor<64x32xf32> to tensor<64x1xf32>
  %0 = linalg.exp ins(%x : tensor<64x32xf32>) outs(%x : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %s, %0 : tensor<64x1xf32>, tensor<64x32xf32>
}

// floor 2048 2048: The destination is a slice that is only overwritten.
func.func @into_columns(%x: tensor<64x32xf32>, %y: tensor<64x8xf32>) -> tensor<64x8xf32> {
  %s = tensor.extract_slice %x[0, 0] [64, 8] [1, 1] : tensor<64x32xf32> to tensor<64x8xf32>
  %0 = linalg.exp ins(%y : tensor<64x8xf32>) outs(%s : tensor<64x8xf32>) -> tensor<64x8xf32>
  return %0 : tensor<64x8xf32>
}

// floor 4096 2048: A loop carries a slice, and returns it.
func.func @carried_columns(%x: tensor<64x32xf32>, %y: tensor<64x8xf32>) -> tensor<64x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %s = tensor.extract_slice %x[0, 0] [64, 8] [1, 1] : tensor<64x32xf32> to tensor<64x8xf32>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %s) -> tensor<64x8xf32> {
    %0 = linalg.add ins(%t, %y : tensor<64x8xf32>, tensor<64x8xf32>) outs(%t : tensor<64x8xf32>) -> tensor<64x8xf32>
    scf.yield %0 : tensor<64x8xf32>
  }
  return %r : tensor<64x8xf32>
}

// floor 56 56: What overwrites one number seven times has storage of its own.
func.func @step_of_zero(%a: tensor<7xf64>, %o: tensor<7xf64>) -> tensor<7xf64> {
  %s = tensor.extract_slice %o[0] [7] [0] : tensor<7xf64> to tensor<7xf64>
  %r = linalg.exp ins(%a : tensor<7xf64>) outs(%s : tensor<7xf64>) -> tensor<7xf64>
  %back = tensor.insert_slice %r into %o[0] [7] [1] : tensor<7xf64> into tensor<7xf64>
  return %back : tensor<7xf64>
}

// floor 8 56: One number is read seven times.
func.func @read_step_of_zero(%o: tensor<7xf64>) -> tensor<7xf64> {
  %e = tensor.empty() : tensor<7xf64>
  %s = tensor.extract_slice %o[0] [7] [0] : tensor<7xf64> to tensor<7xf64>
  %r = linalg.exp ins(%s : tensor<7xf64>) outs(%e : tensor<7xf64>) -> tensor<7xf64>
  return %r : tensor<7xf64>
}

// floor 16 0: Stores are executed, read or not.
func.func @nobody_reads(%a: memref<4xf32>) {
  affine.for %i = 0 to 4 {
    %t = memref.alloc() : memref<4xf32>
    affine.for %j = 0 to affine_map<(d0) -> (d0 + 1)>(%i) {
      %x = memref.load %a[%j] : memref<4xf32>
      memref.store %x, %t[%j] : memref<4xf32>
    }
  }
  return
}

// floor 0 16: A number that is loaded for nobody is not.
func.func @dead_load(%a: memref<4xf32>, %b: memref<4xf32>) {
  %zero = arith.constant 0.0 : f32
  affine.for %i = 0 to 4 {
    %x = memref.load %a[%i] : memref<4xf32>
    memref.store %zero, %b[%i] : memref<4xf32>
  }
  return
}
