// Long loops behind a store: what `exp` and `fill` leave dirty is written back
// while the product walks down its columns, once, however many iterations of
// it are not walked.
func.func @f(%x: tensor<1x1536xf32>, %w: tensor<1536x2240xf32>, %t: tensor<1x2240xf32>) -> tensor<1x2240xf32> {
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2240xf32>
  %z = linalg.exp ins(%t : tensor<1x2240xf32>) outs(%e : tensor<1x2240xf32>) -> tensor<1x2240xf32>
  %e2 = tensor.empty() : tensor<1x2240xf32>
  %f = linalg.fill ins(%c : f32) outs(%e2 : tensor<1x2240xf32>) -> tensor<1x2240xf32>
  %m = linalg.matmul ins(%x, %w : tensor<1x1536xf32>, tensor<1536x2240xf32>) outs(%f : tensor<1x2240xf32>) -> tensor<1x2240xf32>
  %r = linalg.add ins(%z, %m : tensor<1x2240xf32>, tensor<1x2240xf32>) outs(%e : tensor<1x2240xf32>) -> tensor<1x2240xf32>
  return %r : tensor<1x2240xf32>
}
