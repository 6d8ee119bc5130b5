// A result of 256 kB between two products, with an elementwise op on it.
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @chain(%q: tensor<256x32xf32>, %k: tensor<32x256xf32>, %v: tensor<256x32xf32>) -> tensor<256x32xf32> {
  %zero = arith.constant 0.0 : f32
  %se = tensor.empty() : tensor<256x256xf32>
  %sf = linalg.fill ins(%zero : f32) outs(%se : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.matmul {memwall.name = "scores"} ins(%q, %k : tensor<256x32xf32>, tensor<32x256xf32>) outs(%sf : tensor<256x256xf32>) -> tensor<256x256xf32>
  %pe = tensor.empty() : tensor<256x256xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"], memwall.name = "weights"}
      ins(%s : tensor<256x256xf32>) outs(%pe : tensor<256x256xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = math.exp %a : f32
    linalg.yield %e : f32
  } -> tensor<256x256xf32>
  %oe = tensor.empty() : tensor<256x32xf32>
  %of = linalg.fill ins(%zero : f32) outs(%oe : tensor<256x32xf32>) -> tensor<256x32xf32>
  %o = linalg.matmul {memwall.name = "output"} ins(%p, %v : tensor<256x256xf32>, tensor<256x32xf32>) outs(%of : tensor<256x32xf32>) -> tensor<256x32xf32>
  return %o : tensor<256x32xf32>
}
