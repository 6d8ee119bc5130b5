// RUN: memwall-opt %s --memwall-normalize | FileCheck %s

#rows = affine_map<(i, j) -> (i, j)>
#columns = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#one = affine_map<(i) -> (i)>

// Arithmetic on tensors, named ops and generics become one pass.
// CHECK-LABEL: func @chain(
//      CHECK:   linalg.generic {{.*}} ins(%arg0, %arg1 :
//      CHECK:     arith.subf
// CHECK-NEXT:     math.exp
// CHECK-NEXT:     math.absf
//  CHECK-NOT:   linalg.generic
//      CHECK:   return
func.func @chain(%x: tensor<8x64xf32>, %y: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %0 = arith.subf %x, %y : tensor<8x64xf32>
  %e = tensor.empty() : tensor<8x64xf32>
  %1 = linalg.exp ins(%0 : tensor<8x64xf32>) outs(%e : tensor<8x64xf32>) -> tensor<8x64xf32>
  %2 = linalg.map { math.absf } ins(%1 : tensor<8x64xf32>) outs(%e : tensor<8x64xf32>)
  return %2 : tensor<8x64xf32>
}

// What two ops read is computed once, and stays.
// CHECK-LABEL: func @two_uses(
//      CHECK:   %[[E:.*]] = linalg.generic
// CHECK-NEXT:   ^bb0
// CHECK-NEXT:     math.exp
//      CHECK:   linalg.generic {{.*}} ins(%[[E]] :
//      CHECK:     math.sqrt
//      CHECK:   linalg.generic {{.*}} ins(%[[E]] :
//      CHECK:     math.absf
func.func @two_uses(%x: tensor<8x64xf32>) -> (tensor<8x64xf32>, tensor<8x64xf32>) {
  %0 = math.exp %x : tensor<8x64xf32>
  %1 = math.sqrt %0 : tensor<8x64xf32>
  %2 = math.absf %0 : tensor<8x64xf32>
  return %1, %2 : tensor<8x64xf32>, tensor<8x64xf32>
}

// The same value twice in one op is one use.
// CHECK-LABEL: func @square(
//      CHECK:   linalg.generic {{.*}} ins(%arg0 :
//      CHECK:     %[[E:.*]] = math.exp
// CHECK-NEXT:     arith.mulf %[[E]], %[[E]]
//  CHECK-NOT:   linalg.generic
func.func @square(%x: tensor<64xf32>) -> tensor<64xf32> {
  %0 = math.exp %x : tensor<64xf32>
  %1 = arith.mulf %0, %0 : tensor<64xf32>
  return %1 : tensor<64xf32>
}

// A row of results is not computed once per column.
// CHECK-LABEL: func @row_result(
//      CHECK:   %[[R:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<8xf32>)
//      CHECK:     math.rsqrt
//      CHECK:   linalg.generic {{.*}} ins(%arg0, %[[R]] : tensor<8x64xf32>, tensor<8xf32>)
// CHECK-NEXT:   ^bb0
// CHECK-NEXT:     arith.mulf
func.func @row_result(%x: tensor<8x64xf32>, %r: tensor<8xf32>) -> tensor<8x64xf32> {
  %0 = math.rsqrt %r : tensor<8xf32>
  %e = tensor.empty() : tensor<8x64xf32>
  %b = linalg.broadcast ins(%0 : tensor<8xf32>) outs(%e : tensor<8x64xf32>) dimensions = [1]
  %1 = arith.mulf %x, %b : tensor<8x64xf32>
  return %1 : tensor<8x64xf32>
}

