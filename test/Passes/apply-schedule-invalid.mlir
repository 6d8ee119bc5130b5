// RUN: memwall-opt %s --memwall-apply-schedule="target=ddr5-2ch" -split-input-file -verify-diagnostics

// Wrong rank.
func.func @rank(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.matmul' op has a schedule that does not fit: band 0 ('l2') expects 3 sizes, one per dimension of the op, found 2}}
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4, 4]>]>} ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// A tile of 0 that is a loop.
func.func @zero(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.exp' op has a schedule that does not fit: band 0 ('l2') orders dimension 1, whose tile is 0}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4, 0], order = [1, 0]>]>} ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// More than there is.
func.func @extent(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{band 0 ('l2') has a tile of 16 in dimension 0, which has 8 iterations}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [16, 0]>]>} ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @level(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.exp' op has a schedule that does not fit: band 0 names the level 'l4', which ddr5-2ch does not have; did you mean 'l1'?}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l4", sizes = [4, 0]>]>} ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Input and output of 4096 x 64 f32, 2 MiB, in a cache of 1 MiB.
func.func @capacity(%a: tensor<4096x64xf32>, %b: tensor<4096x64xf32>) -> tensor<4096x64xf32> {
  // expected-error @+1 {{'linalg.exp' op has a schedule that does not fit: band 0 has tiles of 2097152 bytes, but 'l2' of ddr5-2ch holds 1048576}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4096, 64]>]>} ins(%a : tensor<4096x64xf32>) outs(%b : tensor<4096x64xf32>) -> tensor<4096x64xf32>
  return %0 : tensor<4096x64xf32>
}

// -----

func.func @parallel_reduction(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.matmul' op has a schedule that does not fit: band 0 ('l2') runs dimension 2 in parallel, which is a reduction}}
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [0, 0, 4], parallel = [2]>], units = 4>} ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @no_interface(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'math.exp' op has a schedule, but cannot be tiled: it has no TilingInterface}}
  %0 = math.exp %a {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4, 0]>]>} : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Softmax needs its whole row.
