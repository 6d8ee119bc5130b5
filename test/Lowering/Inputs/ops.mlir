// One function per kind of op, with extents that no vector divides.

#id = affine_map<(d0, d1) -> (d0, d1)>
#tr = affine_map<(d0, d1) -> (d1, d0)>
func.func @softmax(%a: tensor<65x130xf32>) -> tensor<65x130xf32> {
  %e = tensor.empty() : tensor<65x130xf32>
  %0 = linalg.softmax dimension(1) ins(%a : tensor<65x130xf32>) outs(%e : tensor<65x130xf32>) -> tensor<65x130xf32>
  return %0 : tensor<65x130xf32>
}
func.func @transpose(%a: tensor<130x65xf32>) -> tensor<65x130xf32> {
  %e = tensor.empty() : tensor<65x130xf32>
  %0 = linalg.transpose ins(%a : tensor<130x65xf32>) outs(%e : tensor<65x130xf32>) permutation = [1, 0]
  return %0 : tensor<65x130xf32>
}
func.func @columnsum(%a: tensor<130x65xf32>, %s: tensor<65xf32>) -> tensor<65xf32> {
  %r = linalg.reduce {arith.addf} ins(%a : tensor<130x65xf32>) outs(%s : tensor<65xf32>) dimensions = [0]
  return %r : tensor<65xf32>
}
func.func @rowsum(%a: tensor<65x130xf64>, %s: tensor<65xf64>) -> tensor<65xf64> {
  %r = linalg.reduce {arith.addf} ins(%a : tensor<65x130xf64>) outs(%s : tensor<65xf64>) dimensions = [1]
  return %r : tensor<65xf64>
}
func.func @total(%a: tensor<65x130xf32>, %s: tensor<f32>) -> tensor<f32> {
  %r = linalg.reduce {arith.addf} ins(%a : tensor<65x130xf32>) outs(%s : tensor<f32>) dimensions = [0, 1]
  return %r : tensor<f32>
}
func.func @pack(%a: tensor<130x65xf32>) -> tensor<5x9x32x8xf32> {
  %e = tensor.empty() : tensor<5x9x32x8xf32>
  %z = arith.constant 0.0 : f32
  %0 = linalg.pack %a padding_value(%z : f32) inner_dims_pos = [0, 1] inner_tiles = [32, 8] into %e : tensor<130x65xf32> -> tensor<5x9x32x8xf32>
  return %0 : tensor<5x9x32x8xf32>
}
func.func @unpack(%a: tensor<5x9x32x8xf32>) -> tensor<130x65xf32> {
  %e = tensor.empty() : tensor<130x65xf32>
  %0 = linalg.unpack %a inner_dims_pos = [0, 1] inner_tiles = [32, 8] into %e : tensor<5x9x32x8xf32> -> tensor<130x65xf32>
  return %0 : tensor<130x65xf32>
}
func.func @ragged(%a: tensor<101x67xf32>, %b: tensor<67x203xf32>, %c: tensor<101x203xf32>) -> tensor<101x203xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<101x67xf32>, tensor<67x203xf32>) outs(%c : tensor<101x203xf32>) -> tensor<101x203xf32>
  return %0 : tensor<101x203xf32>
}
func.func @raggedbf16(%a: tensor<101x67xbf16>, %b: tensor<67x203xbf16>, %c: tensor<101x203xf32>) -> tensor<101x203xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<101x67xbf16>, tensor<67x203xbf16>) outs(%c : tensor<101x203xf32>) -> tensor<101x203xf32>
  return %0 : tensor<101x203xf32>
}
func.func @raggedf16(%a: tensor<101x67xf16>, %b: tensor<67x203xf16>, %c: tensor<101x203xf16>) -> tensor<101x203xf16> {
  %0 = linalg.matmul ins(%a, %b : tensor<101x67xf16>, tensor<67x203xf16>) outs(%c : tensor<101x203xf16>) -> tensor<101x203xf16>
  return %0 : tensor<101x203xf16>
}
func.func @raggedi8(%a: tensor<101x67xi8>, %b: tensor<67x203xi8>, %c: tensor<101x203xi32>) -> tensor<101x203xi32> {
  %0 = linalg.matmul ins(%a, %b : tensor<101x67xi8>, tensor<67x203xi8>) outs(%c : tensor<101x203xi32>) -> tensor<101x203xi32>
  return %0 : tensor<101x203xi32>
}
func.func @raggedf64(%a: tensor<101x67xf64>, %b: tensor<67x203xf64>, %c: tensor<101x203xf64>) -> tensor<101x203xf64> {
  %0 = linalg.matmul ins(%a, %b : tensor<101x67xf64>, tensor<67x203xf64>) outs(%c : tensor<101x203xf64>) -> tensor<101x203xf64>
  return %0 : tensor<101x203xf64>
}
func.func @transposedb(%a: tensor<101x67xf32>, %b: tensor<203x67xf32>, %c: tensor<101x203xf32>) -> tensor<101x203xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m,n,k)->(m,k)>, affine_map<(m,n,k)->(n,k)>, affine_map<(m,n,k)->(m,n)>], iterator_types = ["parallel","parallel","reduction"]}
    ins(%a, %b : tensor<101x67xf32>, tensor<203x67xf32>) outs(%c : tensor<101x203xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %p = arith.mulf %x, %y : f32
      %q = arith.addf %z, %p : f32
      linalg.yield %q : f32 } -> tensor<101x203xf32>
  return %0 : tensor<101x203xf32>
}
func.func @dot3(%a: tensor<3x67xf32>, %b: tensor<203x67xf32>, %c: tensor<3x203xf32>) -> tensor<3x203xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m,n,k)->(m,k)>, affine_map<(m,n,k)->(n,k)>, affine_map<(m,n,k)->(m,n)>], iterator_types = ["parallel","parallel","reduction"]}
    ins(%a, %b : tensor<3x67xf32>, tensor<203x67xf32>) outs(%c : tensor<3x203xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %p = arith.mulf %x, %y : f32
      %q = arith.addf %z, %p : f32
      linalg.yield %q : f32 } -> tensor<3x203xf32>
  return %0 : tensor<3x203xf32>
}
func.func @matvec(%a: tensor<203x67xf32>, %x: tensor<67xf32>, %y: tensor<203xf32>) -> tensor<203xf32> {
  %0 = linalg.matvec ins(%a, %x : tensor<203x67xf32>, tensor<67xf32>) outs(%y : tensor<203xf32>) -> tensor<203xf32>
  return %0 : tensor<203xf32>
}
func.func @vecmat(%x: tensor<67xf32>, %a: tensor<67x203xf32>, %y: tensor<203xf32>) -> tensor<203xf32> {
  %0 = linalg.vecmat ins(%x, %a : tensor<67xf32>, tensor<67x203xf32>) outs(%y : tensor<203xf32>) -> tensor<203xf32>
  return %0 : tensor<203xf32>
}
func.func @column(%a: tensor<203x67xf32>, %x: tensor<67x1xf32>, %y: tensor<203x1xf32>) -> tensor<203x1xf32> {
  %0 = linalg.matmul ins(%a, %x : tensor<203x67xf32>, tensor<67x1xf32>) outs(%y : tensor<203x1xf32>) -> tensor<203x1xf32>
  return %0 : tensor<203x1xf32>
}
func.func @batch(%a: tensor<5x33x67xf32>, %b: tensor<5x67x45xf32>, %c: tensor<5x33x45xf32>) -> tensor<5x33x45xf32> {
  %0 = linalg.batch_matmul ins(%a, %b : tensor<5x33x67xf32>, tensor<5x67x45xf32>) outs(%c : tensor<5x33x45xf32>) -> tensor<5x33x45xf32>
  return %0 : tensor<5x33x45xf32>
}
func.func @heads(%a: tensor<33x5x67xf32>, %b: tensor<45x5x67xf32>, %c: tensor<5x33x45xf32>) -> tensor<5x33x45xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(h,m,n,k)->(m,h,k)>, affine_map<(h,m,n,k)->(n,h,k)>, affine_map<(h,m,n,k)->(h,m,n)>], iterator_types = ["parallel","parallel","parallel","reduction"]}
    ins(%a, %b : tensor<33x5x67xf32>, tensor<45x5x67xf32>) outs(%c : tensor<5x33x45xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %p = arith.mulf %x, %y : f32
      %q = arith.addf %z, %p : f32
      linalg.yield %q : f32 } -> tensor<5x33x45xf32>
  return %0 : tensor<5x33x45xf32>
}
func.func @gelu(%a: tensor<65x130xf32>) -> tensor<65x130xf32> {
  %e = tensor.empty() : tensor<65x130xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<65x130xf32>) outs(%e : tensor<65x130xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.erf %in : f32
    %2 = math.tanh %1 : f32
    %3 = math.rsqrt %2 : f32
    %4 = math.exp %2 : f32
    %5 = arith.mulf %4, %in : f32
    linalg.yield %5 : f32
  } -> tensor<65x130xf32>
  return %0 : tensor<65x130xf32>
}
func.func @bfelem(%a: tensor<65x130xbf16>, %b: tensor<130xbf16>) -> tensor<65x130xbf16> {
  %e = tensor.empty() : tensor<65x130xbf16>
  %0 = linalg.generic {indexing_maps = [#id, affine_map<(d0,d1)->(d1)>, #id], iterator_types = ["parallel", "parallel"]} ins(%a, %b : tensor<65x130xbf16>, tensor<130xbf16>) outs(%e : tensor<65x130xbf16>) {
  ^bb0(%in: bf16, %x: bf16, %out: bf16):
    %1 = math.exp %in : bf16
    %2 = arith.addf %1, %x : bf16
    linalg.yield %2 : bf16
  } -> tensor<65x130xbf16>
  return %0 : tensor<65x130xbf16>
}
func.func @argmax(%a: tensor<65x130xf32>, %v: tensor<65xf32>, %i: tensor<65xi64>) -> (tensor<65xf32>, tensor<65xi64>) {
  %0:2 = linalg.generic {indexing_maps = [#id, affine_map<(d0,d1)->(d0)>, affine_map<(d0,d1)->(d0)>], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<65x130xf32>) outs(%v, %i : tensor<65xf32>, tensor<65xi64>) {
  ^bb0(%in: f32, %m: f32, %at: i64):
    %j = linalg.index 1 : index
    %k = arith.index_cast %j : index to i64
    %g = arith.cmpf ogt, %in, %m : f32
    %x = arith.select %g, %in, %m : f32
    %y = arith.select %g, %k, %at : i64
    linalg.yield %x, %y : f32, i64
  } -> (tensor<65xf32>, tensor<65xi64>)
  return %0#0, %0#1 : tensor<65xf32>, tensor<65xi64>
}
func.func @concat(%a: tensor<3x65xf32>, %b: tensor<3x31xf32>) -> tensor<3x96xf32> {
  %0 = tensor.concat dim(1) %a, %b : (tensor<3x65xf32>, tensor<3x31xf32>) -> tensor<3x96xf32>
  return %0 : tensor<3x96xf32>
}
