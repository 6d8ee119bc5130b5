// docs/Model.md, "Layernorm" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

#all = affine_map<(r, c) -> (r, c)>
#row = affine_map<(r, c) -> (r)>

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=layernorm | FileCheck %s --check-prefix=WHOLE
// Sum, variance, normalise: x three times, the result, two vectors of 1 line.
// WHOLE: past4 | [[#mul(64,130)]] [[#mul(64,130)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// WHOLE: past22 | [[#mul(64,130)]] [[#mul(64,130)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// WHOLE: past80 | [[#mul(64,66)]] [[#mul(64,66)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// WHOLE: past320 | [[#mul(64,66)]] [[#mul(64,66)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @layernorm(%x: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row],
                         iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<8x64xf32>) outs(%f : tensor<8xf32>) {
  ^bb0(%v: f32, %acc: f32):
    %0 = arith.addf %acc, %v : f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  %e2 = tensor.empty() : tensor<8xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<8xf32>) -> tensor<8xf32>
  %var = linalg.generic {indexing_maps = [#all, #row, #row],
                         iterator_types = ["parallel", "reduction"]}
      ins(%x, %sum : tensor<8x64xf32>, tensor<8xf32>) outs(%f2 : tensor<8xf32>) {
  ^bb0(%v: f32, %s: f32, %acc: f32):
    %mean = arith.divf %s, %n : f32
    %d = arith.subf %v, %mean : f32
    %q = arith.mulf %d, %d : f32
    %0 = arith.addf %acc, %q : f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  %e3 = tensor.empty() : tensor<8x64xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #row, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %var : tensor<8x64xf32>, tensor<8xf32>, tensor<8xf32>)
      outs(%e3 : tensor<8x64xf32>) {
  ^bb0(%v: f32, %s: f32, %q: f32, %out: f32):
    %mean = arith.divf %s, %n : f32
    %d = arith.subf %v, %mean : f32
    %w = arith.divf %q, %n : f32
    %r = math.rsqrt %w : f32
    %0 = arith.mulf %d, %r : f32
    linalg.yield %0 : f32
  } -> tensor<8x64xf32>
  return %y : tensor<8x64xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=by_rows | FileCheck %s --check-prefix=ROWS
// Row by row (x less its mean), a row of 4 lines is still there for the second
// pass in 22 lines: x and the result once, and 1 line for the sum.
// ROWS: past4 | [[#mul(64,97)]] [[#mul(64,97)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// ROWS: past22 | [[#mul(64,65)]] [[#mul(64,65)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// ROWS: past320 | [[#mul(64,65)]] [[#mul(64,65)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @by_rows(%x: tensor<8x64xf32>, %y: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %y) -> (tensor<8x64xf32>) {
    %in = tensor.extract_slice %x[%i, 0] [1, 64] [1, 1] : tensor<8x64xf32> to tensor<1x64xf32>
    %out = tensor.extract_slice %acc[%i, 0] [1, 64] [1, 1] : tensor<8x64xf32> to tensor<1x64xf32>
    %t = func.call @row(%in, %out) : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
    %s = tensor.insert_slice %t into %acc[%i, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<8x64xf32>
    scf.yield %s : tensor<8x64xf32>
  }
  return %r : tensor<8x64xf32>
}
func.func private @row(%x: tensor<1x64xf32>, %y: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 64.0 : f32
  %e = tensor.empty() : tensor<1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1xf32>) -> tensor<1xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row],
                         iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<1x64xf32>) outs(%f : tensor<1xf32>) {
  ^bb0(%v: f32, %acc: f32):
    %0 = arith.addf %acc, %v : f32
    linalg.yield %0 : f32
  } -> tensor<1xf32>
  %r = linalg.generic {indexing_maps = [#all, #row, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum : tensor<1x64xf32>, tensor<1xf32>)
      outs(%y : tensor<1x64xf32>) {
  ^bb0(%v: f32, %s: f32, %out: f32):
    %mean = arith.divf %s, %n : f32
    %d = arith.subf %v, %mean : f32
    linalg.yield %d : f32
  } -> tensor<1x64xf32>
  return %r : tensor<1x64xf32>
}
