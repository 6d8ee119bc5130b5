// RUN: memwall-test-opt %s --test-memwall-describe-ops -o /dev/null | FileCheck %s

// Positions that are known but not affine are written as pieces on which they
// are, in the order of execution: pieces of an inner dimension share the loops
// around it.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i) -> (i)>

// A roll by 3 along rows of 64.
// CHECK: linalg.generic copy f32
// CHECK-NEXT: (16, 61): load captured[d0, d1 + 3] store out[d0, d1]
// CHECK-NEXT: (16, 3) joined=1: load captured[d0, d1] store out[d0, d1 + 61]
func.func @roll(%x: tensor<16x64xf32>, %o: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %c3 = arith.constant 3 : index
  %c64 = arith.constant 64 : index
  %r = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%o : tensor<16x64xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %s = arith.addi %j, %c3 : index
    %m = arith.remui %s, %c64 : index
    %v = tensor.extract %x[%i, %m] : tensor<16x64xf32>
    linalg.yield %v : f32
  } -> tensor<16x64xf32>
  return %r : tensor<16x64xf32>
}

// The same of the flat index by 300, with shifts and masks: the pieces do not
// follow the rows.
// CHECK: linalg.generic copy f32
// CHECK-NEXT: (59, 64): load captured[64*d0 + d1 + 300] store out[d0, d1]
// CHECK-NEXT: (20): load captured[d0 + 4076] store out[59, d0]
// CHECK-NEXT: (44): load captured[d0] store out[59, d0 + 20]
// CHECK-NEXT: (4, 64): load captured[64*d0 + d1 + 44] store out[d0 + 60, d1]
func.func @flat(%x: tensor<4096xf32>, %o: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c300 = arith.constant 300 : index
  %c6 = arith.constant 6 : index
  %mask = arith.constant 4095 : index
  %r = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%o : tensor<64x64xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %row = arith.shli %i, %c6 : index
    %p = arith.addi %row, %j : index
    %s = arith.addi %p, %c300 : index
    %m = arith.andi %s, %mask : index
    %v = tensor.extract %x[%m] : tensor<4096xf32>
    linalg.yield %v : f32
  } -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

// A quotient in a map, with an offset that the extent does not make up for.
// CHECK: linalg.generic copy f32
// CHECK-NEXT: (2): load 0[0] store out[d0]
// CHECK-NEXT: (2, 3): load 0[d0 + 1] store out[3*d0 + d1 + 2]
// CHECK-NEXT: (): load 0[3] store out[8]
func.func @offset(%x: tensor<4xf32>, %o: tensor<9xf32>) -> tensor<9xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> ((i + 1) floordiv 3)>, #row], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%o : tensor<9xf32>) {
  ^bb0(%a: f32, %y: f32):
    linalg.yield %a : f32
  } -> tensor<9xf32>
  return %r : tensor<9xf32>
}

// Widths and signs: a byte wraps at 256, read without a sign and with one.
// CHECK: linalg.generic copy f32
// CHECK-NEXT: (256): load captured[d0] store out[d0]
// CHECK-NEXT: (44): load captured[d0] store out[d0 + 256]
// CHECK: linalg.generic copy f32
// CHECK-NEXT: (128): load captured[d0 + 128] store out[d0]
// CHECK-NEXT: (172): load captured[d0] store out[d0 + 128]
func.func @bytes(%x: tensor<256xf32>, %o: tensor<300xf32>) -> (tensor<300xf32>, tensor<300xf32>) {
  %c128 = arith.constant 128 : index
  %0 = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%o : tensor<300xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %a = arith.index_cast %i : index to i32
    %b = arith.trunci %a : i32 to i8
    %c = arith.extui %b : i8 to i32
    %d = arith.index_cast %c : i32 to index
    %v = tensor.extract %x[%d] : tensor<256xf32>
    linalg.yield %v : f32
  } -> tensor<300xf32>
  %1 = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%o : tensor<300xf32>) {
  ^bb0(%y: f32):
    %i = linalg.index 0 : index
    %a = arith.index_cast %i : index to i32
    %b = arith.trunci %a : i32 to i8
    %c = arith.extsi %b : i8 to i32
    %d = arith.index_cast %c : i32 to index
    %e = arith.addi %d, %c128 : index
    %v = tensor.extract %x[%e] : tensor<256xf32>
    linalg.yield %v : f32
  } -> tensor<300xf32>
  return %0, %1 : tensor<300xf32>, tensor<300xf32>
}

// Below an unsigned bound, a negative position is not; padding by clamps.
// CHECK: tensor.generate copy f32
// CHECK-NEXT: (8, 3): load captured[d0, 0] store out[d0, d1]
// CHECK-NEXT: (8, 5) joined=1: load captured[d0, d1 + 1] store out[d0, d1 + 3]
// CHECK: tensor.generate copy f32
// CHECK-NEXT: (2): load captured[7] store out[d0]
// CHECK-NEXT: (6): load captured[d0] store out[d0 + 2]
func.func @generate(%x: tensor<8x8xf32>, %y: tensor<8xf32>) -> (tensor<8x8xf32>, tensor<8xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %0 = tensor.generate {
  ^bb0(%i: index, %j: index):
    %a = arith.subi %j, %c2 : index
    %b = arith.maxsi %a, %c0 : index
    %v = tensor.extract %x[%i, %b] : tensor<8x8xf32>
    tensor.yield %v : f32
  } : tensor<8x8xf32>
  %1 = tensor.generate {
  ^bb0(%i: index):
    %a = arith.subi %i, %c2 : index
    %in = arith.cmpi ult, %a, %c8 : index
    %b = arith.select %in, %a, %c7 : index
    %v = tensor.extract %y[%b] : tensor<8xf32>
    tensor.yield %v : f32
  } : tensor<8xf32>
  return %0, %1 : tensor<8x8xf32>, tensor<8xf32>
}
