// RUN: memwall-test-opt %s --test-memwall-print-loop-tree --allow-unregistered-dialect -o /dev/null | FileCheck %s

func.func private @opaque(tensor<4xf32>) -> tensor<4xf32>
func.func private @clock() -> f64
func.func @double(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Bodies in place of calls, once per call site. %a is returned and overwritten
// by the second call, which gets a copy. Clocks are nothing; a call that data
// goes through is listed and reads it, and its result comes from outside.
// CHECK-LABEL: tree @calls
//   CHECK-NOT: tree @double
//       CHECK:   b0 argument %arg0 4xf32 live-out
//  CHECK-NEXT:   b1 argument %arg1 4xf32
//  CHECK-NEXT:   b2 intermediate func.call#1 4xf32 live-out
//  CHECK-NEXT:   b3 argument "func.call @opaque#result" 4xf32 live-out
//  CHECK-NEXT:   op0 linalg.add elementwise f32 x1 flops=4
//  CHECK-NEXT:   op1 func.call copy f32 x1
//  CHECK-NEXT:   op2 linalg.add elementwise f32 x1 flops=4
//  CHECK-NEXT:   op3 "func.call @opaque" unmodelled x1
//  CHECK-NEXT:   op4 linalg.add elementwise f32 x1 flops=4
//  CHECK-NEXT:   unmodelled "func.call @opaque" x1
func.func @calls(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %t = call @clock() : () -> f64
  %a = call @double(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = call @double(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %e = call @opaque(%y) : (tensor<4xf32>) -> tensor<4xf32>
  %c = call @double(%e) : (tensor<4xf32>) -> tensor<4xf32>
  return %a, %b, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// What a callee without a body gets has to be in memory: a part of %e is enough.
// What nobody gets is not.
// CHECK-LABEL: tree @escapes
//       CHECK:   b1 intermediate linalg.exp#1 8xf32{{$}}
//  CHECK-NEXT:   b2 intermediate linalg.exp#0 8xf32 live-out
func.func @escapes(%x: tensor<8xf32>) {
  %0 = tensor.empty() : tensor<8xf32>
  %e = linalg.exp ins(%x : tensor<8xf32>) outs(%0 : tensor<8xf32>) -> tensor<8xf32>
  %f = linalg.exp ins(%x : tensor<8xf32>) outs(%0 : tensor<8xf32>) -> tensor<8xf32>
  %half = tensor.extract_slice %e[4] [4] [1] : tensor<8xf32> to tensor<4xf32>
  %g = call @opaque(%half) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// A branch that is known is taken, one that is not is listed, and so is a loop.
// CHECK-LABEL: tree @branches
//       CHECK:   op0 linalg.exp
//   CHECK-NOT:   op1
//       CHECK:   unmodelled scf.if x1
//  CHECK-NEXT:   unmodelled scf.for x1
func.func @branches(%x: tensor<4xf32>, %c: i1, %n: index, %m: memref<4xf32>) -> tensor<4xf32> {
  %true = arith.constant true
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.constant 1.0 : f32
  %a = scf.if %true -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %n1 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %n1 : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  %b = scf.if %c -> tensor<4xf32> {
    scf.yield %x : tensor<4xf32>
  } else {
    scf.yield %a : tensor<4xf32>
  }
  scf.for %i = %c0 to %n step %c1 {
    memref.store %s, %m[%i] : memref<4xf32>
  }
  return %b : tensor<4xf32>
}

// A condition on induction variables is a loop of one iteration or none: 36 of
// the 64 pairs are on or below the diagonal.
// CHECK-LABEL: tree @triangle
//       CHECK:   op0 memref.store other f32 x36
//       CHECK:       for l3 in min(1+l1-l2, 1)
func.func @triangle(%m: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    scf.for %j = %c0 to %c8 step %c1 {
      %c = arith.cmpi sle, %j, %i : index
      scf.if %c {
        %x = memref.load %m[%j] : memref<8xf32>
        memref.store %x, %m[%i] : memref<8xf32>
      }
    }
  }
  return
}

// Four pairs on or below the diagonal have i + j < 3.
// CHECK-LABEL: tree @affine_conditions
//       CHECK:   op0 affine.store other f32 x32
func.func @affine_conditions(%m: memref<8x8xf32>) {
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 8 {
      affine.if affine_set<(d0, d1) : (d0 - d1 >= 0, d0 + d1 - 3 >= 0)>(%i, %j) {
        %x = affine.load %m[%i, %j] : memref<8x8xf32>
        affine.store %x, %m[%j, %i] : memref<8x8xf32>
      }
    }
  }
  return
}

// Tensors: both sides leave the result in the carried storage.
// CHECK-LABEL: tree @first_three
//       CHECK:   op0 linalg.exp elementwise f32 x3
//   CHECK-NOT:   unmodelled
//       CHECK:     for l2 in min(3-l1, 1)
func.func @first_three(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %i = %c0 to %c8 step %c1 iter_args(%t = %o) -> tensor<8xf32> {
    %c = arith.cmpi slt, %i, %c3 : index
    %s = scf.if %c -> tensor<8xf32> {
      %m = linalg.exp ins(%a : tensor<8xf32>) outs(%t : tensor<8xf32>) -> tensor<8xf32>
      scf.yield %m : tensor<8xf32>
    } else {
      scf.yield %t : tensor<8xf32>
    }
    scf.yield %s : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}

// Trip counts that the user states.
// CHECK-LABEL: tree @bound
//       CHECK:   for l1 in 3
//       CHECK:   for l2 in 7
//  CHECK-NEXT:     nest op1 (l3 in 4)
func.func @bound(%x: tensor<4xf32>, %n: index, %c: i1, %m: memref<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.constant 1.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    memref.store %s, %m[%i] : memref<4xf32>
  } {memwall.trip_count = 3 : i64}
  %r = scf.while (%v = %x) : (tensor<4xf32>) -> tensor<4xf32> {
    scf.condition(%c) %v : tensor<4xf32>
  } do {
  ^bb0(%v: tensor<4xf32>):
    %z = linalg.exp ins(%v : tensor<4xf32>) outs(%v : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %z : tensor<4xf32>
  } attributes {memwall.trip_count = 7 : i64}
  return %r : tensor<4xf32>
}

// Ops that nobody knows read their operands and write their results. Of sparse
// tensors nothing is known.
// CHECK-LABEL: tree @unknown
//       CHECK:   b1 intermediate foo.bar#0 4xf32 live-out
//  CHECK-NEXT:   op0 foo.bar unmodelled x1
//  CHECK-NEXT:   unmodelled foo.bar x1
//  CHECK-NEXT:   nest op0 (l1 in 4)
//  CHECK-NEXT:     read b0[l1]
//  CHECK-NEXT:   nest op0 (l2 in 4)
//  CHECK-NEXT:     write b1[l2]
func.func @unknown(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = "foo.bar"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
#csr = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>
// CHECK-LABEL: tree @sparse
//       CHECK:   unmodelled "func.func argument %arg0" x1
//  CHECK-NEXT:   unmodelled linalg.matmul x1
func.func @sparse(%a: tensor<4x4xf32, #csr>, %b: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<4x4xf32, #csr>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
// A cast says how large an unranked tensor is.
// CHECK-LABEL: tree @unranked
//  CHECK-NEXT:   b0 argument %arg0 4xf32 live-out result=0
//   CHECK-NOT:   unmodelled
func.func @unranked(%a: tensor<*xf32>) -> tensor<4xf32> {
  %r = tensor.cast %a : tensor<*xf32> to tensor<4xf32>
  return %r : tensor<4xf32>
}
// Which block comes next is not known.
// CHECK-LABEL: tree @blocks
//       CHECK:   unmodelled cf.cond_br x1
func.func @blocks(%a: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  cf.br ^bb2
^bb2:
  return %a : tensor<4xf32>
}
// CHECK-LABEL: tree @scalar_tensor
//       CHECK:   nest op0 () flops=1
//  CHECK-NEXT:     read b0[0]
func.func @scalar_tensor(%a: tensor<f32>) -> tensor<f32> {
  %m = linalg.exp ins(%a : tensor<f32>) outs(%a : tensor<f32>) -> tensor<f32>
  return %m : tensor<f32>
}
// CHECK-LABEL: tree @nothing
//   CHECK-NOT: {{.}}
func.func @nothing() { return }
