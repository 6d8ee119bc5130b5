// The contractions of a BERT-Base encoder, 128 tokens: hidden 768, 12 heads of
// 64, feed forward 3072; 8-bit operands and results, one function per group and
// layer.
//
// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=json" | %python %S/Inputs/sum_bert.py | FileCheck %s
//
// Kim et al. 2023 (arXiv 2302.14017), Table 3, 12 layers: every operand once, a
// dot product of K terms is 2K operations in the projections and 2K - 1 in the
// products of two activations.
// CHECK: projections 7.25 192.00
// CHECK: activations 0.60 63.62
// CHECK: feed_forward 14.50 211.86

#qk_q = affine_map<(h, i, j, d) -> (h, i, d)>
#qk_k = affine_map<(h, i, j, d) -> (h, j, d)>
#qk_p = affine_map<(h, i, j, d) -> (h, i, j)>

func.func @projections(%x: tensor<128x768xi8>, %q: tensor<768x768xi8>, %k: tensor<768x768xi8>, %v: tensor<768x768xi8>, %o: tensor<768x768xi8>)
    -> (tensor<128x768xi8>, tensor<128x768xi8>, tensor<128x768xi8>, tensor<128x768xi8>) {
  %zero = arith.constant dense<0> : tensor<128x768xi8>
  %0 = linalg.matmul ins(%x, %q : tensor<128x768xi8>, tensor<768x768xi8>) outs(%zero : tensor<128x768xi8>) -> tensor<128x768xi8>
  %1 = linalg.matmul ins(%x, %k : tensor<128x768xi8>, tensor<768x768xi8>) outs(%zero : tensor<128x768xi8>) -> tensor<128x768xi8>
  %2 = linalg.matmul ins(%x, %v : tensor<128x768xi8>, tensor<768x768xi8>) outs(%zero : tensor<128x768xi8>) -> tensor<128x768xi8>
  %3 = linalg.matmul ins(%2, %o : tensor<128x768xi8>, tensor<768x768xi8>) outs(%zero : tensor<128x768xi8>) -> tensor<128x768xi8>
  return %0, %1, %2, %3 : tensor<128x768xi8>, tensor<128x768xi8>, tensor<128x768xi8>, tensor<128x768xi8>
}

func.func @activations(%q: tensor<12x128x64xi8>, %k: tensor<12x128x64xi8>, %v: tensor<12x128x64xi8>) -> tensor<12x128x64xi8> {
  %zero_p = arith.constant dense<0> : tensor<12x128x128xi8>
  %zero_o = arith.constant dense<0> : tensor<12x128x64xi8>
  %p = linalg.contract indexing_maps = [#qk_q, #qk_k, #qk_p]
      ins(%q, %k : tensor<12x128x64xi8>, tensor<12x128x64xi8>) outs(%zero_p : tensor<12x128x128xi8>) -> tensor<12x128x128xi8>
  %o = linalg.batch_matmul ins(%p, %v : tensor<12x128x128xi8>, tensor<12x128x64xi8>)
      outs(%zero_o : tensor<12x128x64xi8>) -> tensor<12x128x64xi8>
  return %o : tensor<12x128x64xi8>
}

func.func @feed_forward(%x: tensor<128x768xi8>, %up: tensor<768x3072xi8>, %down: tensor<3072x768xi8>) -> tensor<128x768xi8> {
  %zero_u = arith.constant dense<0> : tensor<128x3072xi8>
  %zero_d = arith.constant dense<0> : tensor<128x768xi8>
  %u = linalg.matmul ins(%x, %up : tensor<128x768xi8>, tensor<768x3072xi8>) outs(%zero_u : tensor<128x3072xi8>) -> tensor<128x3072xi8>
  %d = linalg.matmul ins(%u, %down : tensor<128x3072xi8>, tensor<3072x768xi8>) outs(%zero_d : tensor<128x768xi8>) -> tensor<128x768xi8>
  return %d : tensor<128x768xi8>
}
