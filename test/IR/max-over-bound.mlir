// RUN: memwall-opt %s --split-input-file --verify-diagnostics

func.func @accepted(%x: tensor<4xf32>) -> tensor<4xf32>
    attributes {memwall.max_over_bound = {q_proj = 1.2, "*_norm" = 2 : i64}} {
  %0 = math.exp %x {memwall.max_over_bound = 1.0} : tensor<4xf32>
  %1 = math.exp %0 {memwall.max_over_bound = 3 : i64} : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// expected-error @+1 {{'memwall.max_over_bound' expects a number of at least 1, or a dictionary from step to such a number, found 5.000000e-01 : f64}}
func.func @less() attributes {memwall.max_over_bound = 0.5} { return }

// -----

// expected-error @+1 {{found "twice"}}
func.func @text() attributes {memwall.max_over_bound = "twice"} { return }

// -----

// expected-error @+1 {{found 0x7FF0000000000000 : f64}}
func.func @infinite() attributes {memwall.max_over_bound = 0x7FF0000000000000 : f64} { return }

// -----

// expected-error @+1 {{'memwall.max_over_bound' expects for 'q_proj' a number of at least 1, found 0 : i64}}
func.func @step() attributes {memwall.max_over_bound = {q_proj = 0}} { return }

// -----

func.func @steps_of_an_op(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'memwall.max_over_bound' names steps, expected a function}}
  %0 = math.exp %x {memwall.max_over_bound = {q_proj = 2.0}} : tensor<4xf32>
  return %0 : tensor<4xf32>
}
