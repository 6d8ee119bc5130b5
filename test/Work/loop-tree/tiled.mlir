// RUN: memwall-test-opt %s --test-memwall-print-loop-tree -o /dev/null | FileCheck %s

// Partial tiles: 100 = 3 * 32 + 4 rows, so 2 * 100 * 48 * 64 flops in 4 * 4
// executions. The tile of the accumulator is built where it belongs: no copies.
// CHECK-LABEL: tree @partial
//  CHECK-NEXT:   b0 argument %arg0 6400xf32
//  CHECK-NEXT:   b1 argument %arg1 3072xf32
//  CHECK-NEXT:   b2 intermediate linalg.fill#0 4800xf32 live-out
//  CHECK-NEXT:   op0 linalg.fill fill f32 init-fill x1
//  CHECK-NEXT:   op1 linalg.matmul contraction f32 x16 flops=614400
//  CHECK-NEXT:   nest op0 (l1 in 100, l2 in 48)
//  CHECK-NEXT:     write b2[48*l1+l2]
//  CHECK-NEXT:   for l3 in 100 step 32
//  CHECK-NEXT:     for l4 in 64 step 16
//  CHECK-NEXT:       nest op1 (l5 in min(100-32*l3, 32), l6 in 48, l7 in 16 reduction) flops=2
//  CHECK-NEXT:         read b0[2048*l3+16*l4+64*l5+l7]
//  CHECK-NEXT:         read b1[768*l4+48*l7+l6]
//  CHECK-NEXT:         read-fill b2[1536*l3+48*l5+l6]
//  CHECK-NEXT:         write b2[1536*l3+48*l5+l6]
#min = affine_map<(d0) -> (32, 100 - d0)>
func.func @partial(%a: tensor<100x64xf32>, %b: tensor<64x48xf32>) -> tensor<100x48xf32> {
  %c0 = arith.constant 0 : index
  %c100 = arith.constant 100 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<100x48xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<100x48xf32>) -> tensor<100x48xf32>
  %r = scf.for %i = %c0 to %c100 step %c32 iter_args(%acc = %f) -> tensor<100x48xf32> {
    %s = affine.min #min(%i)
    %r1 = scf.for %k = %c0 to %c64 step %c16 iter_args(%acc1 = %acc) -> tensor<100x48xf32> {
      %at = tensor.extract_slice %a[%i, %k] [%s, 16] [1, 1] : tensor<100x64xf32> to tensor<?x16xf32>
      %bt = tensor.extract_slice %b[%k, 0] [16, 48] [1, 1] : tensor<64x48xf32> to tensor<16x48xf32>
      %ct = tensor.extract_slice %acc1[%i, 0] [%s, 48] [1, 1] : tensor<100x48xf32> to tensor<?x48xf32>
      %m = linalg.matmul ins(%at, %bt : tensor<?x16xf32>, tensor<16x48xf32>) outs(%ct : tensor<?x48xf32>) -> tensor<?x48xf32>
      %in = tensor.insert_slice %m into %acc1[%i, 0] [%s, 48] [1, 1] : tensor<?x48xf32> into tensor<100x48xf32>
      scf.yield %in : tensor<100x48xf32>
    }
    scf.yield %r1 : tensor<100x48xf32>
  }
  return %r : tensor<100x48xf32>
}

