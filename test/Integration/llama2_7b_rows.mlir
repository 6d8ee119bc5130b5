// The rows of a Llama-2-7B layer (hidden 4096, 32 heads of 128, feed forward
// 11008, context 2048, f16), one function each, for any number of tokens.
//
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm dims=1 format=csv" | FileCheck %s --check-prefix=DECODE
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm dims=2048 format=csv" | FileCheck %s --check-prefix=PREFILL
//
// One token, by hand. Columns: executions, flops, transcendentals, int_ops,
// compulsory read, compulsory written.
//   weights: 2 * 4096 * 4096 FLOP; reads 2 * (4096 * 4096 + 4096), writes 8192
// DECODE: projection,1,linalg.matmul,{{[^,]*}},contraction,4096x4096,1,33554432,0,0,33562624,8192,
//   scores: 2 * 32 * 2048 * 128 FLOP; reads K, 32 * 2048 * 128 * 2, and q, 8192;
//   writes 32 * 2048 * 2
// DECODE: attention,1,linalg.contract,{{[^,]*}},contraction,32x2048x128,1,16777216,0,0,16785408,131072,
//   softmax: maximum, subtract, exp, add, divide on 65536 elements
// DECODE: attention,2,linalg.softmax,{{[^,]*}},softmax,32x2048,1,327680,65536,0,131072,131072,
// DECODE: attention,4,linalg.contract,{{[^,]*}},contraction,32x128x2048,1,16777216,0,0,16908288,8192,
// DECODE: add,0,linalg.add,{{[^,]*}},elementwise,4096,1,4096,0,0,16384,8192,
// DECODE: gate,1,linalg.matmul,{{[^,]*}},contraction,11008x4096,1,90177536,0,0,90185728,22016,
//   silu * mul: negate, exp, add, divide, multiply on 11008 elements
// DECODE: silu_mul,0,linalg.generic,{{[^,]*}},elementwise,11008,1,55040,11008,0,44032,22016,
// DECODE: down,1,linalg.matmul,{{[^,]*}},contraction,4096x11008,1,90177536,0,0,90199552,8192,
//
// Functions of several ops, by hand. The floor reads x and the 4096 weights;
// 4 FLOP per element and 3 per row. RoPE: 6 FLOP for each of 32 * 64 pairs; the
// floor reads x, 8192, and two tables of 64, 256 bytes.
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm dims=1 format=json" | FileCheck %s --check-prefix=GROUPS
// GROUPS:      "name": "rmsnorm"
// GROUPS-NEXT: "flops": 16387,
// GROUPS-NEXT: "transcendentals": 1,
// GROUPS-NEXT: "int_ops": 0,
// GROUPS-NEXT: "floor": {
// GROUPS-NEXT: "read": 16384,
// GROUPS-NEXT: "written": 8192
// GROUPS:      "name": "rope"
// GROUPS-NEXT: "flops": 12288,
// GROUPS:      "floor": {
// GROUPS-NEXT: "read": 8448,
// GROUPS-NEXT: "written": 8192
//
// 2048 tokens: activations times 2048, weights and K, V as they are.
// PREFILL: projection,1,{{[^,]*,[^,]*}},contraction,2048x4096x4096,1,68719476736,0,0,50331648,16777216,
// PREFILL: attention,1,{{[^,]*,[^,]*}},contraction,32x2048x2048x128,1,34359738368,0,0,33554432,268435456,
// PREFILL: attention,2,{{[^,]*,[^,]*}},softmax,32x2048x2048,1,671088640,134217728,0,268435456,268435456,
// PREFILL: attention,4,{{[^,]*,[^,]*}},contraction,32x2048x128x2048,1,34359738368,0,0,285212672,16777216,
// PREFILL: gate,1,{{[^,]*,[^,]*}},contraction,2048x11008x4096,1,184683593728,0,0,106954752,45088768,

