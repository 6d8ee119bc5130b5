// Rows of a result that are 8 KiB apart push x out of an L3 of sets by modulo,
// where tiles of columns have many rows: 91 MB at DRAM with 1024 rows, of 84
// that must move (x and w once, the result twice, because stores fetch).
// RUN: sed 's/"ddr5-2ch"/"modulo"/; s/"hashed"/"modulo"/' %memwall_src_root/lib/Target/targets/ddr5-2ch.mlir > %t.target.mlir
// RUN: memwall-opt %s --memwall-optimize="target=modulo target-file=%t.target.mlir" --remarks-filter=memwall -o /dev/null 2>&1 | FileCheck %s

// CHECK: ddr5 1.2{{[0-9]}} GB before, {{8[4-7](\.[0-9])?}} MB after
func.func @project(%x: tensor<2048x4096xbf16>, %w: tensor<4096x4096xbf16>) -> tensor<2048x4096xbf16> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2048x4096xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2048x4096xf32>) -> tensor<2048x4096xf32>
  %p = linalg.contract
    indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<2048x4096xbf16>, tensor<4096x4096xbf16>)
    outs(%f : tensor<2048x4096xf32>) -> tensor<2048x4096xf32>
  %r = tensor.empty() : tensor<2048x4096xbf16>
  %y = linalg.generic {
      indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%p : tensor<2048x4096xf32>) outs(%r : tensor<2048x4096xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %t = arith.truncf %in : f32 to bf16
    linalg.yield %t : bf16
  } -> tensor<2048x4096xbf16>
  return %y : tensor<2048x4096xbf16>
}