// The shared output is the argument's storage; the insertion is free.
// CHECK-LABEL: tree @forall
//  CHECK-NEXT:   b0 argument %arg0 4096xf32
//  CHECK-NEXT:   b1 argument %arg1 4096xf32 live-out
//  CHECK-NEXT:   op0 linalg.exp elementwise f32 x16 flops=4096 transcendentals=4096
//  CHECK-NEXT:   parallel l1 in 4
//  CHECK-NEXT:     parallel l2 in 4
//  CHECK-NEXT:       nest op0 (l3 in 16, l4 in 16) flops=1 transcendentals=1
//  CHECK-NEXT:         read b0[1024*l1+16*l2+64*l3+l4]
//  CHECK-NEXT:         write b1[1024*l1+16*l2+64*l3+l4]
func.func @forall(%a: tensor<64x64xf32>, %o: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %r = scf.forall (%i, %j) in (4, 4) shared_outs(%acc = %o) -> tensor<64x64xf32> {
    %io = affine.apply affine_map<(d0) -> (d0 * 16)>(%i)
    %jo = affine.apply affine_map<(d0) -> (d0 * 16)>(%j)
    %at = tensor.extract_slice %a[%io, %jo] [16, 16] [1, 1] : tensor<64x64xf32> to tensor<16x16xf32>
    %ct = tensor.extract_slice %acc[%io, %jo] [16, 16] [1, 1] : tensor<64x64xf32> to tensor<16x16xf32>
    %m = linalg.exp ins(%at : tensor<16x16xf32>) outs(%ct : tensor<16x16xf32>) -> tensor<16x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %m into %acc[%io, %jo] [16, 16] [1, 1] : tensor<16x16xf32> into tensor<64x64xf32>
    }
  }
  return %r : tensor<64x64xf32>
}

// Four query heads share a KV head: the loop is split, so that K is indexed by
// the outer part only.
// CHECK-LABEL: tree @shared_heads
//       CHECK:   for l1 in 8
//  CHECK-NEXT:     for l2 in 4
//       CHECK:         read b0[512*l1+128*l2+l3]
//  CHECK-NEXT:         read b1[128*l1+l3]
func.func @shared_heads(%q: tensor<32x128xf32>, %k: tensor<8x128xf32>, %o: tensor<32xf32>) -> tensor<32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %r = scf.for %h = %c0 to %c32 step %c1 iter_args(%acc = %o) -> tensor<32xf32> {
    %kv = affine.apply affine_map<(d0) -> (d0 floordiv 4)>(%h)
    %qs = tensor.extract_slice %q[%h, 0] [1, 128] [1, 1] : tensor<32x128xf32> to tensor<128xf32>
    %ks = tensor.extract_slice %k[%kv, 0] [1, 128] [1, 1] : tensor<8x128xf32> to tensor<128xf32>
    %os = tensor.extract_slice %acc[%h] [1] [1] : tensor<32xf32> to tensor<f32>
    %d = linalg.dot ins(%qs, %ks : tensor<128xf32>, tensor<128xf32>) outs(%os : tensor<f32>) -> tensor<f32>
    %in = tensor.insert_slice %d into %acc[%h] [1] [1] : tensor<f32> into tensor<32xf32>
    scf.yield %in : tensor<32xf32>
  }
  return %r : tensor<32xf32>
}

// Two levels of tiles, the inner one over what the outer one left.
// CHECK-LABEL: tree @two_levels
//       CHECK:   op0 linalg.exp elementwise f32 x4 flops=7
//       CHECK:   for l1 in 7 step 5
//  CHECK-NEXT:     for l2 in min(7-5*l1, 5) step 2
//  CHECK-NEXT:       nest op0 (l3 in min(7-2*l2-5*l1, 5-2*l2, 2))
func.func @two_levels(%a: memref<7xf32>, %o: memref<7xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  scf.for %i = %c0 to %c7 step %c5 {
    %left = arith.subi %c7, %i : index
    %s = arith.minsi %left, %c5 : index
    scf.for %j = %c0 to %s step %c2 {
      %t = affine.min affine_map<(d0)[s0] -> (s0 - d0, 2)>(%j)[%s]
      %p = affine.apply affine_map<(d0, d1) -> (d0 + d1)>(%i, %j)
      %as = memref.subview %a[%p] [%t] [1] : memref<7xf32> to memref<?xf32, strided<[1], offset: ?>>
      %os = memref.subview %o[%p] [%t] [1] : memref<7xf32> to memref<?xf32, strided<[1], offset: ?>>
      linalg.exp ins(%as : memref<?xf32, strided<[1], offset: ?>>) outs(%os : memref<?xf32, strided<[1], offset: ?>>)
    }
  }
  return
}