#all = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>
#column = affine_map<(t, d) -> (d)>
#half = affine_map<(h, t, d) -> (h, t, d)>
#angles = affine_map<(h, t, d) -> (t, d)>
// scores[h, t, s] = sum over d of q[h, t, d] * k[h, s, d]
#qk_q = affine_map<(h, t, s, d) -> (h, t, d)>
#qk_k = affine_map<(h, t, s, d) -> (h, s, d)>
#qk_p = affine_map<(h, t, s, d) -> (h, t, s)>
// context[h, t, d] = sum over s of p[h, t, s] * v[h, s, d]
#pv_p = affine_map<(h, t, d, s) -> (h, t, s)>
#pv_v = affine_map<(h, t, d, s) -> (h, s, d)>
#pv_o = affine_map<(h, t, d, s) -> (h, t, d)>

func.func @projection(%x: tensor<?x4096xf16>, %w: tensor<4096x4096xf16>) -> tensor<?x4096xf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f16
  %tokens = tensor.dim %x, %c0 : tensor<?x4096xf16>
  %empty = tensor.empty(%tokens) : tensor<?x4096xf16>
  %init = linalg.fill ins(%zero : f16) outs(%empty : tensor<?x4096xf16>) -> tensor<?x4096xf16>
  %r = linalg.matmul ins(%x, %w : tensor<?x4096xf16>, tensor<4096x4096xf16>)
                     outs(%init : tensor<?x4096xf16>) -> tensor<?x4096xf16>
  return %r : tensor<?x4096xf16>
}

func.func @scores(%a: tensor<32x?x128xf16>, %b: tensor<32x2048x128xf16>) -> tensor<32x?x2048xf16> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f16
  %tokens = tensor.dim %a, %c1 : tensor<32x?x128xf16>
  %empty = tensor.empty(%tokens) : tensor<32x?x2048xf16>
  %init = linalg.fill ins(%zero : f16) outs(%empty : tensor<32x?x2048xf16>) -> tensor<32x?x2048xf16>
  %r = linalg.contract indexing_maps = [#qk_q, #qk_k, #qk_p]
      ins(%a, %b : tensor<32x?x128xf16>, tensor<32x2048x128xf16>) outs(%init : tensor<32x?x2048xf16>) -> tensor<32x?x2048xf16>
  return %r : tensor<32x?x2048xf16>
}

func.func @softmax(%x: tensor<32x?x2048xf16>) -> tensor<32x?x2048xf16> {
  %c1 = arith.constant 1 : index
  %tokens = tensor.dim %x, %c1 : tensor<32x?x2048xf16>
  %empty = tensor.empty(%tokens) : tensor<32x?x2048xf16>
  %r = linalg.softmax dimension(2) ins(%x : tensor<32x?x2048xf16>) outs(%empty : tensor<32x?x2048xf16>) -> tensor<32x?x2048xf16>
  return %r : tensor<32x?x2048xf16>
}

func.func @context(%a: tensor<32x?x2048xf16>, %b: tensor<32x2048x128xf16>) -> tensor<32x?x128xf16> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f16
  %tokens = tensor.dim %a, %c1 : tensor<32x?x2048xf16>
  %empty = tensor.empty(%tokens) : tensor<32x?x128xf16>
  %init = linalg.fill ins(%zero : f16) outs(%empty : tensor<32x?x128xf16>) -> tensor<32x?x128xf16>
  %r = linalg.contract indexing_maps = [#pv_p, #pv_v, #pv_o]
      ins(%a, %b : tensor<32x?x2048xf16>, tensor<32x2048x128xf16>) outs(%init : tensor<32x?x128xf16>) -> tensor<32x?x128xf16>
  return %r : tensor<32x?x128xf16>
}

