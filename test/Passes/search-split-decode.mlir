// Decode attention of 8 key heads, 4 query heads each, over 8192 positions: one
// sequence has 32 rows of scores for 132 units, 64 sequences have 2048.
// RUN: sed s/BATCH/1/g %s | memwall-opt --memwall-search="target=h100-sxm fuse=false" | FileCheck %s --check-prefix=ONE
// RUN: sed s/BATCH/64/g %s | memwall-opt --memwall-search="target=h100-sxm fuse=false" | FileCheck %s --check-prefix=MANY

// As a group, one sequence streams its keys in 16 parts for each of the 8 heads,
// and many have heads enough for all units.
// RUN: sed s/BATCH/1/g %s | memwall-opt --memwall-search="target=h100-sxm" --remarks-filter=memwall 2>&1 | FileCheck %s --check-prefix=PARTS
// RUN: sed s/BATCH/1/g %s | memwall-opt --memwall-search="target=h100-sxm split=false" | FileCheck %s --check-prefix=WHOLE
// RUN: sed s/BATCH/64/g %s | memwall-opt --memwall-search="target=h100-sxm" | FileCheck %s --check-prefix=WHOLE
// PARTS: in 16 parts: 128 of 132 units have work instead of {{[0-9]+}}, for 0 B more at hbm3 and {{[0-9]+}} kB at l2
// PARTS: sizes = [0, 1, 0, 0, 0], order = [1], parallel = [1]>], units = 132, group = "g0", stream = [<"smem", dim = 4, size = {{[0-9]+}}, parts = 16>]
// WHOLE-NOT: parts

// Scores are parallel over positions. The maximum and the sum of a row are split
// in 4 and the vectors of context in 16: 128 units.
// ONE-NOT: group
// ONE: parallel = [1, 3]>], units = 132>
// ONE: split = <dim = 3, parts = 4>
// ONE: math.exp
// ONE: split = <dim = 3, parts = 4>
// ONE: arith.divf
// ONE: split = <dim = 4, parts = 16>
// MANY-NOT: split

#q = affine_map<(b,h,g,t,d) -> (b,h,g,d)>
#k = affine_map<(b,h,g,t,d) -> (b,t,h,d)>
#s = affine_map<(b,h,g,t,d) -> (b,h,g,t)>
#v = affine_map<(b,h,g,d,t) -> (b,t,h,d)>
#p = affine_map<(b,h,g,d,t) -> (b,h,g,t)>
#o = affine_map<(b,h,g,d,t) -> (b,h,g,d)>
#f = affine_map<(b,h,g,t) -> (b,h,g,t)>
#r = affine_map<(b,h,g,t) -> (b,h,g)>
func.func @f(%q: tensor<BATCHx8x4x128xbf16>, %k: tensor<BATCHx8192x8x128xbf16>, %v: tensor<BATCHx8192x8x128xbf16>) -> tensor<BATCHx8x4x128xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %scale = arith.constant 0.0883883 : f32
  %es = tensor.empty() : tensor<BATCHx8x4x8192xf32>
  %er = tensor.empty() : tensor<BATCHx8x4xf32>
  %eo = tensor.empty() : tensor<BATCHx8x4x128xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%es : tensor<BATCHx8x4x8192xf32>) -> tensor<BATCHx8x4x8192xf32>
  %s = linalg.generic {indexing_maps=[#q,#k,#s], iterator_types=["parallel","parallel","parallel","parallel","reduction"]} ins(%q, %k : tensor<BATCHx8x4x128xbf16>, tensor<BATCHx8192x8x128xbf16>) outs(%s0 : tensor<BATCHx8x4x8192xf32>) {
  ^bb0(%a: bf16, %b: bf16, %c: f32):
    %x = arith.extf %a : bf16 to f32
    %y = arith.extf %b : bf16 to f32
    %z = arith.mulf %x, %y : f32
    %w = arith.addf %c, %z : f32
    linalg.yield %w : f32
  } -> tensor<BATCHx8x4x8192xf32>
  %m0 = linalg.fill ins(%ninf : f32) outs(%er : tensor<BATCHx8x4xf32>) -> tensor<BATCHx8x4xf32>
  %m = linalg.generic {indexing_maps=[#f,#r], iterator_types=["parallel","parallel","parallel","reduction"]} ins(%s : tensor<BATCHx8x4x8192xf32>) outs(%m0 : tensor<BATCHx8x4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %w = arith.maximumf %c, %a : f32
    linalg.yield %w : f32
  } -> tensor<BATCHx8x4xf32>
  %p = linalg.generic {indexing_maps=[#f,#r,#f], iterator_types=["parallel","parallel","parallel","parallel"]} ins(%s, %m : tensor<BATCHx8x4x8192xf32>, tensor<BATCHx8x4xf32>) outs(%es : tensor<BATCHx8x4x8192xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %y = arith.subf %a, %b : f32
    %w = math.exp %y : f32
    linalg.yield %w : f32
  } -> tensor<BATCHx8x4x8192xf32>
  %l0 = linalg.fill ins(%zero : f32) outs(%er : tensor<BATCHx8x4xf32>) -> tensor<BATCHx8x4xf32>
  %l = linalg.generic {indexing_maps=[#f,#r], iterator_types=["parallel","parallel","parallel","reduction"]} ins(%p : tensor<BATCHx8x4x8192xf32>) outs(%l0 : tensor<BATCHx8x4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %w = arith.addf %c, %a : f32
    linalg.yield %w : f32
  } -> tensor<BATCHx8x4xf32>
  %n = linalg.generic {indexing_maps=[#f,#r,#f], iterator_types=["parallel","parallel","parallel","parallel"]} ins(%p, %l : tensor<BATCHx8x4x8192xf32>, tensor<BATCHx8x4xf32>) outs(%es : tensor<BATCHx8x4x8192xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %w = arith.divf %a, %b : f32
    linalg.yield %w : f32
  } -> tensor<BATCHx8x4x8192xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%eo : tensor<BATCHx8x4x128xf32>) -> tensor<BATCHx8x4x128xf32>
  %o = linalg.generic {indexing_maps=[#p,#v,#o], iterator_types=["parallel","parallel","parallel","parallel","reduction"]} ins(%n, %v : tensor<BATCHx8x4x8192xf32>, tensor<BATCHx8192x8x128xbf16>) outs(%o0 : tensor<BATCHx8x4x128xf32>) {
  ^bb0(%a: f32, %b: bf16, %c: f32):
    %y = arith.extf %b : bf16 to f32
    %z = arith.mulf %a, %y : f32
    %w = arith.addf %c, %z : f32
    linalg.yield %w : f32
  } -> tensor<BATCHx8x4x128xf32>
  return %o : tensor<BATCHx8x4x128xf32>
}
