// Groups of rows are cut finely enough for the units, where that moves no more:
// log-softmax of 64 rows reads 16.8 MB twice and writes them once at the L2, in
// tiles of one row.
// RUN: memwall-opt %s --memwall-normalize --memwall-search=target=h100-sxm --remarks-filter=memwall 2>&1 | FileCheck %s

// CHECK: share loops for h100-sxm: {{.*}}; l2 {{[0-9]+}} MB before, 50.3 MB after; streamed

// A softmax of 4 rows is in parts, one row at a time, so that the second loop finds
// them in the cache: 8.4 MB come in once and go out once at the L2.
// CHECK: share loops for h100-sxm: {{.*}}; l2 25.2 MB before, 8.90 MB after; {{.*}}, in 128 parts: 128 of 132 units have work instead of 4

// CHECK: bands = [<"l2", sizes = [1, 0], order = [0], parallel = [0]>], units = 132, group = "g0">
// CHECK: bands = [<"l2", sizes = [1, 0], order = [0]>], units = 132

#nt = affine_map<(n, t) -> (n, t)>
#n = affine_map<(n, t) -> (n)>

func.func @log_softmax(%x: tensor<64x65536xf32>) -> tensor<64x65536xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %rows = tensor.empty() : tensor<64xf32>
  %all = tensor.empty() : tensor<64x65536xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<64xf32>) -> tensor<64xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<64x65536xf32>) outs(%m0 : tensor<64xf32>) dimensions = [1]
  %a = linalg.generic {indexing_maps = [#nt, #n, #nt], iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : tensor<64x65536xf32>, tensor<64xf32>) outs(%all : tensor<64x65536xf32>) {
  ^bb0(%s: f32, %r: f32, %o: f32):
    %y = arith.subf %s, %r : f32
    linalg.yield %y : f32
  } -> tensor<64x65536xf32>
  %l0 = linalg.fill ins(%zero : f32) outs(%rows : tensor<64xf32>) -> tensor<64xf32>
  %l = linalg.generic {indexing_maps = [#nt, #n], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<64x65536xf32>) outs(%l0 : tensor<64xf32>) {
  ^bb0(%s: f32, %o: f32):
    %e = math.exp %s : f32
    %y = arith.addf %o, %e : f32
    linalg.yield %y : f32
  } -> tensor<64xf32>
  %z = linalg.log ins(%l : tensor<64xf32>) outs(%rows : tensor<64xf32>) -> tensor<64xf32>
  %w = linalg.generic {indexing_maps = [#nt, #n, #nt], iterator_types = ["parallel", "parallel"]}
      ins(%a, %z : tensor<64x65536xf32>, tensor<64xf32>) outs(%all : tensor<64x65536xf32>) {
  ^bb0(%s: f32, %r: f32, %o: f32):
    %y = arith.subf %s, %r : f32
    linalg.yield %y : f32
  } -> tensor<64x65536xf32>
  return %w : tensor<64x65536xf32>
}

func.func @softmax(%x: tensor<4x262144xf32>) -> tensor<4x262144xf32> {
  %e = tensor.empty() : tensor<4x262144xf32>
  %p = linalg.softmax dimension(1) ins(%x : tensor<4x262144xf32>) outs(%e : tensor<4x262144xf32>) -> tensor<4x262144xf32>
  return %p : tensor<4x262144xf32>
}
