func.func @f(%a: tensor<4096xf32>, %b: tensor<4096xf32>) -> tensor<4096xf32> {
  %empty = tensor.empty() : tensor<4096xf32>
  %sum = linalg.add ins(%a, %b : tensor<4096xf32>, tensor<4096xf32>)
      outs(%empty : tensor<4096xf32>) -> tensor<4096xf32>
  return %sum : tensor<4096xf32>
}
