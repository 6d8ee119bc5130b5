// One decoder layer of a Llama-style model, one token: the shapes of
// Llama-3-8B (hidden 4096, 32 query heads and 8 key-value heads of 128, feed
// forward 14336), a context of 2048, bf16 storage and f32 sums.
//
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch" | FileCheck %s
//
// By hand: the weights have 2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336
// = 218.1 M elements, 436.2 MB, used once each: 436.2 MFLOP. The two caches are
// 2 * 8 * 2048 * 128 * 2 = 8.4 MB, less the row that is replaced; scores and
// context take 2 * 2 * 32 * 2048 * 128 = 33.6 MFLOP; everything else together is
// below 1 MFLOP. That is nearly 1 FLOP per byte: bound by memory on both.
// CHECK: @decoder_layer
// CHECK: 470 MFLOP
// CHECK: sum of the operations' minima {{.*}}bound by hbm3 {{.*}}bound by ddr5
// CHECK: bytes at hbm3 ddr5
// CHECK-NEXT: as the program stands 445 MB read {{.*}} read
// CHECK: minimum of the program 445 MB read + 12.3 kB written 445 MB read
// CHECK: fits in memory yes, in 80.0 GB {{.*}}yes, in 64.0 GB
// CHECK-NOT: unmodelled

#vector = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>
#cube = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// scores[g, h, t] = sum over d of q[g, h, d] * k[g, t, d]
#queries = affine_map<(g, h, t, d) -> (g, h, d)>
#keys = affine_map<(g, h, t, d) -> (g, t, d)>
#scores = affine_map<(g, h, t, d) -> (g, h, t)>

