// `t` is stored by one op and swept by the next, whose walk down columns pushes
// it out, a few sets at a time: it is written back once before it dies. Too
// large to be walked by the model.
func.func @f(%x: tensor<1x2048xf32>, %w: tensor<2048x2304xf32>, %y: tensor<1x2304xf32>) -> tensor<1x2304xf32> {
  %e = tensor.empty() : tensor<1x2048xf32>
  %t = linalg.exp ins(%x : tensor<1x2048xf32>) outs(%e : tensor<1x2048xf32>) -> tensor<1x2048xf32>
  %r = linalg.matmul ins(%t, %w : tensor<1x2048xf32>, tensor<2048x2304xf32>)
      outs(%y : tensor<1x2304xf32>) -> tensor<1x2304xf32>
  return %r : tensor<1x2304xf32>
}
