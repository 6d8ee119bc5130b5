// (474 * 121 + 121 * 35 + 474 * 35) * 4 bytes must move, 313 kB. The best
// schedule of this product on its own moves more in its function, where
// the fill in front of it has left the result in a cache. The next best that
// moves no more takes its place.
// RUN: memwall-opt %s --memwall-search="target=mi325x" --remarks-filter=memwall 2>&1 >/dev/null | FileCheck %s

// CHECK: linalg.matmul is tiled for mi325x
// CHECK-SAME: hbm3e moves [[BYTES:313 kB]] before, [[BYTES]] after
// CHECK-SAME: in this function it would move more
func.func @f(%a: tensor<474x121xf32>, %b: tensor<121x35xf32>) -> tensor<474x35xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<474x35xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<474x35xf32>) -> tensor<474x35xf32>
  %c = linalg.matmul ins(%a, %b : tensor<474x121xf32>, tensor<121x35xf32>)
                     outs(%start : tensor<474x35xf32>) -> tensor<474x35xf32>
  return %c : tensor<474x35xf32>
}
