// Softmax over the rows of a matrix, as different front ends write it. All of
// them give the same bits: the maximum starts at NaN, the sum is divided by.

#rows = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#keep = affine_map<(i, j) -> (i, 0)>

func.func @softmax_aggregate(%x: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %e = tensor.empty() : tensor<16x64xf32>
  %0 = linalg.softmax dimension(1) ins(%x : tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}

// Named ops and explicit broadcasts.
func.func @softmax_named(%x: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %nan = arith.constant 0xFFC00000 : f32
  %zero = arith.constant 0.0 : f32
  %er = tensor.empty() : tensor<16xf32>
  %e = tensor.empty() : tensor<16x64xf32>
  %f = linalg.fill ins(%nan : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %z = linalg.fill ins(%zero : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %m = linalg.reduce { arith.maxnumf } ins(%x : tensor<16x64xf32>) outs(%f : tensor<16xf32>) dimensions = [1]
  %mb = linalg.broadcast ins(%m : tensor<16xf32>) outs(%e : tensor<16x64xf32>) dimensions = [1]
  %d = linalg.sub ins(%x, %mb : tensor<16x64xf32>, tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %p = linalg.exp ins(%d : tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %l = linalg.reduce { arith.addf } ins(%p : tensor<16x64xf32>) outs(%z : tensor<16xf32>) dimensions = [1]
  %lb = linalg.broadcast ins(%l : tensor<16xf32>) outs(%e : tensor<16x64xf32>) dimensions = [1]
  %q = linalg.div ins(%p, %lb : tensor<16x64xf32>, tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %q : tensor<16x64xf32>
}

// Generics that keep the reduced dimension, an index that nobody reads, and an
// accumulator on the left (torch).
func.func @softmax_keep_dims(%x: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %nan = arith.constant 0xFFC00000 : f32
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i64
  %ei = tensor.empty() : tensor<16x1xi64>
  %fi = linalg.fill ins(%c0 : i64) outs(%ei : tensor<16x1xi64>) -> tensor<16x1xi64>
  %er = tensor.empty() : tensor<16x1xf32>
  %e = tensor.empty() : tensor<16x64xf32>
  %f = linalg.fill ins(%nan : f32) outs(%er : tensor<16x1xf32>) -> tensor<16x1xf32>
  %m:2 = linalg.generic {indexing_maps = [#rows, #keep, #keep], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<16x64xf32>) outs(%f, %fi : tensor<16x1xf32>, tensor<16x1xi64>) {
  ^bb0(%a: f32, %b: f32, %c: i64):
    %i = linalg.index 1 : index
    %k = arith.index_cast %i : index to i64
    %n = arith.maxnumf %b, %a : f32
    %gt = arith.cmpf ogt, %a, %b : f32
    %s = arith.select %gt, %k, %c : i64
    linalg.yield %n, %s : f32, i64
  } -> (tensor<16x1xf32>, tensor<16x1xi64>)
  %d = linalg.generic {indexing_maps = [#rows, #keep, #rows], iterator_types = ["parallel", "parallel"]} ins(%x, %m#0 : tensor<16x64xf32>, tensor<16x1xf32>) outs(%e : tensor<16x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %s = arith.subf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<16x64xf32>
  %p = linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%d : tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) {
  ^bb0(%a: f32, %c: f32):
    %s = math.exp %a : f32
    linalg.yield %s : f32
  } -> tensor<16x64xf32>
  %z = linalg.fill ins(%zero : f32) outs(%er : tensor<16x1xf32>) -> tensor<16x1xf32>
  %l = linalg.generic {indexing_maps = [#rows, #keep], iterator_types = ["parallel", "reduction"]} ins(%p : tensor<16x64xf32>) outs(%z : tensor<16x1xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %b, %a : f32
    linalg.yield %s : f32
  } -> tensor<16x1xf32>
  %q = linalg.generic {indexing_maps = [#keep, #rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%l, %p : tensor<16x1xf32>, tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %s = arith.divf %b, %a : f32
    linalg.yield %s : f32
  } -> tensor<16x64xf32>
  return %q : tensor<16x64xf32>
}

// Arithmetic on tensors with a leading dimension of 1 and reshapes (TOSA).
func.func @softmax_reshapes(%x: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %nans = arith.constant dense<0xFFC00000> : tensor<1x16xf32>
  %zeros = arith.constant dense<0.0> : tensor<1x16xf32>
  %e = tensor.empty() : tensor<1x16x64xf32>
  %y = tensor.expand_shape %x [[0, 1], [2]] output_shape [1, 16, 64] : tensor<16x64xf32> into tensor<1x16x64xf32>
  %m = linalg.reduce { arith.maxnumf } ins(%y : tensor<1x16x64xf32>) outs(%nans : tensor<1x16xf32>) dimensions = [2]
  %mb = linalg.broadcast ins(%m : tensor<1x16xf32>) outs(%e : tensor<1x16x64xf32>) dimensions = [2]
  %d = arith.subf %y, %mb : tensor<1x16x64xf32>
  %p = math.exp %d : tensor<1x16x64xf32>
  %l = linalg.reduce { arith.addf } ins(%p : tensor<1x16x64xf32>) outs(%zeros : tensor<1x16xf32>) dimensions = [2]
  %k = tensor.expand_shape %l [[0], [1, 2]] output_shape [1, 16, 1] : tensor<1x16xf32> into tensor<1x16x1xf32>
  %c = tensor.collapse_shape %k [[0], [1, 2]] : tensor<1x16x1xf32> into tensor<1x16xf32>
  %lb = linalg.broadcast ins(%c : tensor<1x16xf32>) outs(%e : tensor<1x16x64xf32>) dimensions = [2]
  %q = arith.divf %p, %lb : tensor<1x16x64xf32>
  %r = tensor.collapse_shape %q [[0, 1], [2]] : tensor<1x16x64xf32> into tensor<16x64xf32>
  return %r : tensor<16x64xf32>
}

// linalg.map and linalg.elementwise.
func.func @softmax_map(%x: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %nan = arith.constant 0xFFC00000 : f32
  %zero = arith.constant 0.0 : f32
  %er = tensor.empty() : tensor<16xf32>
  %e = tensor.empty() : tensor<16x64xf32>
  %f = linalg.fill ins(%nan : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %m = linalg.reduce { arith.maxnumf } ins(%x : tensor<16x64xf32>) outs(%f : tensor<16xf32>) dimensions = [1]
  %d = linalg.elementwise kind=#linalg.elementwise_kind<sub> indexing_maps = [#rows, #row, #rows] ins(%x, %m : tensor<16x64xf32>, tensor<16xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %p = linalg.map { math.exp } ins(%d : tensor<16x64xf32>) outs(%e : tensor<16x64xf32>)
  %z = linalg.fill ins(%zero : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %l = linalg.reduce { arith.addf } ins(%p : tensor<16x64xf32>) outs(%z : tensor<16xf32>) dimensions = [1]
  %q = linalg.elementwise kind=#linalg.elementwise_kind<div> indexing_maps = [#rows, #row, #rows] ins(%p, %l : tensor<16x64xf32>, tensor<16xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %q : tensor<16x64xf32>
}

// RMS norm: x * (sum x^2 / n + eps)^(-1/2) * w, in bf16 with an f32 sum.

func.func @rms_named(%x: tensor<16x64xbf16>, %w: tensor<64xbf16>) -> tensor<16x64xbf16> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant dense<64.0> : tensor<16xf32>
  %eps = arith.constant dense<1.0e-5> : tensor<16xf32>
  %e = tensor.empty() : tensor<16x64xf32>
  %eb = tensor.empty() : tensor<16x64xbf16>
  %er = tensor.empty() : tensor<16xf32>
  %c = linalg.copy ins(%x : tensor<16x64xbf16>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %s = linalg.square ins(%c : tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %z = linalg.fill ins(%zero : f32) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %t = linalg.reduce { arith.addf } ins(%s : tensor<16x64xf32>) outs(%z : tensor<16xf32>) dimensions = [1]
  %m = linalg.div ins(%t, %n : tensor<16xf32>, tensor<16xf32>) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %a = linalg.add ins(%m, %eps : tensor<16xf32>, tensor<16xf32>) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %r = linalg.rsqrt ins(%a : tensor<16xf32>) outs(%er : tensor<16xf32>) -> tensor<16xf32>
  %rb = linalg.broadcast ins(%r : tensor<16xf32>) outs(%e : tensor<16x64xf32>) dimensions = [1]
  %y = linalg.mul ins(%c, %rb : tensor<16x64xf32>, tensor<16x64xf32>) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %yb = linalg.copy ins(%y : tensor<16x64xf32>) outs(%eb : tensor<16x64xbf16>) -> tensor<16x64xbf16>
  %wb = linalg.broadcast ins(%w : tensor<64xbf16>) outs(%eb : tensor<16x64xbf16>) dimensions = [0]
  %q = linalg.mul ins(%yb, %wb : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%eb : tensor<16x64xbf16>) -> tensor<16x64xbf16>
  return %q : tensor<16x64xbf16>
}

func.func @rms_generic(%x: tensor<16x64xbf16>, %w: tensor<64xbf16>) -> tensor<16x64xbf16> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %er = tensor.empty() : tensor<16x1xf32>
  %eb = tensor.empty() : tensor<16x64xbf16>
  %z = linalg.fill ins(%zero : f32) outs(%er : tensor<16x1xf32>) -> tensor<16x1xf32>
  %t = linalg.generic {indexing_maps = [#rows, #keep], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<16x64xbf16>) outs(%z : tensor<16x1xf32>) {
  ^bb0(%a: bf16, %b: f32):
    %f = arith.extf %a : bf16 to f32
    %s = arith.mulf %f, %f : f32
    %u = arith.addf %b, %s : f32
    linalg.yield %u : f32
  } -> tensor<16x1xf32>
  %r = linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%t : tensor<16x1xf32>) outs(%er : tensor<16x1xf32>) {
  ^bb0(%a: f32, %b: f32):
    %d = arith.divf %a, %n : f32
    %s = arith.addf %d, %eps : f32
    %u = math.rsqrt %s : f32
    linalg.yield %u : f32
  } -> tensor<16x1xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, #rows, #keep, #rows], iterator_types = ["parallel", "parallel"]} ins(%w, %x, %r : tensor<64xbf16>, tensor<16x64xbf16>, tensor<16x1xf32>) outs(%eb : tensor<16x64xbf16>) {
  ^bb0(%g: bf16, %a: bf16, %b: f32, %c: bf16):
    %f = arith.extf %a : bf16 to f32
    %s = arith.mulf %f, %b : f32
    %u = arith.truncf %s : f32 to bf16
    %v = arith.mulf %u, %g : bf16
    linalg.yield %v : bf16
  } -> tensor<16x64xbf16>
  return %q : tensor<16x64xbf16>
}

func.func @rms_tensors(%x: tensor<16x64xbf16>, %w: tensor<64xbf16>) -> tensor<16x64xbf16> {
  %zeros = arith.constant dense<0.0> : tensor<1x16xf32>
  %n = arith.constant dense<64.0> : tensor<1x16x1xf32>
  %eps = arith.constant dense<1.0e-5> : tensor<1x16x1xf32>
  %y = tensor.expand_shape %x [[0, 1], [2]] output_shape [1, 16, 64] : tensor<16x64xbf16> into tensor<1x16x64xbf16>
  %c = arith.extf %y : tensor<1x16x64xbf16> to tensor<1x16x64xf32>
  %s = arith.mulf %c, %c : tensor<1x16x64xf32>
  %t = linalg.reduce { arith.addf } ins(%s : tensor<1x16x64xf32>) outs(%zeros : tensor<1x16xf32>) dimensions = [2]
  %k = tensor.expand_shape %t [[0], [1, 2]] output_shape [1, 16, 1] : tensor<1x16xf32> into tensor<1x16x1xf32>
  %m = arith.divf %k, %n : tensor<1x16x1xf32>
  %a = arith.addf %m, %eps : tensor<1x16x1xf32>
  %r = math.rsqrt %a : tensor<1x16x1xf32>
  %rc = tensor.collapse_shape %r [[0], [1, 2]] : tensor<1x16x1xf32> into tensor<1x16xf32>
  %e = tensor.empty() : tensor<1x16x64xf32>
  %eb = tensor.empty() : tensor<1x16x64xbf16>
  %rb = linalg.broadcast ins(%rc : tensor<1x16xf32>) outs(%e : tensor<1x16x64xf32>) dimensions = [2]
  %p = arith.mulf %c, %rb : tensor<1x16x64xf32>
  %pb = arith.truncf %p : tensor<1x16x64xf32> to tensor<1x16x64xbf16>
  %wb = linalg.broadcast ins(%w : tensor<64xbf16>) outs(%eb : tensor<1x16x64xbf16>) dimensions = [0, 1]
  %q = arith.mulf %pb, %wb : tensor<1x16x64xbf16>
  %o = tensor.collapse_shape %q [[0, 1], [2]] : tensor<1x16x64xbf16> into tensor<16x64xbf16>
  return %o : tensor<16x64xbf16>
}
