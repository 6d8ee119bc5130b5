// A sliding window of 256 of 2048 keys: row n sees keys n - 255 to n, and a
// block of r rows under tiles of s keys computes about 256 + r + s of them. All
// tiles of 512 rows or more move as few bytes at memory, but compute three
// times what the window asks for, where arithmetic takes longer than memory:
// 2048 * 256 * (4 * 64 + 5) = 137 MFLOP by the window alone, 1.1 GFLOP by all
// keys.

// RUN: memwall-opt %s --memwall-optimize="target=ddr5-2ch" \
// RUN:   | memwall-opt --memwall-report="targets=ddr5-2ch" -o /dev/null | FileCheck %s
// CHECK: {{^ }}{{1[4-9][0-9]|2[0-4][0-9]}} MFLOP

func.func @f(%q: tensor<1x2048x64xf32>, %k: tensor<1x2048x64xf32>, %v: tensor<1x2048x64xf32>) -> tensor<1x2048x64xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scale = arith.constant 0.125 : f32
  %es = tensor.empty() : tensor<1x2048x2048xf32>
  %er = tensor.empty() : tensor<1x2048xf32>
  %eo = tensor.empty() : tensor<1x2048x64xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%es : tensor<1x2048x2048xf32>) -> tensor<1x2048x2048xf32>
  %s = linalg.generic {indexing_maps=[affine_map<(h,n,t,d)->(h,n,d)>, affine_map<(h,n,t,d)->(h,t,d)>, affine_map<(h,n,t,d)->(h,n,t)>], iterator_types=["parallel","parallel","parallel","reduction"]} ins(%q,%k:tensor<1x2048x64xf32>,tensor<1x2048x64xf32>) outs(%f0:tensor<1x2048x2048xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x2048x2048xf32>
  %w = linalg.generic {indexing_maps=[affine_map<(h,n,t)->(h,n,t)>,affine_map<(h,n,t)->(h,n,t)>], iterator_types=["parallel","parallel","parallel"]} ins(%s:tensor<1x2048x2048xf32>) outs(%es:tensor<1x2048x2048xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.mulf %x, %scale : f32
    %row = linalg.index 1 : index
    %key = linalg.index 2 : index
    %past = arith.cmpi sge, %row, %key : index
    %window = arith.constant 256 : index
    %last = arith.addi %key, %window : index
    %near = arith.cmpi slt, %row, %last : index
    %keep = arith.andi %past, %near : i1

    %z = arith.select %keep, %y, %low : f32
    linalg.yield %z : f32
  } -> tensor<1x2048x2048xf32>
  %fm = linalg.fill ins(%low : f32) outs(%er : tensor<1x2048xf32>) -> tensor<1x2048xf32>
  %mx = linalg.generic {indexing_maps=[affine_map<(h,n,t)->(h,n,t)>,affine_map<(h,n,t)->(h,n)>], iterator_types=["parallel","parallel","reduction"]} ins(%w:tensor<1x2048x2048xf32>) outs(%fm:tensor<1x2048xf32>) {
  ^bb0(%x: f32, %o: f32):
    %r = arith.maximumf %x, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x2048xf32>
  %e = linalg.generic {indexing_maps=[affine_map<(h,n,t)->(h,n,t)>,affine_map<(h,n,t)->(h,n)>,affine_map<(h,n,t)->(h,n,t)>], iterator_types=["parallel","parallel","parallel"]} ins(%w,%mx:tensor<1x2048x2048xf32>,tensor<1x2048xf32>) outs(%es:tensor<1x2048x2048xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %d = arith.subf %x, %y : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<1x2048x2048xf32>
  %fl = linalg.fill ins(%zero : f32) outs(%er : tensor<1x2048xf32>) -> tensor<1x2048xf32>
  %l = linalg.generic {indexing_maps=[affine_map<(h,n,t)->(h,n,t)>,affine_map<(h,n,t)->(h,n)>], iterator_types=["parallel","parallel","reduction"]} ins(%e:tensor<1x2048x2048xf32>) outs(%fl:tensor<1x2048xf32>) {
  ^bb0(%x: f32, %o: f32):
    %r = arith.addf %x, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x2048xf32>
  %p = linalg.generic {indexing_maps=[affine_map<(h,n,t)->(h,n,t)>,affine_map<(h,n,t)->(h,n)>,affine_map<(h,n,t)->(h,n,t)>], iterator_types=["parallel","parallel","parallel"]} ins(%e,%l:tensor<1x2048x2048xf32>,tensor<1x2048xf32>) outs(%es:tensor<1x2048x2048xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %r = arith.divf %x, %y : f32
    linalg.yield %r : f32
  } -> tensor<1x2048x2048xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<1x2048x64xf32>) -> tensor<1x2048x64xf32>
  %r = linalg.generic {indexing_maps=[affine_map<(h,n,d,t)->(h,n,t)>, affine_map<(h,n,d,t)->(h,t,d)>, affine_map<(h,n,d,t)->(h,n,d)>], iterator_types=["parallel","parallel","parallel","reduction"]} ins(%p,%v:tensor<1x2048x2048xf32>,tensor<1x2048x64xf32>) outs(%fo:tensor<1x2048x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %x = arith.addf %m, %o : f32
    linalg.yield %x : f32
  } -> tensor<1x2048x64xf32>
  return %r : tensor<1x2048x64xf32>
}
