// RUN: memwall-test-opt %s --test-memwall-print-loop-tree -o /dev/null | FileCheck %s

// An scf.while that compares a counter with a bound from outside is counted, and
// the counter is a form of its iterations: rows 0 to 9 are read, 1 to 10 written.
// CHECK-LABEL: tree @rows
//   CHECK-NOT:   unmodelled
//       CHECK:   for l1 in 10
//       CHECK:     read b0[4*l1+l2]
//       CHECK:     write b0[4+4*l1+l3]
func.func @rows(%x: tensor<16x4xf32>) -> tensor<16x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %r:2 = scf.while (%i = %c0, %t = %x)
      : (index, tensor<16x4xf32>) -> (index, tensor<16x4xf32>) {
    %c = arith.cmpi ult, %i, %c10 : index
    scf.condition(%c) %i, %t : index, tensor<16x4xf32>
  } do {
  ^bb0(%i: index, %t: tensor<16x4xf32>):
    %j = arith.addi %i, %c1 : index
    %row = tensor.extract_slice %t[%i, 0] [1, 4] [1, 1]
        : tensor<16x4xf32> to tensor<4xf32>
    %u = tensor.insert_slice %row into %t[%j, 0] [1, 4] [1, 1]
        : tensor<4xf32> into tensor<16x4xf32>
    scf.yield %j, %u : index, tensor<16x4xf32>
  }
  return %r#1 : tensor<16x4xf32>
}

// 1, 4, 7, 10, as the bound is met; 15, 13, ..., 7 with the bound on the left;
// 0, 2, 4, 6 until it is met; and not at all.
// CHECK-LABEL: tree @conditions
//   CHECK-NOT:   unmodelled
//       CHECK:   for l1 in 4
//       CHECK:     write b0[1+3*l1]
//       CHECK:   for l2 in 5
//       CHECK:     write b0[15-2*l2]
//       CHECK:   for l3 in 4
//       CHECK:     write b0[2*l3]
//   CHECK-NOT:   for
func.func @conditions(%m: memref<16xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c6 = arith.constant 6 : index
  %c8 = arith.constant 8 : index
  %c10 = arith.constant 10 : index
  %c15 = arith.constant 15 : index
  %0 = scf.while (%i = %c1) : (index) -> index {
    %c = arith.cmpi sle, %i, %c10 : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.addi %c3, %i : index
    scf.yield %j : index
  }
  %1 = scf.while (%i = %c15) : (index) -> index {
    %c = arith.cmpi slt, %c6, %i : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.subi %i, %c2 : index
    scf.yield %j : index
  }
  %2 = scf.while (%i = %c0) : (index) -> index {
    %c = arith.cmpi ne, %i, %c8 : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.addi %i, %c2 : index
    scf.yield %j : index
  }
  %3 = scf.while (%i = %c10) : (index) -> index {
    %c = arith.cmpi slt, %i, %c10 : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.addi %i, %c2 : index
    scf.yield %j : index
  }
  return
}

// What says nothing about the number of iterations: a step that runs past the
// bound, a step the other way, a bound that the loop computes.
// CHECK-LABEL: tree @unknown
//       CHECK:   unmodelled scf.while x1
//       CHECK:   unmodelled scf.while x1
//       CHECK:   unmodelled scf.while x1
func.func @unknown(%m: memref<16xf32>, %n: memref<1xindex>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %0 = scf.while (%i = %c0) : (index) -> index {
    %c = arith.cmpi ne, %i, %c8 : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.addi %i, %c3 : index
    scf.yield %j : index
  }
  %1 = scf.while (%i = %c0) : (index) -> index {
    %c = arith.cmpi slt, %i, %c8 : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.subi %i, %c3 : index
    scf.yield %j : index
  }
  %2 = scf.while (%i = %c0) : (index) -> index {
    %b = memref.load %n[%c0] : memref<1xindex>
    %c = arith.cmpi slt, %i, %b : index
    scf.condition(%c) %i : index
  } do {
  ^bb0(%i: index):
    memref.store %x, %m[%i] : memref<16xf32>
    %j = arith.addi %i, %c3 : index
    scf.yield %j : index
  }
  return
}

// scf.for carries counters, too: one with a step of its own, and one that stays
// as it is.
// CHECK-LABEL: tree @carried
//       CHECK:   for l1 in 20 step 5
//       CHECK:     write b0[3+2*l1]
//  CHECK-NEXT:     write b0[3]
func.func @carried(%m: memref<16xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c20 = arith.constant 20 : index
  %r:2 = scf.for %i = %c0 to %c20 step %c5 iter_args(%p = %c3, %q = %c3)
      -> (index, index) {
    memref.store %x, %m[%p] : memref<16xf32>
    memref.store %x, %m[%q] : memref<16xf32>
    %n = arith.addi %p, %c2 : index
    scf.yield %n, %q : index, index
  }
  return
}