// As a unit it reads q, K and V and writes the context: the floor.
func.func @attention(%q: tensor<32x?x128xf16>, %k: tensor<32x2048x128xf16>, %v: tensor<32x2048x128xf16>) -> tensor<32x?x128xf16> {
  %s = call @scores(%q, %k) : (tensor<32x?x128xf16>, tensor<32x2048x128xf16>) -> tensor<32x?x2048xf16>
  %p = call @softmax(%s) : (tensor<32x?x2048xf16>) -> tensor<32x?x2048xf16>
  %o = call @context(%p, %v) : (tensor<32x?x2048xf16>, tensor<32x2048x128xf16>) -> tensor<32x?x128xf16>
  return %o : tensor<32x?x128xf16>
}

func.func @add(%x: tensor<?x4096xf16>, %y: tensor<?x4096xf16>) -> tensor<?x4096xf16> {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x4096xf16>
  %empty = tensor.empty(%tokens) : tensor<?x4096xf16>
  %r = linalg.add ins(%x, %y : tensor<?x4096xf16>, tensor<?x4096xf16>) outs(%empty : tensor<?x4096xf16>) -> tensor<?x4096xf16>
  return %r : tensor<?x4096xf16>
}

func.func @gate(%x: tensor<?x4096xf16>, %w: tensor<4096x11008xf16>) -> tensor<?x11008xf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f16
  %tokens = tensor.dim %x, %c0 : tensor<?x4096xf16>
  %empty = tensor.empty(%tokens) : tensor<?x11008xf16>
  %init = linalg.fill ins(%zero : f16) outs(%empty : tensor<?x11008xf16>) -> tensor<?x11008xf16>
  %r = linalg.matmul ins(%x, %w : tensor<?x4096xf16>, tensor<4096x11008xf16>)
                     outs(%init : tensor<?x11008xf16>) -> tensor<?x11008xf16>
  return %r : tensor<?x11008xf16>
}

// silu(g) * u = g / (1 + exp(-g)) * u
func.func @silu_mul(%g: tensor<?x11008xf16>, %u: tensor<?x11008xf16>) -> tensor<?x11008xf16> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f16
  %tokens = tensor.dim %g, %c0 : tensor<?x11008xf16>
  %empty = tensor.empty(%tokens) : tensor<?x11008xf16>
  %r = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%g, %u : tensor<?x11008xf16>, tensor<?x11008xf16>) outs(%empty : tensor<?x11008xf16>) {
  ^bb0(%gate: f16, %up: f16, %out: f16):
    %negated = arith.negf %gate : f16
    %power = math.exp %negated : f16
    %divisor = arith.addf %one, %power : f16
    %silu = arith.divf %gate, %divisor : f16
    %product = arith.mulf %silu, %up : f16
    linalg.yield %product : f16
  } -> tensor<?x11008xf16>
  return %r : tensor<?x11008xf16>
}

func.func @down(%x: tensor<?x11008xf16>, %w: tensor<11008x4096xf16>) -> tensor<?x4096xf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f16
  %tokens = tensor.dim %x, %c0 : tensor<?x11008xf16>
  %empty = tensor.empty(%tokens) : tensor<?x4096xf16>
  %init = linalg.fill ins(%zero : f16) outs(%empty : tensor<?x4096xf16>) -> tensor<?x4096xf16>
  %r = linalg.matmul ins(%x, %w : tensor<?x11008xf16>, tensor<11008x4096xf16>)
                     outs(%init : tensor<?x4096xf16>) -> tensor<?x4096xf16>
  return %r : tensor<?x4096xf16>
}

