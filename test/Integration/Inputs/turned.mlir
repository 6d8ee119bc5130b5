// A transposed weight, which only the product reads.
func.func @turned(%a: tensor<64x512xf32>, %w: tensor<256x512xf32>) -> tensor<64x256xf32> {
  %zero = arith.constant 0.0 : f32
  %te = tensor.empty() : tensor<512x256xf32>
  %t = linalg.transpose ins(%w : tensor<256x512xf32>) outs(%te : tensor<512x256xf32>) permutation = [1, 0] {memwall.name = "turned"}
  %e = tensor.empty() : tensor<64x256xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x256xf32>) -> tensor<64x256xf32>
  %c = linalg.matmul {memwall.name = "product"} ins(%a, %t : tensor<64x512xf32>, tensor<512x256xf32>) outs(%f : tensor<64x256xf32>) -> tensor<64x256xf32>
  return %c : tensor<64x256xf32>
}
