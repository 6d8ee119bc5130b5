// Control flow that is not followed: the floor stays a lower bound. What such
// code may have written is not read from outside, and what it computes is no
// input of the function.
// RUN: memwall-opt %s --memwall-report=target=ddr5-2ch 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN < %t

// With 64 iterations nothing of %a is read before it is written.
// WARN: @loop_writes: 1 op is in no figure: scf.for; its trip count is not known
// CHECK-LABEL: @loop_writes
// CHECK: minimum of the program 0 B read + 256 B written
func.func @loop_writes(%a: memref<64xf32>, %n: index, %o: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    memref.store %z, %a[%i] : memref<64xf32>
  }
  linalg.copy ins(%a : memref<64xf32>) outs(%o : memref<64xf32>)
  return
}

// Before the loop all of %a comes from outside.
// CHECK-LABEL: @loop_writes_later
// CHECK: minimum of the program 256 B read + 256 B written
func.func @loop_writes_later(%a: memref<64xf32>, %n: index, %o: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  linalg.copy ins(%a : memref<64xf32>) outs(%o : memref<64xf32>)
  scf.for %i = %c0 to %n step %c1 {
    memref.store %z, %a[%i] : memref<64xf32>
  }
  return
}

// Only read in the loop: what comes after still comes from outside.
// CHECK-LABEL: @loop_reads
// CHECK: minimum of the program 256 B read + 256 B written
func.func @loop_reads(%a: memref<64xf32>, %n: index, %s: memref<f32>,
                      %o: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<64xf32>
    memref.store %x, %s[] : memref<f32>
  }
  linalg.copy ins(%a : memref<64xf32>) outs(%o : memref<64xf32>)
  return
}

// A branch on data.
// CHECK-LABEL: @branch_writes
// CHECK: minimum of the program 0 B read + 256 B written
func.func @branch_writes(%a: memref<64xf32>, %c: i1, %o: memref<64xf32>) {
  %z = arith.constant 0.0 : f32
  scf.if %c {
    linalg.fill ins(%z : f32) outs(%a : memref<64xf32>)
  }
  linalg.copy ins(%a : memref<64xf32>) outs(%o : memref<64xf32>)
  return
}

// What a loop on tensors returns may be made of nothing.
// CHECK-LABEL: @loop_computes
// CHECK: minimum of the program 0 B read + 256 B written
func.func @loop_computes(%n: index, %o: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %e) -> tensor<64xf32> {
    %f = linalg.fill ins(%z : f32) outs(%t : tensor<64xf32>) -> tensor<64xf32>
    scf.yield %f : tensor<64xf32>
  }
  %x = linalg.exp ins(%r : tensor<64xf32>) outs(%o : tensor<64xf32>) -> tensor<64xf32>
  return %x : tensor<64xf32>
}
