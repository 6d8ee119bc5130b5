// Attention is streamed where that moves less one level in, and plain groups
// are left where `stream=false` says so. What cannot be streamed has a remark.

// RUN: memwall-opt %s --split-input-file --memwall-search=target=small --remarks-filter=memwall 2>&1 \
// RUN:   | FileCheck %s
// RUN: memwall-opt %s --split-input-file --memwall-search="target=small stream=false" --remarks-filter=memwall 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ROWS --implicit-check-not="stream = "

// CHECK: [Passed] fused {{.*}}; streamed in tiles of [[TILE:[0-9]+]] along dimension 3 of linalg.contract
// CHECK: func.func @attention
// CHECK: linalg.contract {{.*}}group = "g0"
// CHECK: stream = [<"l1", dim = 3, size = [[TILE]]>]

// ROWS: [Passed] fused {{.*}} share loops
// ROWS: func.func @attention

// CHECK: [Missed] not-streamed {{.*}}cannot be streamed: math.tanh in linalg.generic at {{.*}} mixes a row with what is reduced
// CHECK: func.func @tanh

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 8192>,
      "l2" = #dlti.map<"capacity_bytes" = 65536>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
func.func @attention(%q: tensor<256x32xf32>, %k: tensor<256x32xf32>, %v: tensor<256x32xf32>) -> tensor<256x32xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scores = tensor.empty() : tensor<256x256xf32>
  %rows = tensor.empty() : tensor<256xf32>
  %out = tensor.empty() : tensor<256x32xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%scores : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.contract indexing_maps = [affine_map<(n, t, d) -> (n, d)>, affine_map<(n, t, d) -> (t, d)>, affine_map<(n, t, d) -> (n, t)>]
    ins(%q, %k : tensor<256x32xf32>, tensor<256x32xf32>) outs(%s0 : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<256x256xf32>) outs(%m0 : tensor<256xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [affine_map<(n, t) -> (n, t)>, affine_map<(n, t) -> (n)>, affine_map<(n, t) -> (n, t)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%s, %m : tensor<256x256xf32>, tensor<256xf32>) outs(%scores : tensor<256x256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<256x256xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%out : tensor<256x32xf32>) -> tensor<256x32xf32>
  %o = linalg.contract indexing_maps = [affine_map<(n, v, t) -> (n, t)>, affine_map<(n, v, t) -> (t, v)>, affine_map<(n, v, t) -> (n, v)>]
    ins(%p, %v : tensor<256x256xf32>, tensor<256x32xf32>) outs(%o0 : tensor<256x32xf32>) -> tensor<256x32xf32>
  return %o : tensor<256x32xf32>
}
}

// -----

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 8192>,
      "l2" = #dlti.map<"capacity_bytes" = 65536>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
func.func @tanh(%q: tensor<256x32xf32>, %k: tensor<256x32xf32>, %v: tensor<256x32xf32>) -> tensor<256x32xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scores = tensor.empty() : tensor<256x256xf32>
  %rows = tensor.empty() : tensor<256xf32>
  %out = tensor.empty() : tensor<256x32xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%scores : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.contract indexing_maps = [affine_map<(n, t, d) -> (n, d)>, affine_map<(n, t, d) -> (t, d)>, affine_map<(n, t, d) -> (n, t)>]
    ins(%q, %k : tensor<256x32xf32>, tensor<256x32xf32>) outs(%s0 : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%rows : tensor<256xf32>) -> tensor<256xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<256x256xf32>) outs(%m0 : tensor<256xf32>) dimensions = [1]
  %p = linalg.generic {indexing_maps = [affine_map<(n, t) -> (n, t)>, affine_map<(n, t) -> (n)>, affine_map<(n, t) -> (n, t)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%s, %m : tensor<256x256xf32>, tensor<256xf32>) outs(%scores : tensor<256x256xf32>) {
  ^bb0(%x: f32, %r: f32, %o: f32):
    %d = arith.subf %x, %r : f32
    %e = math.tanh %d : f32
    linalg.yield %e : f32
  } -> tensor<256x256xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%out : tensor<256x32xf32>) -> tensor<256x32xf32>
  %o = linalg.contract indexing_maps = [affine_map<(n, v, t) -> (n, t)>, affine_map<(n, v, t) -> (t, v)>, affine_map<(n, v, t) -> (n, v)>]
    ins(%p, %v : tensor<256x256xf32>, tensor<256x32xf32>) outs(%o0 : tensor<256x32xf32>) -> tensor<256x32xf32>
  return %o : tensor<256x32xf32>
}
}
