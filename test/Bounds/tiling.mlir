// RUN: memwall-opt %s --memwall-report="targets=one-cache target-file=%S/Inputs/one-cache.mlir format=csv" | FileCheck %s

// Tile loops fold away: bounds of the matmul are those of the untiled one, at
// two levels of tiles that do not divide it. By hand, C = AB with f32 and
// S = 4096 + 16 (the four words of one iteration may be in registers):
// 2 * 100 * 70 * 90 * sqrt(64 / 4112) = 157194.

#min32 = affine_map<(d0) -> (-d0 + 100, 32)>
#min24 = affine_map<(d0) -> (-d0 + 90, 24)>
#min5 = affine_map<(d0)[s0] -> (-d0 + s0, 5)>

// CHECK: plain,1,linalg.matmul,{{.*}},61200,28000,one-cache,dram,{{[0-9]+,[0-9]+}},157194,contraction,
func.func @plain(%a: tensor<100x90xf32>, %b: tensor<90x70xf32>)
    -> tensor<100x70xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<100x70xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<100x70xf32>)
      -> tensor<100x70xf32>
  %c = linalg.matmul
      ins(%a, %b : tensor<100x90xf32>, tensor<90x70xf32>)
      outs(%init : tensor<100x70xf32>) -> tensor<100x70xf32>
  return %c : tensor<100x70xf32>
}

// CHECK: tiled,1,linalg.matmul,{{.*}},61200,28000,one-cache,dram,{{[0-9]+,[0-9]+}},157194,contraction,
func.func @tiled(%a: tensor<100x90xf32>, %b: tensor<90x70xf32>)
    -> tensor<100x70xf32> {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %c24 = arith.constant 24 : index
  %c32 = arith.constant 32 : index
  %c90 = arith.constant 90 : index
  %c100 = arith.constant 100 : index
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<100x70xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<100x70xf32>)
      -> tensor<100x70xf32>
  %r = scf.for %i = %c0 to %c100 step %c32
      iter_args(%ci = %init) -> tensor<100x70xf32> {
    %rk = scf.for %k = %c0 to %c90 step %c24
        iter_args(%ck = %ci) -> tensor<100x70xf32> {
      %mi = affine.min #min32(%i)
      %mk = affine.min #min24(%k)
      %ta = tensor.extract_slice %a[%i, %k] [%mi, %mk] [1, 1]
          : tensor<100x90xf32> to tensor<?x?xf32>
      %tb = tensor.extract_slice %b[%k, 0] [%mk, 70] [1, 1]
          : tensor<90x70xf32> to tensor<?x70xf32>
      %tc = tensor.extract_slice %ck[%i, 0] [%mi, 70] [1, 1]
          : tensor<100x70xf32> to tensor<?x70xf32>
      %rj = scf.for %j = %c0 to %mi step %c5
          iter_args(%cj = %tc) -> tensor<?x70xf32> {
        %mj = affine.min #min5(%j)[%mi]
        %sa = tensor.extract_slice %ta[%j, 0] [%mj, %mk] [1, 1]
            : tensor<?x?xf32> to tensor<?x?xf32>
        %sc = tensor.extract_slice %cj[%j, 0] [%mj, 70] [1, 1]
            : tensor<?x70xf32> to tensor<?x70xf32>
        %p = linalg.matmul ins(%sa, %tb : tensor<?x?xf32>, tensor<?x70xf32>)
            outs(%sc : tensor<?x70xf32>) -> tensor<?x70xf32>
        %ij = tensor.insert_slice %p into %cj[%j, 0] [%mj, 70] [1, 1]
            : tensor<?x70xf32> into tensor<?x70xf32>
        scf.yield %ij : tensor<?x70xf32>
      }
      %ii = tensor.insert_slice %rj into %ck[%i, 0] [%mi, 70] [1, 1]
          : tensor<?x70xf32> into tensor<100x70xf32>
      scf.yield %ii : tensor<100x70xf32>
    }
    scf.yield %rk : tensor<100x70xf32>
  }
  return %r : tensor<100x70xf32>
}
