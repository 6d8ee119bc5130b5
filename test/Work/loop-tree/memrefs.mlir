// RUN: memwall-test-opt %s --test-memwall-print-loop-tree -o /dev/null | FileCheck %s

// The fill starts the accumulation, on memrefs too.
// CHECK-LABEL: tree @structured
//       CHECK:   b2 argument %arg2 64xf32 live-out
//  CHECK-NEXT:   op0 linalg.fill fill f32 init-fill x1
//  CHECK-NEXT:   op1 linalg.matmul contraction f32 x1 flops=1024
//       CHECK:     read-fill b2[4*l3+l4]
func.func @structured(%a: memref<16x8xf32>, %b: memref<8x4xf32>, %c: memref<16x4xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<16x4xf32>)
  linalg.matmul ins(%a, %b : memref<16x8xf32>, memref<8x4xf32>) outs(%c : memref<16x4xf32>)
  return
}

// A straight line of scalar code is one op, named after its last store.
// CHECK-LABEL: tree @scalar
//       CHECK:   op0 affine.store other f32 x512 flops=1024
//       CHECK:       for l3 in 8
//  CHECK-NEXT:         nest op0 () flops=2
//  CHECK-NEXT:           read b0[8*l1+l3]
//  CHECK-NEXT:           read b1[4*l3+l2]
//  CHECK-NEXT:           read b2[4*l1+l2]
//  CHECK-NEXT:           write b2[4*l1+l2]
func.func @scalar(%a: memref<16x8xf32>, %b: memref<8x4xf32>, %c: memref<16x4xf32>) {
  affine.for %i = 0 to 16 {
    affine.for %j = 0 to 4 {
      affine.for %k = 0 to 8 {
        %x = affine.load %a[%i, %k] : memref<16x8xf32>
        %y = affine.load %b[%k, %j] : memref<8x4xf32>
        %z = affine.load %c[%i, %j] : memref<16x4xf32>
        %m = arith.mulf %x, %y : f32
        %s = arith.addf %m, %z : f32
        affine.store %s, %c[%i, %j] : memref<16x4xf32>
      }
    }
  }
  return
}

// An allocation in a loop belongs to its body; a triangle is counted exactly:
// 1 + 2 + 3 + 4.
// CHECK-LABEL: tree @triangle
//       CHECK:   b1 intermediate {{.*}} in l1
//       CHECK:   op0 memref.store other f32 x10
//       CHECK:   for l1 in 4
//  CHECK-NEXT:     for l2 in 1+l1
func.func @triangle(%a: memref<4xf32>) {
  affine.for %i = 0 to 4 {
    %t = memref.alloc() : memref<4xf32>
    affine.for %j = 0 to affine_map<(d0) -> (d0 + 1)>(%i) {
      %x = memref.load %a[%j] : memref<4xf32>
      memref.store %x, %t[%j] : memref<4xf32>
    }
  }
  return
}

// Lanes beyond the end are not touched: 60 = 7 * 8 + 4 rows.
// CHECK-LABEL: tree @vectors
//       CHECK:   op0 vector.transfer_write other f32 x8
//       CHECK:   for l1 in 60 step 8
//  CHECK-NEXT:     nest op0 (l2 in min(60-8*l1, 8), l3 in 4)
//  CHECK-NEXT:       read b0[32*l1+4*l2+l3]
//  CHECK-NEXT:     nest op0 (l4 in min(60-8*l1, 8), l5 in 4)
//  CHECK-NEXT:       write b1[32*l1+4*l4+l5]
func.func @vectors(%a: tensor<60x4xf32>, %o: tensor<60x4xf32>) -> tensor<60x4xf32> {
  %c0 = arith.constant 0 : index
  %c60 = arith.constant 60 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %c60 step %c8 iter_args(%acc = %o) -> tensor<60x4xf32> {
    %v = vector.transfer_read %a[%i, %c0], %zero : tensor<60x4xf32>, vector<8x4xf32>
    %w = vector.transfer_write %v, %acc[%i, %c0] : vector<8x4xf32>, tensor<60x4xf32>
    scf.yield %w : tensor<60x4xf32>
  }
  return %r : tensor<60x4xf32>
}

// A position that was loaded is data.
// CHECK-LABEL: tree @indirect
//       CHECK:   read b1[l1]
//  CHECK-NEXT:   read b0[0+?(l1)<100]
func.func @indirect(%a: memref<100xf32>, %i: memref<4xindex>, %o: memref<4xf32>) {
  affine.for %j = 0 to 4 {
    %p = memref.load %i[%j] : memref<4xindex>
    %x = memref.load %a[%p] : memref<100xf32>
    memref.store %x, %o[%j] : memref<4xf32>
  }
  return
}

// Equal constants are one storage, globals too.
// CHECK-LABEL: tree @globals
//       CHECK:   b1 global @g 4xf32
//   CHECK-NOT:   global
//       CHECK:   read b1
//       CHECK:   read b1
memref.global "private" constant @g : memref<4xf32> = dense<1.0>
func.func @globals(%o: memref<4xf32>) {
  %a = memref.get_global @g : memref<4xf32>
  %b = memref.get_global @g : memref<4xf32>
  memref.copy %a, %o : memref<4xf32> to memref<4xf32>
  memref.copy %b, %o : memref<4xf32> to memref<4xf32>
  return
}
