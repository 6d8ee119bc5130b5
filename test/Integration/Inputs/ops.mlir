// Ops that are small enough for walks of all sets.
#row = affine_map<(d0, d1) -> (d0)>
#id = affine_map<(d0, d1) -> (d0, d1)>
#tr = affine_map<(d0, d1) -> (d1, d0)>
func.func @ops(%x: tensor<4x256xf32> {memwall.name = "x"}, %w: tensor<256x256xf32> {memwall.name = "w"},
               %v: tensor<256x24xf32> {memwall.name = "v"}) -> (tensor<4x24xf32>, tensor<256x4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<4x256xf32>
  %i0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<4x256xf32>) -> tensor<4x256xf32>
  %0 = linalg.matmul {memwall.name = "first"} ins(%x, %w : tensor<4x256xf32>, tensor<256x256xf32>) outs(%i0 : tensor<4x256xf32>) -> tensor<4x256xf32>
  %e1 = tensor.empty() : tensor<4x24xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<4x24xf32>) -> tensor<4x24xf32>
  %1 = linalg.matmul {memwall.name = "second"} ins(%x, %v : tensor<4x256xf32>, tensor<256x24xf32>) outs(%i1 : tensor<4x24xf32>) -> tensor<4x24xf32>
  %e2 = tensor.empty() : tensor<256x4xf32>
  %2 = linalg.transpose ins(%0 : tensor<4x256xf32>) outs(%e2 : tensor<256x4xf32>) permutation = [1, 0]
  %e3 = tensor.empty() : tensor<4xf32>
  %i3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<4xf32>) -> tensor<4xf32>
  %3 = linalg.generic {indexing_maps = [#tr, #row], iterator_types = ["parallel", "reduction"], memwall.name = "columns"}
      ins(%2 : tensor<256x4xf32>) outs(%i3 : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %1, %2, %3 : tensor<4x24xf32>, tensor<256x4xf32>, tensor<4xf32>
}
