// RUN: memwall-test-opt %s --test-memwall-print-loop-tree -o /dev/null | FileCheck %s

// CHECK-LABEL: tree @casts
//       CHECK:   b0 argument %arg0 8xf32
//  CHECK-NEXT:   b1 argument %arg1 8xi32 live-out
//  CHECK-NEXT:   op0
//   CHECK-NOT:   op1
//       CHECK:     read b0[l1]
func.func @casts(%x: tensor<8xf32>, %o: tensor<8xi32>) -> tensor<8xi32> {
  %u = tensor.cast %x : tensor<8xf32> to tensor<*xf32>
  %v = tensor.cast %u : tensor<*xf32> to tensor<8xf32>
  %b = tensor.bitcast %v : tensor<8xf32> to tensor<8xi32>
  %r = linalg.copy ins(%b : tensor<8xi32>) outs(%o : tensor<8xi32>) -> tensor<8xi32>
  return %r : tensor<8xi32>
}

// CHECK-LABEL: tree @relabelled
//       CHECK:     read b0[l1+8*l2]
//       CHECK:     read b0[2+4*l{{[0-9]+}}]
func.func @relabelled(%x: memref<4x8xf32>, %o: memref<8x4xf32>, %p: memref<3xf32>) {
  %t = memref.transpose %x (i, j) -> (j, i) : memref<4x8xf32> to memref<8x4xf32, strided<[1, 8]>>
  memref.copy %t, %o : memref<8x4xf32, strided<[1, 8]>> to memref<8x4xf32>
  %r = memref.reinterpret_cast %x to offset: [2], sizes: [3], strides: [4] : memref<4x8xf32> to memref<3xf32, strided<[4], offset: 2>>
  memref.copy %r, %p : memref<3xf32, strided<[4], offset: 2>> to memref<3xf32>
  return
}

// The storage behind a memref, taken apart and put together.
// CHECK-LABEL: tree @metadata
//       CHECK:     read b0[10+8*l1+l2]
func.func @metadata(%x: memref<4x8xf32>, %p: memref<2x4xf32>) {
  %s = memref.subview %x[1, 2] [2, 4] [1, 1] : memref<4x8xf32> to memref<2x4xf32, strided<[8, 1], offset: 10>>
  %b, %o, %n:2, %t:2 = memref.extract_strided_metadata %s : memref<2x4xf32, strided<[8, 1], offset: 10>> -> memref<f32>, index, index, index, index, index
  %r = memref.reinterpret_cast %b to offset: [%o], sizes: [%n#0, %n#1], strides: [%t#0, %t#1] : memref<f32> to memref<?x?xf32, strided<[?, ?], offset: ?>>
  memref.copy %r, %p : memref<?x?xf32, strided<[?, ?], offset: ?>> to memref<2x4xf32>
  return
}

// A copy to where the caller wants it; none if it is there already.
// CHECK-LABEL: tree @materialized
//       CHECK:   op0 bufferization.materialize_in_destination copy f32 x1
//   CHECK-NOT:   op1
func.func @materialized(%x: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %r = bufferization.materialize_in_destination %x in %o : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}
// CHECK-LABEL: tree @materialized_there
//       CHECK:   op0 linalg.exp
//   CHECK-NOT:   op1
func.func @materialized_there(%x: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %e = linalg.exp ins(%x : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %r = bufferization.materialize_in_destination %e in %o : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: tree @selected
//       CHECK:   unmodelled arith.select x1
//       CHECK:     read b0[l1]
func.func @selected(%x: tensor<8xf32>, %y: tensor<8xf32>, %o: tensor<8xf32>, %c: i1) -> (tensor<8xf32>, tensor<8xf32>) {
  %true = arith.constant true
  %s = arith.select %true, %x, %y : tensor<8xf32>
  %r = linalg.copy ins(%s : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %t = arith.select %c, %x, %y : tensor<8xf32>
  return %r, %t : tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: tree @affine_vectors
//       CHECK:   for l1 in 8 step 4
//  CHECK-NEXT:     nest op0 (l2 in 4)
//  CHECK-NEXT:       read b0[8+4*l1+l2]
func.func @affine_vectors(%x: memref<4x8xf32>, %o: memref<8xf32>) {
  affine.for %i = 0 to 8 step 4 {
    %v = affine.vector_load %x[1, %i] : memref<4x8xf32>, vector<4xf32>
    affine.vector_store %v, %o[%i] : memref<8xf32>, vector<4xf32>
  }
  return
}

// Strided storage reaches to its last element: 3 * 16 + 7 * 1 + 1 = 56.
// CHECK-LABEL: tree @strided
//       CHECK:   b0 argument %arg0 56xf32
func.func @strided(%x: memref<4x8xf32, strided<[16, 1]>>, %o: memref<4x8xf32>) {
  memref.copy %x, %o : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32>
  return
}

// Dynamic results whose sizes follow from their tile: rows 0-31, ..., 96-99,
// padded by one row.
// CHECK-LABEL: tree @padded_tiles
//   CHECK-NOT:   unmodelled
//       CHECK:   op0 tensor.pad copy f32 x4
func.func @padded_tiles(%x: tensor<100x4xf32>, %o: tensor<100x4xf32>) -> tensor<100x4xf32> {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c100 = arith.constant 100 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %c100 step %c32 iter_args(%acc = %o) -> tensor<100x4xf32> {
    %s = affine.min affine_map<(d0) -> (32, 100 - d0)>(%i)
    %t = tensor.extract_slice %x[%i, 0] [%s, 4] [1, 1] : tensor<100x4xf32> to tensor<?x4xf32>
    %p = tensor.pad %t low[0, 0] high[1, 0] {
    ^bb0(%a: index, %b: index):
      tensor.yield %zero : f32
    } : tensor<?x4xf32> to tensor<?x4xf32>
    %d = tensor.extract_slice %acc[%i, 0] [%s, 4] [1, 1] : tensor<100x4xf32> to tensor<?x4xf32>
    %u = tensor.extract_slice %p[0, 0] [%s, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %e = linalg.exp ins(%u : tensor<?x4xf32>) outs(%d : tensor<?x4xf32>) -> tensor<?x4xf32>
    %j = tensor.insert_slice %e into %acc[%i, 0] [%s, 4] [1, 1] : tensor<?x4xf32> into tensor<100x4xf32>
    scf.yield %j : tensor<100x4xf32>
  }
  return %r : tensor<100x4xf32>
}
