// RUN: memwall-test-opt %s --test-memwall-print-loop-tree -o /dev/null | FileCheck %s

// The last tile has 3 columns of 7: its temporary has rows of 3 elements, not
// of 4. Loops of other storage stay whole.
// CHECK-LABEL: tree @columns
//       CHECK:   b2 intermediate linalg.exp#0 20xf32 in l1
//  CHECK-NEXT:   b3 intermediate linalg.exp#2 15xf32 in l6
//       CHECK:   for l1 in 4 step 4
//       CHECK:       write b2[4*l2+l3]
//       CHECK:   for l6 in 3 step 4
//       CHECK:       write b3[3*l7+l8]
//       CHECK:       write b1[4+4*l6+7*l9+l10]
func.func @columns(%x: tensor<5x7xf32>) -> tensor<5x7xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %e = tensor.empty() : tensor<5x7xf32>
  %r = scf.for %i = %c0 to %c7 step %c4 iter_args(%acc = %e) -> tensor<5x7xf32> {
    %n = affine.min affine_map<(d0) -> (4, -d0 + 7)>(%i)
    %in = tensor.extract_slice %x[0, %i] [5, %n] [1, 1] : tensor<5x7xf32> to tensor<5x?xf32>
    %t = tensor.empty(%n) : tensor<5x?xf32>
    %exp = linalg.exp ins(%in : tensor<5x?xf32>) outs(%t : tensor<5x?xf32>) -> tensor<5x?xf32>
    %out = tensor.extract_slice %acc[0, %i] [5, %n] [1, 1] : tensor<5x7xf32> to tensor<5x?xf32>
    %neg = linalg.negf ins(%exp : tensor<5x?xf32>) outs(%out : tensor<5x?xf32>) -> tensor<5x?xf32>
    %next = tensor.insert_slice %neg into %acc[0, %i] [5, %n] [1, 1] : tensor<5x?xf32> into tensor<5x7xf32>
    scf.yield %next : tensor<5x7xf32>
  }
  return %r : tensor<5x7xf32>
}

// CHECK-LABEL: tree @rows
//       CHECK:   op0 linalg.exp elementwise f32 x2 flops=35
//       CHECK:   for l1 in 7 step 4
//   CHECK-NOT:   step 4
func.func @rows(%x: tensor<7x5xf32>) -> tensor<7x5xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %e = tensor.empty() : tensor<7x5xf32>
  %r = scf.for %i = %c0 to %c7 step %c4 iter_args(%acc = %e) -> tensor<7x5xf32> {
    %n = affine.min affine_map<(d0) -> (4, -d0 + 7)>(%i)
    %in = tensor.extract_slice %x[%i, 0] [%n, 5] [1, 1] : tensor<7x5xf32> to tensor<?x5xf32>
    %t = tensor.empty(%n) : tensor<?x5xf32>
    %exp = linalg.exp ins(%in : tensor<?x5xf32>) outs(%t : tensor<?x5xf32>) -> tensor<?x5xf32>
    %out = tensor.extract_slice %acc[%i, 0] [%n, 5] [1, 1] : tensor<7x5xf32> to tensor<?x5xf32>
    %neg = linalg.negf ins(%exp : tensor<?x5xf32>) outs(%out : tensor<?x5xf32>) -> tensor<?x5xf32>
    %next = tensor.insert_slice %neg into %acc[%i, 0] [%n, 5] [1, 1] : tensor<?x5xf32> into tensor<7x5xf32>
    scf.yield %next : tensor<7x5xf32>
  }
  return %r : tensor<7x5xf32>
}
