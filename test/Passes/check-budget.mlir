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
