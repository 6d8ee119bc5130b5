// RUN: memwall-test-opt %s --test-memwall-in-place -o /dev/null | FileCheck %s

// Our decisions against One-Shot Bufferize's, operand by operand.
// CHECK-NOT: upstream
//     CHECK: operands={{[0-9]+}} different=0

#id = affine_map<(d0) -> (d0)>
func.func @elementwise_reuse(%a: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%a, %b : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %z = arith.mulf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %b : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %z = arith.subf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

func.func @no_reuse(%a: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %e = tensor.empty() : tensor<8x8xf32>
  %z = arith.constant 0.0 : f32
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %0 = linalg.matmul ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = linalg.matmul ins(%0, %a : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = linalg.transpose ins(%1 : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) permutation = [1, 0]
  return %0, %2 : tensor<8x8xf32>, tensor<8x8xf32>
}

func.func @slices(%a: tensor<8x8xf32>, %b: tensor<4x8xf32>) -> (tensor<8x8xf32>, tensor<4x8xf32>) {
  %s = tensor.extract_slice %a[0, 0] [4, 8] [1, 1] : tensor<8x8xf32> to tensor<4x8xf32>
  %x = linalg.exp ins(%b : tensor<4x8xf32>) outs(%s : tensor<4x8xf32>) -> tensor<4x8xf32>
  %i = tensor.insert_slice %x into %a[0, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<8x8xf32>
  %t = tensor.extract_slice %i[4, 0] [4, 8] [1, 1] : tensor<8x8xf32> to tensor<4x8xf32>
  %j = tensor.insert_slice %t into %i[0, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<8x8xf32>
  return %j, %t : tensor<8x8xf32>, tensor<4x8xf32>
}

func.func @concatenate(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %0 = tensor.insert_slice %a into %e[0] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %1 = tensor.insert_slice %b into %0[4] [4] [1] : tensor<4xf32> into tensor<8xf32>
  return %1 : tensor<8xf32>
}

func.func @loop(%a: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %e = tensor.empty() : tensor<8xf32>
  // %b is read by every iteration: %a may be carried in place, a tensor that
  // all iterations write and read may not come from outside.
  %r = scf.for %i = %c0 to %c8 step %c1 iter_args(%v = %a) -> tensor<8xf32> {
    %x = linalg.exp ins(%b : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %y = linalg.add ins(%x, %v : tensor<8xf32>, tensor<8xf32>) outs(%v : tensor<8xf32>) -> tensor<8xf32>
    %w = linalg.exp ins(%y : tensor<8xf32>) outs(%b : tensor<8xf32>) -> tensor<8xf32>
    %z = linalg.add ins(%w, %y : tensor<8xf32>, tensor<8xf32>) outs(%y : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %z : tensor<8xf32>
  }
  return %r, %a : tensor<8xf32>, tensor<8xf32>
}

func.func @fused(%a: tensor<16x32xf32>, %b: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %e = tensor.empty() : tensor<16x32xf32>
  %r = scf.for %i = %c0 to %c32 step %c8 iter_args(%v = %e) -> tensor<16x32xf32> {
    %as = tensor.extract_slice %a[0, %i] [16, 8] [1, 1] : tensor<16x32xf32> to tensor<16x8xf32>
    %es = tensor.extract_slice %e[0, %i] [16, 8] [1, 1] : tensor<16x32xf32> to tensor<16x8xf32>
    %x = linalg.exp ins(%as : tensor<16x8xf32>) outs(%es : tensor<16x8xf32>) -> tensor<16x8xf32>
    %bs = tensor.extract_slice %b[0, %i] [16, 8] [1, 1] : tensor<16x32xf32> to tensor<16x8xf32>
    %vs = tensor.extract_slice %v[0, %i] [16, 8] [1, 1] : tensor<16x32xf32> to tensor<16x8xf32>
    %y = linalg.add ins(%x, %bs : tensor<16x8xf32>, tensor<16x8xf32>) outs(%vs : tensor<16x8xf32>) -> tensor<16x8xf32>
    %j = tensor.insert_slice %y into %v[0, %i] [16, 8] [1, 1] : tensor<16x8xf32> into tensor<16x32xf32>
    scf.yield %j : tensor<16x32xf32>
  }
  return %r : tensor<16x32xf32>
}

func.func @parallel(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<2xf32>
  %r = scf.forall (%i) in (4) shared_outs(%v = %o) -> tensor<8xf32> {
    %p = affine.apply affine_map<(d0) -> (d0 * 2)>(%i)
    %as = tensor.extract_slice %a[%p] [2] [1] : tensor<8xf32> to tensor<2xf32>
    %x = linalg.exp ins(%as : tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %x into %v[%p] [2] [1] : tensor<2xf32> into tensor<8xf32>
    }
  }
  return %r : tensor<8xf32>
}

func.func @callee(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = linalg.add ins(%x, %y : tensor<8xf32>, tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  return %0, %y : tensor<8xf32>, tensor<8xf32>
}
func.func @caller(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %0:2 = call @callee(%x, %y) : (tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  %1:2 = call @callee(%0#0, %0#1) : (tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  return %0#0, %1#0, %1#1 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}

func.func @constants(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %c = arith.constant dense<1.0> : tensor<8xf32>
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%c : tensor<8xf32>) -> tensor<8xf32>
  return %0, %c : tensor<8xf32>, tensor<8xf32>
}

func.func @branch(%x: tensor<8xf32>, %y: tensor<8xf32>, %c: i1) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = scf.if %c -> tensor<8xf32> {
    %1 = linalg.exp ins(%y : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    scf.yield %1 : tensor<8xf32>
  } else {
    scf.yield %y : tensor<8xf32>
  }
  %2 = linalg.exp ins(%0 : tensor<8xf32>) outs(%y : tensor<8xf32>) -> tensor<8xf32>
  return %0, %2 : tensor<8xf32>, tensor<8xf32>
}

func.func @border(%x: tensor<8xf32>, %m: memref<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %b = bufferization.to_buffer %x : tensor<8xf32> to memref<8xf32>
  memref.copy %m, %b : memref<8xf32> to memref<8xf32>
  %t = bufferization.to_tensor %m restrict : memref<8xf32> to tensor<8xf32>
  %w = bufferization.to_tensor %b restrict writable : memref<8xf32> to tensor<8xf32>
  %0 = linalg.exp ins(%t : tensor<8xf32>) outs(%t : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.exp ins(%0 : tensor<8xf32>) outs(%w : tensor<8xf32>) -> tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}

func.func @branch_in_loop(%a: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
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

// The running output of attention is scaled, then added to.
func.func @rescaled(%q: tensor<16x8xf32>, %k: tensor<64x8xf32>) -> tensor<16x8xf32> {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<16x8xf32>) -> tensor<16x8xf32>
  %r = scf.for %i = %c0 to %c64 step %c16 iter_args(%acc = %f) -> tensor<16x8xf32> {
    %ks = tensor.extract_slice %k[%i, 0] [16, 8] [1, 1] : tensor<64x8xf32> to tensor<16x8xf32>
    %se = tensor.empty() : tensor<16x16xf32>
    %sf = linalg.fill ins(%z : f32) outs(%se : tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%q, %ks : tensor<16x8xf32>, tensor<16x8xf32>) outs(%sf : tensor<16x16xf32>) -> tensor<16x16xf32>
    %a = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
        ins(%s : tensor<16x16xf32>) outs(%acc : tensor<16x8xf32>) {
    ^bb0(%x: f32, %o: f32):
      %m = arith.mulf %x, %o : f32
      linalg.yield %m : f32
    } -> tensor<16x8xf32>
    %o = linalg.matmul ins(%s, %ks : tensor<16x16xf32>, tensor<16x8xf32>) outs(%a : tensor<16x8xf32>) -> tensor<16x8xf32>
    scf.yield %o : tensor<16x8xf32>
  }
  return %r : tensor<16x8xf32>
}
