// docs/Model.md, "Tiled matmul" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=tiled | FileCheck %s --check-prefix=TILED
// Tiles of 8 x 16 x 16 are 8 lines of A, 16 of B, 8 of C, in 2 x 2 x 3 tiles.
// 4: B's line is new in every iteration, 24576. 22: A and C 12*8, B 12*16. 56: C
// stays over the tiles of k, 32.
// TILED: past4 | [[#mul(64,24768)]] [[#mul(64,24768)]] 0.0% | [[#mul(64,96)]] [[#mul(64,96)]] 0.0%
// TILED: past22 | [[#mul(64,384)]] [[#mul(64,384)]] 0.0% | [[#mul(64,96)]] [[#mul(64,96)]] 0.0%
// TILED: past56 | [[#mul(64,320)]] [[#mul(64,320)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// TILED: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @tiled(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %ci = arith.constant 16 : index
  %cj = arith.constant 32 : index
  %ck = arith.constant 48 : index
  %r = scf.for %i = %c0 to %ci step %c8 iter_args(%ri = %c) -> (tensor<16x32xf32>) {
    %rj1 = scf.for %j = %c0 to %cj step %c16 iter_args(%rj = %ri) -> (tensor<16x32xf32>) {
      %rk1 = scf.for %k = %c0 to %ck step %c16 iter_args(%rk = %rj) -> (tensor<16x32xf32>) {
        %ta = tensor.extract_slice %a[%i, %k] [8, 16] [1, 1] : tensor<16x48xf32> to tensor<8x16xf32>
        %tb = tensor.extract_slice %b[%k, %j] [16, 16] [1, 1] : tensor<48x32xf32> to tensor<16x16xf32>
        %tc = tensor.extract_slice %rk[%i, %j] [8, 16] [1, 1] : tensor<16x32xf32> to tensor<8x16xf32>
        %t = linalg.matmul ins(%ta, %tb : tensor<8x16xf32>, tensor<16x16xf32>)
            outs(%tc : tensor<8x16xf32>) -> tensor<8x16xf32>
        %s = tensor.insert_slice %t into %rk[%i, %j] [8, 16] [1, 1] : tensor<8x16xf32> into tensor<16x32xf32>
        scf.yield %s : tensor<16x32xf32>
      }
      scf.yield %rk1 : tensor<16x32xf32>
    }
    scf.yield %rj1 : tensor<16x32xf32>
  }
  return %r : tensor<16x32xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=partial | FileCheck %s --check-prefix=PARTIAL
// 12 rows: a full tile and half of one. A 2*36, B 2*96 (4: 12*32*48), C 3*24
// where it does not stay, else 24.
// PARTIAL: past4 | [[#mul(64,18576)]] [[#mul(64,18576)]] 0.0% | [[#mul(64,72)]] [[#mul(64,72)]] 0.0%
// PARTIAL: past22 | [[#mul(64,336)]] [[#mul(64,336)]] 0.0% | [[#mul(64,72)]] [[#mul(64,72)]] 0.0%
// PARTIAL: past56 | [[#mul(64,288)]] [[#mul(64,288)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
// PARTIAL: past320 | [[#mul(64,156)]] [[#mul(64,156)]] 0.0% | [[#mul(64,24)]] [[#mul(64,24)]] 0.0%
func.func @partial(%a: tensor<12x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<12x32xf32>) -> tensor<12x32xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %ci = arith.constant 12 : index
  %cj = arith.constant 32 : index
  %ck = arith.constant 48 : index
  %r = scf.for %i = %c0 to %ci step %c8 iter_args(%ri = %c) -> (tensor<12x32xf32>) {
    %m = affine.min affine_map<(i) -> (8, 12 - i)>(%i)
    %rj1 = scf.for %j = %c0 to %cj step %c16 iter_args(%rj = %ri) -> (tensor<12x32xf32>) {
      %rk1 = scf.for %k = %c0 to %ck step %c16 iter_args(%rk = %rj) -> (tensor<12x32xf32>) {
        %ta = tensor.extract_slice %a[%i, %k] [%m, 16] [1, 1] : tensor<12x48xf32> to tensor<?x16xf32>
        %tb = tensor.extract_slice %b[%k, %j] [16, 16] [1, 1] : tensor<48x32xf32> to tensor<16x16xf32>
        %tc = tensor.extract_slice %rk[%i, %j] [%m, 16] [1, 1] : tensor<12x32xf32> to tensor<?x16xf32>
        %t = linalg.matmul ins(%ta, %tb : tensor<?x16xf32>, tensor<16x16xf32>)
            outs(%tc : tensor<?x16xf32>) -> tensor<?x16xf32>
        %s = tensor.insert_slice %t into %rk[%i, %j] [%m, 16] [1, 1] : tensor<?x16xf32> into tensor<12x32xf32>
        scf.yield %s : tensor<12x32xf32>
      }
      scf.yield %rk1 : tensor<12x32xf32>
    }
    scf.yield %rj1 : tensor<12x32xf32>
  }
  return %r : tensor<12x32xf32>
}
