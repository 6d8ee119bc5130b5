// Large enough for threads, without schedules: rows, and the partial last tile of columns where there is one row.
func.func @product(%a: tensor<67x65xf32>, %b: tensor<65x130xf32>) -> tensor<67x130xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<67x130xf32>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<67x130xf32>) -> tensor<67x130xf32>
  %r = linalg.matmul ins(%a, %b : tensor<67x65xf32>, tensor<65x130xf32>) outs(%c : tensor<67x130xf32>) -> tensor<67x130xf32>
  return %r : tensor<67x130xf32>
}
func.func @onerow(%a: tensor<1x515xf32>, %b: tensor<515x517xf32>, %c: tensor<1x517xf32>) -> tensor<1x517xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<1x515xf32>, tensor<515x517xf32>) outs(%c : tensor<1x517xf32>) -> tensor<1x517xf32>
  return %r : tensor<1x517xf32>
}
func.func @softmax(%a: tensor<513x515xf32>) -> tensor<513x515xf32> {
  %e = tensor.empty() : tensor<513x515xf32>
  %r = linalg.softmax dimension(1) ins(%a : tensor<513x515xf32>) outs(%e : tensor<513x515xf32>) -> tensor<513x515xf32>
  return %r : tensor<513x515xf32>
}