// Constants, fills and scalars of any spelling are values in the body.
// CHECK-LABEL: func @scalars(
//  CHECK-DAG:   %[[HALF:.*]] = arith.constant 5.0{{.*}} : f32
//  CHECK-DAG:   %[[EIGHT:.*]] = arith.constant 8.0{{.*}} : f32
//      CHECK:   linalg.generic {{.*}} ins(%arg0 : tensor<8xf32>)
//      CHECK:     arith.mulf %{{.*}}, %[[HALF]]
// CHECK-NEXT:     arith.addf %{{.*}}, %arg1
// CHECK-NEXT:     arith.divf %{{.*}}, %[[EIGHT]]
//  CHECK-NOT:   linalg.generic
func.func @scalars(%x: tensor<8xf32>, %s: f32) -> tensor<8xf32> {
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %0 = arith.mulf %x, %half : tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%s : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %1 = arith.addf %0, %f : tensor<8xf32>
  %wide = arith.constant dense<8.0> : tensor<f64>
  %e0 = tensor.empty() : tensor<f32>
  %narrow = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%wide : tensor<f64>) outs(%e0 : tensor<f32>) {
  ^bb0(%a: f64, %b: f32):
    %c = arith.truncf %a : f64 to f32
    linalg.yield %c : f32
  } -> tensor<f32>
  %2 = linalg.generic {indexing_maps = [#one, affine_map<(i) -> ()>, #one], iterator_types = ["parallel"]} ins(%1, %narrow : tensor<8xf32>, tensor<f32>) outs(%e : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<8xf32>
  return %2 : tensor<8xf32>
}

// Reshapes that add and drop dimensions of extent 1 stop nothing (U6).
// CHECK-LABEL: func @unit_dims(
//      CHECK:   %[[X:.*]] = tensor.collapse_shape %arg0 {{.*}} into tensor<8x64xf32>
//      CHECK:   %[[Y:.*]] = linalg.generic {{.*}} ins(%[[X]] :
//      CHECK:     math.exp
// CHECK-NEXT:     math.absf
//      CHECK:   return %[[Y]]
func.func @unit_dims(%x: tensor<1x8x64xf32>) -> tensor<8x64xf32> {
  %0 = math.exp %x : tensor<1x8x64xf32>
  %1 = tensor.collapse_shape %0 [[0, 1], [2]] : tensor<1x8x64xf32> into tensor<8x64xf32>
  %2 = tensor.expand_shape %1 [[0], [1, 2]] output_shape [8, 1, 64] : tensor<8x64xf32> into tensor<8x1x64xf32>
  %3 = math.absf %2 : tensor<8x1x64xf32>
  %4 = tensor.collapse_shape %3 [[0, 1], [2]] : tensor<8x1x64xf32> into tensor<8x64xf32>
  return %4 : tensor<8x64xf32>
}

// A producer goes into a reduction that reads it once, and into one that it
// is a transposed view of; a reduction goes nowhere (U7).
// CHECK-LABEL: func @reductions(
//      CHECK:   linalg.fill
//      CHECK:   %[[R:.*]] = linalg.generic {{.*}}["reduction", "parallel"]} ins(%arg0 :
//      CHECK:     arith.mulf
// CHECK-NEXT:     arith.addf
//      CHECK:   linalg.generic {{.*}} ins(%[[R]] :
// CHECK-NEXT:   ^bb0
// CHECK-NEXT:     math.sqrt
func.func @reductions(%x: tensor<8x64xf32>) -> tensor<8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x8xf32>
  %s = arith.mulf %x, %x : tensor<8x64xf32>
  %t = linalg.transpose ins(%s : tensor<8x64xf32>) outs(%e : tensor<64x8xf32>) permutation = [1, 0]
  %er = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%er : tensor<8xf32>) -> tensor<8xf32>
  %r = linalg.reduce { arith.addf } ins(%t : tensor<64x8xf32>) outs(%f : tensor<8xf32>) dimensions = [0]
  %q = math.sqrt %r : tensor<8xf32>
  return %q : tensor<8xf32>
}

