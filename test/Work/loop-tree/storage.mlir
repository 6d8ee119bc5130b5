// RUN: memwall-test-opt %s --test-memwall-print-loop-tree -o /dev/null | FileCheck %s

// A constant cannot be overwritten: fresh storage and a copy, under the op.
// CHECK-LABEL: tree @constant_init
//       CHECK:   b1 constant constant#0 16xf32
//  CHECK-NEXT:   b2 intermediate linalg.matmul#0 16xf32 live-out
//       CHECK:   nest op0 (l1 in 4, l2 in 4)
//  CHECK-NEXT:     read-fill b1[4*l1+l2]
//  CHECK-NEXT:     write b2[4*l1+l2]
//       CHECK:     read-fill b2[4*l3+l4]
//  CHECK-NEXT:     write b2[4*l3+l4]
func.func @constant_init(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c = arith.constant dense<0.0> : tensor<4x4xf32>
  %m = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %m : tensor<4x4xf32>
}

// The old value of %x is read later: the first op gets its own storage, without
// a copy, since it does not read its init.
// CHECK-LABEL: tree @later_reader
//       CHECK:   b0 argument %arg0 4xf32
//   CHECK-NOT: live-out
//       CHECK:   b1 intermediate linalg.exp#0 4xf32 live-out
//       CHECK:   nest op0
//  CHECK-NEXT:     read b0[l1]
//  CHECK-NEXT:     write b1[l1]
//  CHECK-NEXT:   nest op1
//  CHECK-NEXT:     read b0[l2]
//  CHECK-NEXT:     read b1[l2]
//  CHECK-NEXT:     write b1[l2]
func.func @later_reader(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  %b = linalg.add ins(%x, %a : tensor<4xf32>, tensor<4xf32>) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %b : tensor<4xf32>
}

// bufferization.writable = false.
// CHECK-LABEL: tree @not_writable
//       CHECK:   b1 intermediate linalg.exp#0 4xf32 live-out
func.func @not_writable(%x: tensor<4xf32> {bufferization.writable = false}) -> tensor<4xf32> {
  %a = linalg.exp ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}

// Views move nothing: collapsed to 18x4, rows 3 to 14 of column 1, expanded to
// 3x4, the first two columns: element (i, j) is row 3 + 4i + j, column 1.
// CHECK-LABEL: tree @views
//       CHECK:   nest op0 (l1 in 3, l2 in 2)
//  CHECK-NEXT:     read b0[13+16*l1+4*l2]
func.func @views(%x: tensor<9x2x4xf32>, %o: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<9x2x4xf32> into tensor<18x4xf32>
  %t = tensor.extract_slice %c[3, 1] [12, 1] [1, 1] : tensor<18x4xf32> to tensor<12xf32>
  %e = tensor.expand_shape %t [[0, 1]] output_shape [3, 4] : tensor<12xf32> into tensor<3x4xf32>
  %h = tensor.extract_slice %e[0, 0] [3, 2] [1, 1] : tensor<3x4xf32> to tensor<3x2xf32>
  %m = linalg.exp ins(%h : tensor<3x2xf32>) outs(%o : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %m : tensor<3x2xf32>
}

// What does not lie in one piece is copied before it is collapsed.
// CHECK-LABEL: tree @collapse_copies
//       CHECK:   op0 tensor.collapse_shape copy f32 x1
//       CHECK:   nest op0 (l1 in 4, l2 in 2)
//  CHECK-NEXT:     read b0[4*l1+l2]
//  CHECK-NEXT:     write b2[2*l1+l2]
func.func @collapse_copies(%x: tensor<4x4xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %s = tensor.extract_slice %x[0, 0] [4, 2] [1, 1] : tensor<4x4xf32> to tensor<4x2xf32>
  %c = tensor.collapse_shape %s [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
  %m = linalg.exp ins(%c : tensor<8xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %m : tensor<8xf32>
}

// A KV cache: one row at a position that is not known is overwritten.
// CHECK-LABEL: tree @append
//       CHECK:   b0 argument %arg0 65536xf32 live-out
//       CHECK:   nest op0 (l1 in 1, l2 in 64)
//  CHECK-NEXT:     read b1[64*l1+l2]
//  CHECK-NEXT:     write b0[64*l1+l2+?()*64<1024]
func.func @append(%cache: tensor<1024x64xf32>, %row: tensor<1x64xf32>, %at: index) -> tensor<1024x64xf32> {
  %r = tensor.insert_slice %row into %cache[%at, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<1024x64xf32>
  return %r : tensor<1024x64xf32>
}

// ... and free when the row was built there.
// CHECK-LABEL: tree @append_in_place
//       CHECK:   op0 linalg.exp
//   CHECK-NOT:   op1
//       CHECK:     write b0[64*l1+l2+?()*64<1024]
func.func @append_in_place(%cache: tensor<1024x64xf32>, %row: tensor<1x64xf32>, %at: index) -> tensor<1024x64xf32> {
  %s = tensor.extract_slice %cache[%at, 0] [1, 64] [1, 1] : tensor<1024x64xf32> to tensor<1x64xf32>
  %e = linalg.exp ins(%row : tensor<1x64xf32>) outs(%s : tensor<1x64xf32>) -> tensor<1x64xf32>
  %r = tensor.insert_slice %e into %cache[%at, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<1024x64xf32>
  return %r : tensor<1024x64xf32>
}

// What the body yields is not built in the carried storage: a copy per
// iteration.
// CHECK-LABEL: tree @yield_copies
//       CHECK:   op1 scf.yield copy f32 x3
func.func @yield_copies(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%v = %x) -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %m = linalg.exp ins(%v : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %m : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// Elements are counted beyond 32 bits.
// CHECK-LABEL: tree @large
//       CHECK:   b0 argument %arg0 6755192832xf32
//       CHECK:     read b0[6755192828+l1]
func.func @large(%x: tensor<6755192832xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %s = tensor.extract_slice %x[6755192828] [4] [1] : tensor<6755192832xf32> to tensor<4xf32>
  %m = linalg.exp ins(%s : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %m : tensor<4xf32>
}

// A fill that is only the start of accumulations, and one that is data.
// CHECK-LABEL: tree @fills
//       CHECK:   op0 linalg.fill fill f32 init-fill x1
//       CHECK:   op1 linalg.fill fill f32 x1
//       CHECK:   read-fill b{{[0-9]+}}
//       CHECK:   read b
func.func @fills(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<4x4xf32>
  %e1 = tensor.empty() : tensor<4x4xf32>
  %e2 = tensor.empty() : tensor<4x4xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<4x4xf32>) -> tensor<4x4xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<4x4xf32>) -> tensor<4x4xf32>
  %m = linalg.matmul ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f0 : tensor<4x4xf32>) -> tensor<4x4xf32>
  %a = linalg.add ins(%f1, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e2 : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %m, %a : tensor<4x4xf32>, tensor<4x4xf32>
}
