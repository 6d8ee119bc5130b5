// RUN: memwall-opt %s --split-input-file --verify-diagnostics --memwall-check-budget="target=h100-sxm"

// 16384 bytes read and 16384 written: a budget of just that is kept, as an
// integer and as a float, on the function and on the operation.
func.func @kept(%x: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {memwall.max_bytes = {hbm3 = 32768}} {
  %0 = math.exp %x {memwall.max_bytes = {hbm3 = 3.2768e4}} : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// -----

// expected-error@+1 {{'func.func' op moves 32768 bytes at hbm3 of h100-sxm, expected at most 32767}}
func.func @exceeded(%x: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {memwall.max_bytes = {hbm3 = 32767}} {
  // expected-error@+1 {{'math.exp' op moves 32768 bytes at hbm3 of h100-sxm, expected at most 0}}
  %0 = math.exp %x {memwall.max_bytes = {hbm3 = 0}} : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// -----

// A callee answers for all of its calls.
func.func @main(%x: tensor<64x64xf32>, %y: tensor<64x64xf32>)
    -> (tensor<64x64xf32>, tensor<64x64xf32>) {
  %0 = call @callee(%x) : (tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = call @callee(%y) : (tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0, %1 : tensor<64x64xf32>, tensor<64x64xf32>
}
// expected-error@+1 {{'func.func' op moves 65536 bytes at hbm3}}
func.func private @callee(%x: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {memwall.max_bytes = {hbm3 = 40000}} {
  %0 = math.exp %x : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// -----

// Levels of other shipped targets are skipped; levels of none are mistakes.
// expected-error@+1 {{no target has a level 'hbn3'; did you mean 'hbm3'?}}
func.func @levels(%x: tensor<4xf32>) -> tensor<4xf32>
    attributes {memwall.max_bytes = {ddr5 = 0, hbn3 = 12}} {
  %0 = math.exp %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// What is not modelled may move anything.
func.func private @opaque(tensor<4xf32>) -> tensor<4xf32>
// expected-warning@+2 {{@unknown: 1 op is not modelled, only 16 B of operands and results are counted: func.call @opaque}}
// expected-error@+1 {{'func.func' op moves an unknown number of bytes at hbm3, expected at most 1000000000: 'func.call @opaque'}}
func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32>
    attributes {memwall.max_bytes = {hbm3 = 1.0e9}} {
  %0 = call @opaque(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @views(%x: tensor<4x4xf32>) -> tensor<16xf32> {
  // expected-error@+1 {{'tensor.collapse_shape' op has a budget of hbm3, but is no operation that memwall counts}}
  %0 = tensor.collapse_shape %x [[0, 1]] {memwall.max_bytes = {hbm3 = 1}} : tensor<4x4xf32> into tensor<16xf32>
  return %0 : tensor<16xf32>
}

// -----

// A function that moves nothing keeps any budget.
func.func @nothing() attributes {memwall.max_bytes = {hbm3 = 0}} { return }

// -----

// A loop answers for its body.
func.func @loop(%x: tensor<64x64xf32>, %n: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  // expected-error@+1 {{'scf.for' op moves}}
  %0 = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> tensor<64x64xf32> {
    %1 = arith.addf %a, %n : tensor<64x64xf32>
    scf.yield %1 : tensor<64x64xf32>
  } {memwall.max_bytes = {hbm3 = 1}}
  return %0 : tensor<64x64xf32>
}

// -----

// 16384 bytes in and as many out: just what has to move.
func.func @at_bound(%x: tensor<64x64xf32>) -> tensor<64x64xf32>
    attributes {memwall.max_over_bound = 1.0} {
  %0 = math.exp %x {memwall.max_over_bound = 1 : i64} : tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// -----

// Columns of one f32 from rows of 128 bytes: every sector of 32 bytes for 4. The
// result takes the place of the column, so sectors are read and written: 2 *
// 4096 * 32 bytes, of which 2 * 4096 * 4 have to move.
// expected-error@+1 {{'func.func' op moves 262144 bytes at hbm3 of h100-sxm, 8.00 times the minimum of 32768, expected at most 7.99 times; %arg0 is fetched 8.00 times}}
func.func @column(%x: tensor<4096x32xf32>) -> tensor<4096x1xf32>
    attributes {memwall.max_over_bound = 7.99} {
  %s = tensor.extract_slice %x[0, 0] [4096, 1] [1, 1] : tensor<4096x32xf32> to tensor<4096x1xf32>
  // expected-error@+1 {{'math.exp' op moves 262144 bytes at hbm3 of h100-sxm, 8.00 times the minimum of 32768, expected at most 1.00 times}}
  %0 = math.exp %s {memwall.max_over_bound = 1.0} : tensor<4096x1xf32>
  return %0 : tensor<4096x1xf32>
}

// -----

// By step: the first is kept, the second is not, and no third is there. What
// the star stands for goes last.
// expected-error@+3 {{in step 'gate_proj' moves 262144 bytes at hbm3 of h100-sxm, 8.00 times the minimum of 32768, expected at most 2.00 times; farthest from its minimum is 'math.exp'}}
// expected-error@+2 {{has a budget that is never checked: no operation is of the step 'down_proj'}}
// expected-error@+1 {{has a budget that is never checked: no operation is of the step '*_norm'}}
func.func @steps(%x: tensor<4096x32xf32>, %y: tensor<64x64xf32>) -> (tensor<4096x1xf32>, tensor<64x64xf32>)
    attributes {memwall.max_over_bound = {"*_proj" = 2, "q_proj" = 1.0, down_proj = 1.0, "*_norm" = 1.0}} {
  %s = tensor.extract_slice %x[0, 0] [4096, 1] [1, 1] : tensor<4096x32xf32> to tensor<4096x1xf32>
  %0 = math.exp %s {memwall.step = "gate_proj"} : tensor<4096x1xf32>
  %1 = math.exp %y {memwall.step = "q_proj"} : tensor<64x64xf32>
  return %0, %1 : tensor<4096x1xf32>, tensor<64x64xf32>
}

// -----

// Of several operations the one that is farthest from its minimum is named.
// expected-error@+1 {{'func.func' op moves 294912 bytes at hbm3 of h100-sxm, expected at most 100000; farthest from its minimum is 'math.sin'}}
func.func @blame(%x: tensor<4096x32xf32>, %y: tensor<64x64xf32>) -> (tensor<4096x1xf32>, tensor<64x64xf32>)
    attributes {memwall.max_bytes = {hbm3 = 100000}} {
  %s = tensor.extract_slice %x[0, 0] [4096, 1] [1, 1] : tensor<4096x32xf32> to tensor<4096x1xf32>
  %0 = math.exp %y : tensor<64x64xf32>
  %1 = math.sin %s : tensor<4096x1xf32>
  return %1, %0 : tensor<4096x1xf32>, tensor<64x64xf32>
}