// Dead results of a pair of reductions.
// CHECK-LABEL: func @argmax(
//  CHECK-NOT:   i64
//      CHECK:   linalg.generic {{.*}} ins(%arg0 : tensor<8x64xf32>) outs(%{{.*}} : tensor<8xf32>)
//      CHECK:     arith.maximumf
// CHECK-NEXT:     linalg.yield
func.func @argmax(%x: tensor<8x64xf32>) -> tensor<8xf32> {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i64
  %e = tensor.empty() : tensor<8xf32>
  %ei = tensor.empty() : tensor<8xi64>
  %f = linalg.fill ins(%low : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %fi = linalg.fill ins(%zero : i64) outs(%ei : tensor<8xi64>) -> tensor<8xi64>
  %r:2 = linalg.generic {indexing_maps = [#rows, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x64xf32>) outs(%f, %fi : tensor<8xf32>, tensor<8xi64>) {
  ^bb0(%a: f32, %m: f32, %i: i64):
    %k = linalg.index 1 : index
    %ki = arith.index_cast %k : index to i64
    %n = arith.maximumf %a, %m : f32
    %gt = arith.cmpf ogt, %a, %m : f32
    %ni = arith.select %gt, %ki, %i : i64
    linalg.yield %n, %ni : f32, i64
  } -> (tensor<8xf32>, tensor<8xi64>)
  return %r#0 : tensor<8xf32>
}

// A weight that is transposed for one matmul is read where it is; one that two
// read is not, nor one whose rows the matmul would then walk across.
// CHECK-LABEL: func @transposed(
//  CHECK-NOT:   linalg.generic
//      CHECK:   linalg.contract indexing_maps = [#{{.*}}, #[[NK:.*]], #{{.*}}] {memwall.step = "q_proj"} ins(%arg0, %arg1 :
func.func @transposed(%x: tensor<4x64xf32>, %w: tensor<32x64xf32>, %o: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %e = tensor.empty() : tensor<64x32xf32>
  %t = linalg.transpose ins(%w : tensor<32x64xf32>) outs(%e : tensor<64x32xf32>) permutation = [1, 0]
  %y = linalg.matmul {memwall.step = "q_proj"} ins(%x, %t : tensor<4x64xf32>, tensor<64x32xf32>) outs(%o : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}
// CHECK-LABEL: func @transposed_across(
//      CHECK:   %[[T:.*]] = linalg.generic {{.*}} ins(%arg0
//      CHECK:   linalg.matmul ins(%[[T]], %arg1
func.func @transposed_across(%x: tensor<64x4xf32>, %w: tensor<64x32xf32>, %o: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %e = tensor.empty() : tensor<4x64xf32>
  %t = linalg.transpose ins(%x : tensor<64x4xf32>) outs(%e : tensor<4x64xf32>) permutation = [1, 0]
  %y = linalg.matmul ins(%t, %w : tensor<4x64xf32>, tensor<64x32xf32>) outs(%o : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// A dequantised weight is computed in the op that reads each element once, and
// stays outside of one that would compute it again for every row. A cast is no
// computation.
// CHECK-LABEL: func @dequantised_once(
//      CHECK:   linalg.generic {{.*}}["parallel", "reduction"]} ins(%{{.*}}, %arg1 : tensor<64xf32>, tensor<64x32xi8>)
//      CHECK:     arith.sitofp
// CHECK-NEXT:     arith.mulf
// CHECK-NEXT:     arith.mulf
// CHECK-NEXT:     arith.addf
func.func @dequantised_once(%x: tensor<1x64xf32>, %w: tensor<64x32xi8>, %o: tensor<1x32xf32>) -> tensor<1x32xf32> {
  %scale = arith.constant dense<0.125> : tensor<64x32xf32>
  %f = arith.sitofp %w : tensor<64x32xi8> to tensor<64x32xf32>
  %d = arith.mulf %f, %scale : tensor<64x32xf32>
  %y = linalg.matmul ins(%x, %d : tensor<1x64xf32>, tensor<64x32xf32>) outs(%o : tensor<1x32xf32>) -> tensor<1x32xf32>
  return %y : tensor<1x32xf32>
}
// CHECK-LABEL: func @dequantised_often(
//      CHECK:   %[[D:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<64x32xi8>)
//      CHECK:   linalg.matmul ins(%arg0, %[[D]] :
func.func @dequantised_often(%x: tensor<4x64xf32>, %w: tensor<64x32xi8>, %o: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %scale = arith.constant dense<0.125> : tensor<64x32xf32>
  %f = arith.sitofp %w : tensor<64x32xi8> to tensor<64x32xf32>
  %d = arith.mulf %f, %scale : tensor<64x32xf32>
  %y = linalg.matmul ins(%x, %d : tensor<4x64xf32>, tensor<64x32xf32>) outs(%o : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}
// CHECK-LABEL: func @widened(
//  CHECK-NOT:   linalg.generic
//      CHECK:   linalg.contract {{.*}} ins(%arg0, %arg1 : tensor<4x64xbf16>, tensor<64x32xbf16>)
func.func @widened(%x: tensor<4x64xbf16>, %w: tensor<64x32xbf16>, %o: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %a = arith.extf %x : tensor<4x64xbf16> to tensor<4x64xf32>
  %b = arith.extf %w : tensor<64x32xbf16> to tensor<64x32xf32>
  %y = linalg.matmul ins(%a, %b : tensor<4x64xf32>, tensor<64x32xf32>) outs(%o : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// Two results start from two fills.
// CHECK-LABEL: func @shared_fill(
//      CHECK:   %[[F:.*]] = linalg.fill
//      CHECK:   %[[G:.*]] = linalg.fill
//      CHECK:   linalg.generic {{.*}} outs(%[[F]], %[[G]] :
func.func @shared_fill(%x: tensor<8x64xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %r:2 = linalg.generic {indexing_maps = [#rows, #row, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<8x64xf32>) outs(%f, %f : tensor<8xf32>, tensor<8xf32>) {
  ^bb0(%a: f32, %s: f32, %m: f32):
    %0 = arith.addf %s, %a : f32
    %1 = arith.maximumf %m, %a : f32
    linalg.yield %0, %1 : f32, f32
  } -> (tensor<8xf32>, tensor<8xf32>)
  return %r#0, %r#1 : tensor<8xf32>, tensor<8xf32>
}

// A read does not move past an update in place, which it would turn into a copy.
// CHECK-LABEL: func @updated_between(
//      CHECK:   %[[E:.*]] = linalg.generic {{.*}} ins(%arg0
//      CHECK:     math.exp
//      CHECK:   tensor.insert_slice %arg1 into %arg0
//      CHECK:   linalg.generic {{.*}} ins(%[[E]]
func.func @updated_between(%x: tensor<64xf32>, %row: tensor<8xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
  %0 = math.exp %x : tensor<64xf32>
  %1 = tensor.insert_slice %row into %x[0] [8] [1] : tensor<8xf32> into tensor<64xf32>
  %2 = math.absf %0 : tensor<64xf32>
  return %1, %2 : tensor<64xf32>, tensor<64xf32>
}

// Somebody decided about these ops.
// CHECK-LABEL: func @pinned(
//      CHECK:   linalg.exp {memwall.tiled} ins(%arg0 : tensor<1x64xf32>)
//      CHECK:   linalg.abs {memwall.max_bytes
//      CHECK:   linalg.softmax {memwall.schedule
func.func @pinned(%x: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %e = tensor.empty() : tensor<1x64xf32>
  %0 = linalg.exp {memwall.tiled} ins(%x : tensor<1x64xf32>) outs(%e : tensor<1x64xf32>) -> tensor<1x64xf32>
  %1 = linalg.abs {memwall.max_bytes = {ddr5 = 1.0e9}} ins(%0 : tensor<1x64xf32>) outs(%e : tensor<1x64xf32>) -> tensor<1x64xf32>
  %2 = linalg.softmax {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 0]>]>} dimension(1) ins(%1 : tensor<1x64xf32>) outs(%e : tensor<1x64xf32>) -> tensor<1x64xf32>
  return %2 : tensor<1x64xf32>
}

// Loops: a producer outside of a loop is not computed in every iteration.
// CHECK-LABEL: func @loop(
//      CHECK:   %[[E:.*]] = linalg.generic {{.*}} ins(%arg0
//      CHECK:     math.exp
//      CHECK:   scf.for {{.*}} iter_args(%[[A:.*]] = %arg0)
//      CHECK:     linalg.generic {{.*}} ins(%[[A]], %[[E]]
func.func @loop(%x: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %0 = math.exp %x : tensor<64xf32>
  %1 = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> tensor<64xf32> {
    %2 = arith.addf %a, %0 : tensor<64xf32>
    scf.yield %2 : tensor<64xf32>
  }
  return %1 : tensor<64xf32>
}

// Sizes that are not known stay with the tensors that have them.
// CHECK-LABEL: func @dynamic(
//      CHECK:   %[[D:.*]] = tensor.dim %arg0
//      CHECK:   %[[Y:.*]] = linalg.generic {{.*}} ins(%arg0
//      CHECK:     math.exp
// CHECK-NEXT:     math.absf
//      CHECK:   return %[[Y]], %[[D]]
func.func @dynamic(%x: tensor<?x64xf32>) -> (tensor<?x64xf32>, index) {
  %c0 = arith.constant 0 : index
  %0 = math.exp %x : tensor<?x64xf32>
  %1 = math.absf %0 : tensor<?x64xf32>
  %d = tensor.dim %1, %c0 : tensor<?x64xf32>
  return %1, %d : tensor<?x64xf32>, index
}

// An in-place sum on top of a product that only it reads.
// CHECK-LABEL: func @init_is_read(
//      CHECK:   linalg.generic {{.*}} ins(%arg0, %arg1 :
//      CHECK:     arith.mulf
// CHECK-NEXT:     arith.addf
//  CHECK-NOT:   linalg.generic
func.func @init_is_read(%x: tensor<64xf32>, %y: tensor<64xf32>) -> tensor<64xf32> {
  %0 = arith.mulf %x, %y : tensor<64xf32>
  %1 = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%x : tensor<64xf32>) outs(%0 : tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<64xf32>
  return %1 : tensor<64xf32>
}

// Positions are those of the op that computes the element in the end.
// CHECK-LABEL: func @index(
//      CHECK:   linalg.generic
//      CHECK:     linalg.index 1
//  CHECK-NOT:   linalg.generic
func.func @index(%x: tensor<8x64xf32>) -> tensor<64x8xf32> {
  %e = tensor.empty() : tensor<8x64xf32>
  %0 = linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<8x64xf32>) outs(%e : tensor<8x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %i = linalg.index 0 : index
    %k = arith.index_cast %i : index to i32
    %f = arith.sitofp %k : i32 to f32
    %s = arith.addf %a, %f : f32
    linalg.yield %s : f32
  } -> tensor<8x64xf32>
  %et = tensor.empty() : tensor<64x8xf32>
  %t = linalg.transpose ins(%0 : tensor<8x64xf32>) outs(%et : tensor<64x8xf32>) permutation = [1, 0]
  return %t : tensor<64x8xf32>
}

// A start that is a constant would be copied; a start that is overwritten is
// not made.
// CHECK-LABEL: func @starts(
//      CHECK:   %[[F:.*]] = linalg.fill
//      CHECK:   linalg.matmul {{.*}} outs(%[[F]] :
//  CHECK-NOT:   linalg.fill
//      CHECK:   return
func.func @starts(%x: tensor<4x64xf32>, %w: tensor<64x32xf32>) -> (tensor<4x32xf32>, tensor<4x64xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<4x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x32xf32>) outs(%zeros : tensor<4x32xf32>) -> tensor<4x32xf32>
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<4x64xf32>
  %f = linalg.fill ins(%one : f32) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  %n = linalg.exp ins(%x : tensor<4x64xf32>) outs(%f : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y, %n : tensor<4x32xf32>, tensor<4x64xf32>
}

// An einsum is a contraction by name; transposed inputs are in its maps.
// CHECK-LABEL: func @einsum(
//      CHECK:   linalg.contract {{.*}} ins(%arg0, %arg1 :
func.func @einsum(%a: tensor<4x64xf32>, %b: tensor<32x64xf32>, %o: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : tensor<4x64xf32>, tensor<32x64xf32>) outs(%o : tensor<4x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<4x32xf32>
  return %0 : tensor<4x32xf32>
}

// Parts are made where they are inserted, and so are those of a concatenation.
// CHECK-LABEL: func @halves(
//      CHECK:   %[[WHOLE:.*]] = tensor.empty() : tensor<8x8xf32>
//      CHECK:   %[[LEFT:.*]] = tensor.extract_slice %[[WHOLE]][0, 0] [8, 4]
//      CHECK:   %[[A:.*]] = linalg.generic {{.*}} outs(%[[LEFT]]
//      CHECK:   %[[I:.*]] = tensor.insert_slice %[[A]] into %[[WHOLE]][0, 0]
//      CHECK:   %[[RIGHT:.*]] = tensor.extract_slice %[[I]][0, 4] [8, 4]
//      CHECK:   %[[B:.*]] = linalg.generic {{.*}} outs(%[[RIGHT]]
//      CHECK:   tensor.insert_slice %[[B]] into %[[I]][0, 4]
func.func @halves(%x: tensor<8x4xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x4xf32>
  %a = linalg.exp ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) -> tensor<8x4xf32>
  %b = linalg.negf ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) -> tensor<8x4xf32>
  %c = tensor.concat dim(1) %a, %b : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x8xf32>
  return %c : tensor<8x8xf32>
}
