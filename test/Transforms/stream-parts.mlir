// A stream in parts: what the parts made is combined, corrected to the rows of
// all. 40 columns in tiles of 4 are 10 tiles; 3 parts have 4, 4 and 2 of them.
// RUN: memwall-opt %s --memwall-apply-schedule -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: memwall-run %s --entry=f --compare=%t.mlir --time=0
// A correction that is left out, exp(0), is noticed; so is one of the wrong sign,
// RUN: sed '/in_parallel/,$ s/arith.subf \(%%[a-z0-9_]*\), %%[a-z0-9_]*/arith.subf \1, \1/' %t.mlir > %t.left.mlir
// RUN: not diff %t.mlir %t.left.mlir
// RUN: not memwall-run %s --entry=f --compare=%t.left.mlir --time=0
// RUN: sed '/in_parallel/,$ s/arith.subf \(%%[a-z0-9_]*\), \(%%[a-z0-9_]*\)/arith.subf \2, \1/' %t.mlir > %t.sign.mlir
// RUN: not memwall-run %s --entry=f --compare=%t.sign.mlir --time=0
// and a part that begins in the wrong place.
// RUN: sed 's/d0 \* 16)>/d0 * 12)>/' %t.mlir > %t.place.mlir
// RUN: not diff %t.mlir %t.place.mlir
// RUN: not memwall-run %s --entry=f --compare=%t.place.mlir --time=0
// REQUIRES: memwall-run

// Maxima, sums and vectors of 3 parts, 2 heads by 3 parts side by side.
// CHECK: #[[BEGIN:.*]] = affine_map<(d0) -> (d0 * 16)>
// CHECK: scf.forall (%[[H:.*]], %[[P:.*]]) in (2, 3) shared_outs({{.*}}) -> (tensor<3x2x4xf32>, tensor<3x2x4xf32>, tensor<3x2x4x8xf32>)
// CHECK:   affine.apply #[[BEGIN]](%[[P]])
// CHECK:   scf.for
// CHECK:   scf.forall.in_parallel
// CHECK: scf.for
// The largest maximum,
// CHECK:   linalg.generic {{.*}}"reduction"{{.*}} ins(%{{.*}} : tensor<3x1x4xf32>) outs
// CHECK:     arith.maximumf
// what the parts are off by,
// CHECK:   math.exp
// and sums of what they made times that.
// CHECK:   linalg.generic {{.*}}"reduction"{{.*}} ins(%{{.*}}, %{{.*}} : tensor<3x1x4xf32>, tensor<3x1x4xf32>)
// CHECK:     arith.mulf
// CHECK:     arith.addf
// CHECK:   linalg.generic {{.*}}"reduction"{{.*}} ins(%{{.*}}, %{{.*}} : tensor<3x1x4x8xf32>, tensor<3x1x4xf32>)

#q = affine_map<(h, n, t, d) -> (h, n, d)>
#k = affine_map<(h, n, t, d) -> (h, t, d)>
#s = affine_map<(h, n, t, d) -> (h, n, t)>
#e = affine_map<(h, n, t) -> (h, n, t)>
#r = affine_map<(h, n, t) -> (h, n)>
#p = affine_map<(h, n, d, t) -> (h, n, t)>
#v = affine_map<(h, n, d, t) -> (h, t, d)>
#o = affine_map<(h, n, d, t) -> (h, n, d)>
func.func @f(%q: tensor<2x4x8xf32>, %k: tensor<2x40x8xf32>, %v: tensor<2x40x8xf32>) -> tensor<2x4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<2x4x40xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x4x40xf32>) -> tensor<2x4x40xf32>
  %s = linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<2x4x8xf32>, tensor<2x40x8xf32>) outs(%fs : tensor<2x4x40xf32>)
      attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %c, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x4x40xf32>
  %em = tensor.empty() : tensor<2x4xf32>
  %fm = linalg.fill ins(%low : f32) outs(%em : tensor<2x4xf32>) -> tensor<2x4xf32>
  %m = linalg.generic {indexing_maps = [#e, #r], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<2x4x40xf32>) outs(%fm : tensor<2x4xf32>)
      attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%a: f32, %c: f32):
    %r = arith.maximumf %a, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4xf32>
  %ex = tensor.empty() : tensor<2x4x40xf32>
  %x = linalg.generic {indexing_maps = [#e, #r, #e], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %m : tensor<2x4x40xf32>, tensor<2x4xf32>) outs(%ex : tensor<2x4x40xf32>)
      attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x4x40xf32>
  %el = tensor.empty() : tensor<2x4xf32>
  %fl = linalg.fill ins(%zero : f32) outs(%el : tensor<2x4xf32>) -> tensor<2x4xf32>
  %l = linalg.generic {indexing_maps = [#e, #r], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<2x4x40xf32>) outs(%fl : tensor<2x4xf32>)
      attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%a: f32, %c: f32):
    %r = arith.addf %a, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4xf32>
  %ep = tensor.empty() : tensor<2x4x40xf32>
  %p = linalg.generic {indexing_maps = [#e, #r, #e], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %l : tensor<2x4x40xf32>, tensor<2x4xf32>) outs(%ep : tensor<2x4x40xf32>)
      attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %r = arith.divf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x4x40xf32>
  %eo = tensor.empty() : tensor<2x4x8xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %o = linalg.generic {indexing_maps = [#p, #v, #o], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%p, %v : tensor<2x4x40xf32>, tensor<2x40x8xf32>) outs(%fo : tensor<2x4x8xf32>)
      attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 0, 0, 0]>], units = 6,
               group = "g", stream = [<"l1", dim = 3, size = 4, parts = 3>]>} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m1 = arith.mulf %a, %b : f32
    %r = arith.addf %c, %m1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  return %o : tensor<2x4x8xf32>
}