func.func @decoder_layer(
    %x: tensor<1x4096xbf16> {memwall.name = "x"},
    %cos: tensor<64xf32> {memwall.name = "cos"}, %sin: tensor<64xf32> {memwall.name = "sin"},
    %k_cache: tensor<8x2048x128xbf16> {memwall.name = "k_cache"}, %v_cache: tensor<8x2048x128xbf16> {memwall.name = "v_cache"},
    %attention_norm: tensor<4096xbf16> {memwall.name = "attention_norm"},
    %w_q: tensor<4096x4096xbf16> {memwall.name = "w_q"}, %w_k: tensor<4096x1024xbf16> {memwall.name = "w_k"},
    %w_v: tensor<4096x1024xbf16> {memwall.name = "w_v"}, %w_o: tensor<4096x4096xbf16> {memwall.name = "w_o"},
    %ffn_norm: tensor<4096xbf16> {memwall.name = "ffn_norm"},
    %w_gate: tensor<4096x14336xbf16> {memwall.name = "w_gate"}, %w_up: tensor<4096x14336xbf16> {memwall.name = "w_up"},
    %w_down: tensor<14336x4096xbf16> {memwall.name = "w_down"})
    -> (tensor<1x4096xbf16>, tensor<8x2048x128xbf16>, tensor<8x2048x128xbf16>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %width = arith.constant 4096.0 : f32
  %epsilon = arith.constant 1.0e-5 : f32
  %scale = arith.constant 0.08838834764 : f32 // 1 / sqrt(128)

  %empty_1 = tensor.empty() : tensor<1xf32>
  %empty_hidden = tensor.empty() : tensor<1x4096xbf16>
  %empty_hidden_f32 = tensor.empty() : tensor<1x4096xf32>
  %empty_kv = tensor.empty() : tensor<1x1024xf32>
  %empty_ffn = tensor.empty() : tensor<1x14336xf32>
  %empty_ffn_bf16 = tensor.empty() : tensor<1x14336xbf16>

  // RMSNorm before attention.
  %square_init = linalg.fill ins(%zero : f32) outs(%empty_1 : tensor<1xf32>) -> tensor<1xf32>
  %squares = linalg.generic {
      indexing_maps = [#vector, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<1x4096xbf16>) outs(%square_init : tensor<1xf32>) {
  ^bb0(%value: bf16, %sum: f32):
    %wide = arith.extf %value : bf16 to f32
    %square = arith.mulf %wide, %wide : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<1xf32>
  %normed = linalg.generic {
      indexing_maps = [#vector, #row, #column, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%x, %squares, %attention_norm : tensor<1x4096xbf16>, tensor<1xf32>, tensor<4096xbf16>)
      outs(%empty_hidden : tensor<1x4096xbf16>) {
  ^bb0(%value: bf16, %sum: f32, %weight: bf16, %out: bf16):
    %mean = arith.divf %sum, %width : f32
    %shifted = arith.addf %mean, %epsilon : f32
    %inverse = math.rsqrt %shifted : f32
    %wide = arith.extf %value : bf16 to f32
    %wide_weight = arith.extf %weight : bf16 to f32
    %scaled = arith.mulf %wide, %inverse : f32
    %weighted = arith.mulf %scaled, %wide_weight : f32
    %result = arith.truncf %weighted : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<1x4096xbf16>

  // Queries, keys and values.
  %hidden_init = linalg.fill ins(%zero : f32) outs(%empty_hidden_f32 : tensor<1x4096xf32>) -> tensor<1x4096xf32>
  %kv_init = linalg.fill ins(%zero : f32) outs(%empty_kv : tensor<1x1024xf32>) -> tensor<1x1024xf32>
  %q = linalg.matmul {memwall.name = "q_proj"} ins(%normed, %w_q : tensor<1x4096xbf16>, tensor<4096x4096xbf16>)
      outs(%hidden_init : tensor<1x4096xf32>) -> tensor<1x4096xf32>
  %k = linalg.matmul {memwall.name = "k_proj"} ins(%normed, %w_k : tensor<1x4096xbf16>, tensor<4096x1024xbf16>)
      outs(%kv_init : tensor<1x1024xf32>) -> tensor<1x1024xf32>
  %v = linalg.matmul {memwall.name = "v_proj"} ins(%normed, %w_v : tensor<1x4096xbf16>, tensor<4096x1024xbf16>)
      outs(%kv_init : tensor<1x1024xf32>) -> tensor<1x1024xf32>

  // Rotary embedding: the two halves of every head turn against each other.
  %q_heads = tensor.expand_shape %q [[0, 1], [2, 3]] output_shape [1, 1, 32, 128]
      : tensor<1x4096xf32> into tensor<1x1x32x128xf32>
  %q_low = tensor.extract_slice %q_heads[0, 0, 0, 0] [1, 1, 32, 64] [1, 1, 1, 1]
      : tensor<1x1x32x128xf32> to tensor<32x64xf32>
  %q_high = tensor.extract_slice %q_heads[0, 0, 0, 64] [1, 1, 32, 64] [1, 1, 1, 1]
      : tensor<1x1x32x128xf32> to tensor<32x64xf32>
  %empty_q_half = tensor.empty() : tensor<32x64xbf16>
  %q_turned:2 = linalg.generic {
      indexing_maps = [#vector, #vector, #column, #column, #vector, #vector],
      iterator_types = ["parallel", "parallel"]}
      ins(%q_low, %q_high, %cos, %sin : tensor<32x64xf32>, tensor<32x64xf32>, tensor<64xf32>, tensor<64xf32>)
      outs(%empty_q_half, %empty_q_half : tensor<32x64xbf16>, tensor<32x64xbf16>) {
  ^bb0(%low: f32, %high: f32, %c: f32, %s: f32, %out0: bf16, %out1: bf16):
    %low_c = arith.mulf %low, %c : f32
    %high_s = arith.mulf %high, %s : f32
    %high_c = arith.mulf %high, %c : f32
    %low_s = arith.mulf %low, %s : f32
    %new_low = arith.subf %low_c, %high_s : f32
    %new_high = arith.addf %high_c, %low_s : f32
    %new_low_bf16 = arith.truncf %new_low : f32 to bf16
    %new_high_bf16 = arith.truncf %new_high : f32 to bf16
    linalg.yield %new_low_bf16, %new_high_bf16 : bf16, bf16
  } -> (tensor<32x64xbf16>, tensor<32x64xbf16>)
  %q_rope = tensor.concat dim(1) %q_turned#0, %q_turned#1
      : (tensor<32x64xbf16>, tensor<32x64xbf16>) -> tensor<32x128xbf16>

  %k_heads = tensor.expand_shape %k [[0, 1], [2, 3]] output_shape [1, 1, 8, 128]
      : tensor<1x1024xf32> into tensor<1x1x8x128xf32>
  %k_low = tensor.extract_slice %k_heads[0, 0, 0, 0] [1, 1, 8, 64] [1, 1, 1, 1]
      : tensor<1x1x8x128xf32> to tensor<8x64xf32>
  %k_high = tensor.extract_slice %k_heads[0, 0, 0, 64] [1, 1, 8, 64] [1, 1, 1, 1]
      : tensor<1x1x8x128xf32> to tensor<8x64xf32>
  %empty_k_half = tensor.empty() : tensor<8x64xbf16>
  %k_turned:2 = linalg.generic {
      indexing_maps = [#vector, #vector, #column, #column, #vector, #vector],
      iterator_types = ["parallel", "parallel"]}
      ins(%k_low, %k_high, %cos, %sin : tensor<8x64xf32>, tensor<8x64xf32>, tensor<64xf32>, tensor<64xf32>)
      outs(%empty_k_half, %empty_k_half : tensor<8x64xbf16>, tensor<8x64xbf16>) {
  ^bb0(%low: f32, %high: f32, %c: f32, %s: f32, %out0: bf16, %out1: bf16):
    %low_c = arith.mulf %low, %c : f32
    %high_s = arith.mulf %high, %s : f32
    %high_c = arith.mulf %high, %c : f32
    %low_s = arith.mulf %low, %s : f32
    %new_low = arith.subf %low_c, %high_s : f32
    %new_high = arith.addf %high_c, %low_s : f32
    %new_low_bf16 = arith.truncf %new_low : f32 to bf16
    %new_high_bf16 = arith.truncf %new_high : f32 to bf16
    linalg.yield %new_low_bf16, %new_high_bf16 : bf16, bf16
  } -> (tensor<8x64xbf16>, tensor<8x64xbf16>)
  %k_rope = tensor.concat dim(1) %k_turned#0, %k_turned#1
      : (tensor<8x64xbf16>, tensor<8x64xbf16>) -> tensor<8x128xbf16>

  // The new key and value are the last of the context.
  %v_heads = tensor.expand_shape %v [[0, 1], [2, 3]] output_shape [1, 1, 8, 128]
      : tensor<1x1024xf32> into tensor<1x1x8x128xf32>
  %v_rows = tensor.collapse_shape %v_heads [[0, 1, 2], [3]]
      : tensor<1x1x8x128xf32> into tensor<8x128xf32>
  %empty_v = tensor.empty() : tensor<8x128xbf16>
  %v_new = linalg.generic {
      indexing_maps = [#vector, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%v_rows : tensor<8x128xf32>) outs(%empty_v : tensor<8x128xbf16>) {
  ^bb0(%value: f32, %out: bf16):
    %result = arith.truncf %value : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<8x128xbf16>
  %k_all = tensor.insert_slice %k_rope into %k_cache[0, 2047, 0] [8, 1, 128] [1, 1, 1]
      : tensor<8x128xbf16> into tensor<8x2048x128xbf16>
  %v_all = tensor.insert_slice %v_new into %v_cache[0, 2047, 0] [8, 1, 128] [1, 1, 1]
      : tensor<8x128xbf16> into tensor<8x2048x128xbf16>

  // Grouped-query attention: four query heads share a key-value head.
  %q_groups = tensor.expand_shape %q_rope [[0, 1], [2]] output_shape [8, 4, 128]
      : tensor<32x128xbf16> into tensor<8x4x128xbf16>
  %empty_scores = tensor.empty() : tensor<8x4x2048xf32>
  %scores_init = linalg.fill ins(%zero : f32) outs(%empty_scores : tensor<8x4x2048xf32>) -> tensor<8x4x2048xf32>
  %scores = linalg.batch_matmul indexing_maps = [#queries, #keys, #scores]
      ins(%q_groups, %k_all : tensor<8x4x128xbf16>, tensor<8x2048x128xbf16>)
      outs(%scores_init : tensor<8x4x2048xf32>) -> tensor<8x4x2048xf32>
  %scaled = linalg.generic {
      indexing_maps = [#cube, #cube], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores : tensor<8x4x2048xf32>) outs(%empty_scores : tensor<8x4x2048xf32>) {
  ^bb0(%value: f32, %out: f32):
    %result = arith.mulf %value, %scale : f32
    linalg.yield %result : f32
  } -> tensor<8x4x2048xf32>
  %weights = linalg.softmax dimension(2) ins(%scaled : tensor<8x4x2048xf32>)
      outs(%empty_scores : tensor<8x4x2048xf32>) -> tensor<8x4x2048xf32>
  %empty_weights = tensor.empty() : tensor<8x4x2048xbf16>
  %weights_bf16 = linalg.generic {
      indexing_maps = [#cube, #cube], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%weights : tensor<8x4x2048xf32>) outs(%empty_weights : tensor<8x4x2048xbf16>) {
  ^bb0(%value: f32, %out: bf16):
    %result = arith.truncf %value : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<8x4x2048xbf16>
  %empty_context = tensor.empty() : tensor<8x4x128xf32>
  %context_init = linalg.fill ins(%zero : f32) outs(%empty_context : tensor<8x4x128xf32>) -> tensor<8x4x128xf32>
  %context = linalg.batch_matmul
      ins(%weights_bf16, %v_all : tensor<8x4x2048xbf16>, tensor<8x2048x128xbf16>)
      outs(%context_init : tensor<8x4x128xf32>) -> tensor<8x4x128xf32>

  // Output projection and residual.
  %context_row = tensor.collapse_shape %context [[0, 1, 2]]
      : tensor<8x4x128xf32> into tensor<4096xf32>
  %context_matrix = tensor.expand_shape %context_row [[0, 1]] output_shape [1, 4096]
      : tensor<4096xf32> into tensor<1x4096xf32>
  %context_bf16 = linalg.generic {
      indexing_maps = [#vector, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%context_matrix : tensor<1x4096xf32>) outs(%empty_hidden : tensor<1x4096xbf16>) {
  ^bb0(%value: f32, %out: bf16):
    %result = arith.truncf %value : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<1x4096xbf16>
  %attended = linalg.matmul {memwall.name = "o_proj"} ins(%context_bf16, %w_o : tensor<1x4096xbf16>, tensor<4096x4096xbf16>)
      outs(%hidden_init : tensor<1x4096xf32>) -> tensor<1x4096xf32>
  %attended_bf16 = linalg.generic {
      indexing_maps = [#vector, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%attended : tensor<1x4096xf32>) outs(%empty_hidden : tensor<1x4096xbf16>) {
  ^bb0(%value: f32, %out: bf16):
    %result = arith.truncf %value : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<1x4096xbf16>
  %residual = linalg.add ins(%x, %attended_bf16 : tensor<1x4096xbf16>, tensor<1x4096xbf16>)
      outs(%empty_hidden : tensor<1x4096xbf16>) -> tensor<1x4096xbf16>

  // RMSNorm before the feed-forward part.
  %ffn_squares = linalg.generic {
      indexing_maps = [#vector, #row], iterator_types = ["parallel", "reduction"]}
      ins(%residual : tensor<1x4096xbf16>) outs(%square_init : tensor<1xf32>) {
  ^bb0(%value: bf16, %sum: f32):
    %wide = arith.extf %value : bf16 to f32
    %square = arith.mulf %wide, %wide : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<1xf32>
  %ffn_normed = linalg.generic {
      indexing_maps = [#vector, #row, #column, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%residual, %ffn_squares, %ffn_norm : tensor<1x4096xbf16>, tensor<1xf32>, tensor<4096xbf16>)
      outs(%empty_hidden : tensor<1x4096xbf16>) {
  ^bb0(%value: bf16, %sum: f32, %weight: bf16, %out: bf16):
    %mean = arith.divf %sum, %width : f32
    %shifted = arith.addf %mean, %epsilon : f32
    %inverse = math.rsqrt %shifted : f32
    %wide = arith.extf %value : bf16 to f32
    %wide_weight = arith.extf %weight : bf16 to f32
    %normalised = arith.mulf %wide, %inverse : f32
    %weighted = arith.mulf %normalised, %wide_weight : f32
    %result = arith.truncf %weighted : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<1x4096xbf16>

  // SwiGLU: down(silu(gate) * up).
  %ffn_init = linalg.fill ins(%zero : f32) outs(%empty_ffn : tensor<1x14336xf32>) -> tensor<1x14336xf32>
  %gate = linalg.matmul {memwall.name = "gate_proj"} ins(%ffn_normed, %w_gate : tensor<1x4096xbf16>, tensor<4096x14336xbf16>)
      outs(%ffn_init : tensor<1x14336xf32>) -> tensor<1x14336xf32>
  %up = linalg.matmul {memwall.name = "up_proj"} ins(%ffn_normed, %w_up : tensor<1x4096xbf16>, tensor<4096x14336xbf16>)
      outs(%ffn_init : tensor<1x14336xf32>) -> tensor<1x14336xf32>
  %gated = linalg.generic {
      indexing_maps = [#vector, #vector, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%gate, %up : tensor<1x14336xf32>, tensor<1x14336xf32>)
      outs(%empty_ffn_bf16 : tensor<1x14336xbf16>) {
  ^bb0(%g: f32, %u: f32, %out: bf16):
    %minus = arith.negf %g : f32
    %exp = math.exp %minus : f32
    %denominator = arith.addf %exp, %one : f32
    %silu = arith.divf %g, %denominator : f32
    %product = arith.mulf %silu, %u : f32
    %result = arith.truncf %product : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<1x14336xbf16>
  %down = linalg.matmul {memwall.name = "down_proj"} ins(%gated, %w_down : tensor<1x14336xbf16>, tensor<14336x4096xbf16>)
      outs(%hidden_init : tensor<1x4096xf32>) -> tensor<1x4096xf32>
  %down_bf16 = linalg.generic {
      indexing_maps = [#vector, #vector], iterator_types = ["parallel", "parallel"]}
      ins(%down : tensor<1x4096xf32>) outs(%empty_hidden : tensor<1x4096xbf16>) {
  ^bb0(%value: f32, %out: bf16):
    %result = arith.truncf %value : f32 to bf16
    linalg.yield %result : bf16
  } -> tensor<1x4096xbf16>
  %y = linalg.add ins(%residual, %down_bf16 : tensor<1x4096xbf16>, tensor<1x4096xbf16>)
      outs(%empty_hidden : tensor<1x4096xbf16>) -> tensor<1x4096xbf16>
  return %y, %k_all, %v_all : tensor<1x4096xbf16>, tensor<8x2048x128xbf16>, tensor<8x2048x128xbf16>
}