// Square, sum; divide, add epsilon, rsqrt per row; two products per element.
func.func @rmsnorm(%x: tensor<?x4096xf16>, %weight: tensor<4096xf16>) -> tensor<?x4096xf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %width = arith.constant 4096.0 : f32
  %epsilon = arith.constant 1.0e-5 : f32
  %tokens = tensor.dim %x, %c0 : tensor<?x4096xf16>
  %empty_sum = tensor.empty(%tokens) : tensor<?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty_sum : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x4096xf16>) outs(%init : tensor<?xf32>) {
  ^bb0(%value: f16, %partial: f32):
    %wide = arith.extf %value : f16 to f32
    %square = arith.mulf %wide, %wide : f32
    %total = arith.addf %partial, %square : f32
    linalg.yield %total : f32
  } -> tensor<?xf32>
  %factor = linalg.generic {indexing_maps = [affine_map<(t) -> (t)>], iterator_types = ["parallel"]}
      outs(%sum : tensor<?xf32>) {
  ^bb0(%total: f32):
    %mean = arith.divf %total, %width : f32
    %positive = arith.addf %mean, %epsilon : f32
    %root = math.rsqrt %positive : f32
    linalg.yield %root : f32
  } -> tensor<?xf32>
  %empty = tensor.empty(%tokens) : tensor<?x4096xf16>
  %r = linalg.generic {indexing_maps = [#all, #row, #column, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %factor, %weight : tensor<?x4096xf16>, tensor<?xf32>, tensor<4096xf16>) outs(%empty : tensor<?x4096xf16>) {
  ^bb0(%value: f16, %scale: f32, %w: f16, %out: f16):
    %wide = arith.extf %value : f16 to f32
    %scaled = arith.mulf %wide, %scale : f32
    %narrow = arith.truncf %scaled : f32 to f16
    %weighted = arith.mulf %narrow, %w : f16
    linalg.yield %weighted : f16
  } -> tensor<?x4096xf16>
  return %r : tensor<?x4096xf16>
}

// Queries or keys, first and second half of each head: two products and a sum
// per element. The tables of the angles are read as well.
func.func @rope(%x: tensor<32x?x128xf16>, %cos: tensor<?x64xf16>, %sin: tensor<?x64xf16>) -> tensor<32x?x128xf16> {
  %c1 = arith.constant 1 : index
  %tokens = tensor.dim %x, %c1 : tensor<32x?x128xf16>
  %first = tensor.extract_slice %x[0, 0, 0] [32, %tokens, 64] [1, 1, 1] : tensor<32x?x128xf16> to tensor<32x?x64xf16>
  %second = tensor.extract_slice %x[0, 0, 64] [32, %tokens, 64] [1, 1, 1] : tensor<32x?x128xf16> to tensor<32x?x64xf16>
  %empty = tensor.empty(%tokens) : tensor<32x?x128xf16>
  %low = tensor.extract_slice %empty[0, 0, 0] [32, %tokens, 64] [1, 1, 1] : tensor<32x?x128xf16> to tensor<32x?x64xf16>
  %high = tensor.extract_slice %empty[0, 0, 64] [32, %tokens, 64] [1, 1, 1] : tensor<32x?x128xf16> to tensor<32x?x64xf16>
  %rotated:2 = linalg.generic {indexing_maps = [#half, #half, #angles, #angles, #half, #half], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%first, %second, %cos, %sin : tensor<32x?x64xf16>, tensor<32x?x64xf16>, tensor<?x64xf16>, tensor<?x64xf16>)
      outs(%low, %high : tensor<32x?x64xf16>, tensor<32x?x64xf16>) {
  ^bb0(%a: f16, %b: f16, %c: f16, %s: f16, %out_low: f16, %out_high: f16):
    %ac = arith.mulf %a, %c : f16
    %bs = arith.mulf %b, %s : f16
    %l = arith.subf %ac, %bs : f16
    %bc = arith.mulf %b, %c : f16
    %as = arith.mulf %a, %s : f16
    %h = arith.addf %bc, %as : f16
    linalg.yield %l, %h : f16, f16
  } -> (tensor<32x?x64xf16>, tensor<32x?x64xf16>)
  %part = tensor.insert_slice %rotated#0 into %empty[0, 0, 0] [32, %tokens, 64] [1, 1, 1] : tensor<32x?x64xf16> into tensor<32x?x128xf16>
  %r = tensor.insert_slice %rotated#1 into %part[0, 0, 64] [32, %tokens, 64] [1, 1, 1] : tensor<32x?x64xf16> into tensor<32x?x128xf16>
  return %r : tensor<32x?x128xf16>
}