func.func @softmax(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.softmax' op cannot be tiled in dimension 1, a reduction that it does not accumulate}}
  %0 = linalg.softmax {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [0, 4]>]>} dimension(1) ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @leaf_order(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.softmax' op cannot have its own loops reordered: it is no structured linalg op}}
  %0 = linalg.softmax {memwall.schedule = #memwall.schedule<leaf_order = [1, 0]>} dimension(1) ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @pack_of_softmax(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.softmax' op cannot have operands packed: it is no structured linalg op}}
  %0 = linalg.softmax {memwall.schedule = #memwall.schedule<packs = [<operand = 0, inner_dims = [0], inner_tiles = [4]>]>} dimension(1) ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @pack_of_init(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.exp' op cannot have operand 1 packed: it is no input tensor}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4, 4]>], packs = [<operand = 1, inner_dims = [0], inner_tiles = [4]>]>} ins(%a : tensor<8x8xf32>) outs(%b : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @pack_across_tiles(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.exp' op cannot have operand 0 packed: tiles of dimension 0 of the op do not stay inside packed tiles of 3}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4, 4]>], packs = [<operand = 0, inner_dims = [0], inner_tiles = [3]>]>} ins(%a : tensor<8x8xf32>) outs(%b : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @pack_of_window(%a: tensor<1x10x4xf32>, %b: tensor<3x4x8xf32>, %c: tensor<1x8x8xf32>) -> tensor<1x8x8xf32> {
  // expected-error @+1 {{'linalg.conv_1d_nwc_wcf' op cannot have operand 0 packed: its dimension 1 is not one dimension of the op}}
  %0 = linalg.conv_1d_nwc_wcf {memwall.schedule = #memwall.schedule<packs = [<operand = 0, inner_dims = [1], inner_tiles = [10]>]>} ins(%a, %b : tensor<1x10x4xf32>, tensor<3x4x8xf32>) outs(%c : tensor<1x8x8xf32>) -> tensor<1x8x8xf32>
  return %0 : tensor<1x8x8xf32>
}

// -----

func.func @pack_of_dynamic(%a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @+1 {{'linalg.exp' op cannot have operand 0 packed: its shape is not static}}
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<packs = [<operand = 0, inner_dims = [1], inner_tiles = [8]>]>} ins(%a : tensor<?x8xf32>) outs(%b : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

func.func @pack_ahead_of_result(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.exp ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  // expected-error @+1 {{'linalg.abs' op cannot have operand 0 packed ahead: it is no argument or constant}}
  %1 = linalg.abs {memwall.schedule = #memwall.schedule<packs = [<operand = 0, inner_dims = [1], inner_tiles = [8], ahead>]>} ins(%0 : tensor<8x8xf32>) outs(%b : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// Upstream's slices would begin at -i, outside of the operand.
#backwards = affine_map<(i, j) -> (j, 199 - i)>
#same = affine_map<(i, j) -> (i, j)>
func.func @backwards(%x: tensor<300x200xf32>, %o: tensor<200x300xf32>) -> tensor<200x300xf32> {
  // expected-error @+1 {{'linalg.generic' op cannot be tiled in dimension 0, which runs backwards through an operand}}
  %r = linalg.generic {indexing_maps = [#backwards, #same], iterator_types = ["parallel", "parallel"], memwall.schedule = #memwall.schedule<bands = [<"l1", sizes = [16, 16], order = [0, 1]>]>} ins(%x : tensor<300x200xf32>) outs(%o : tensor<200x300xf32>) {
  ^bb0(%a: f32, %c: f32):
    linalg.yield %a : f32
  } -> tensor<200x300xf32>
  return %r : tensor<200x300xf32>
}

// -----

func.func @split_parallel(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.matmul' op has a schedule that does not fit: the split cuts dimension 0, which is no reduction}}
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<split = <dim = 0, parts = 2>, units = 4>} ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// 1 - x0 - x1 - ...: no part could start.
func.func @split_without_identity(%x: tensor<8x8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{'linalg.reduce' op has a schedule that does not fit: the split cuts dimension 1, but arith.subf has no identity}}
  %0 = linalg.reduce ins(%x : tensor<8x8xf32>) outs(%y : tensor<8xf32>) dimensions = [1] {memwall.schedule = #memwall.schedule<split = <dim = 1, parts = 2>, units = 4>}
    (%in: f32, %acc: f32) {
      %s = arith.subf %acc, %in : f32
      linalg.yield %s : f32
    }
  return %0 : tensor<8xf32>
}

// -----

// acc * 0.5 + x: terms do not weigh alike.
func.func @split_decay(%x: tensor<8x8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %half = arith.constant 0.5 : f32
  // expected-error @+1 {{the split cuts dimension 1, but its body does not accumulate by one operation}}
  %0 = linalg.reduce ins(%x : tensor<8x8xf32>) outs(%y : tensor<8xf32>) dimensions = [1] {memwall.schedule = #memwall.schedule<split = <dim = 1, parts = 2>, units = 4>}
    (%in: f32, %acc: f32) {
      %h = arith.mulf %acc, %half : f32
      %s = arith.addf %h, %in : f32
      linalg.yield %s : f32
    }
  return %0 : tensor<8xf32>
}

// -----

func.func @split_pair(%x: tensor<8x8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // expected-error @+1 {{the split cuts dimension 1, but its 2 results are made together}}
  %0:2 = linalg.reduce ins(%x, %x : tensor<8x8xf32>, tensor<8x8xf32>) outs(%y, %y : tensor<8xf32>, tensor<8xf32>) dimensions = [1] {memwall.schedule = #memwall.schedule<split = <dim = 1, parts = 2>, units = 4>}
    (%a: f32, %b: f32, %m: f32, %s: f32) {
      %n = arith.maximumf %a, %m : f32
      %e = arith.addf %b, %s : f32
      linalg.yield %n, %e : f32, f32
    }
  return %0#0, %0#1 : tensor<8xf32>, tensor<8xf32>
}

// -----

func.func @split_softmax(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{the split cuts dimension 1, but it is no structured linalg op}}
  %0 = linalg.softmax {memwall.schedule = #memwall.schedule<split = <dim = 1, parts = 2>, units = 4>} dimension(1) ins(%x : tensor<8x8xf32>) outs(%x : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @split_dynamic(%a: tensor<8x?xf32>, %b: tensor<?x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{the split cuts dimension 2, whose extent is not constant}}
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<split = <dim = 2, parts = 2>, units = 4>} ins(%a, %b : tensor<8x?xf32>, tensor<?x8xf32>) outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @split_too_far(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{the split makes 5 parts of dimension 2: with 2 iterations each, 4 parts have all 8}}
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<split = <dim = 2, parts = 5>, units = 8>} ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
