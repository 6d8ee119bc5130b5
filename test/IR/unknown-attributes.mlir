// RUN: memwall-opt %s -split-input-file -verify-diagnostics
// Nothing of a function is printed: those of models are long.
// RUN: not memwall-opt %s -split-input-file 2>&1 | FileCheck %s --implicit-check-not="see current" --implicit-check-not="func.func private"
// CHECK: :{{[0-9]+}}:0: error: 'func.func' op has an unknown attribute

// expected-error @+1 {{has an unknown attribute 'memwall.max_byte'; did you mean 'memwall.max_bytes'?}}
func.func private @budget() attributes {memwall.max_byte = {hbm3 = 12}}

// -----

// expected-error @+1 {{has an unknown attribute 'memwall.roll'; did you mean 'memwall.role'?}}
func.func private @argument(tensor<4xf32> {memwall.roll = "weight"})

// -----

// expected-error @+1 {{has an unknown attribute 'memwall.rle'; did you mean 'memwall.role'?}}
func.func private @result() -> (tensor<4xf32> {memwall.rle = "output"})

// -----

func.func @operation() {
  // expected-error @+1 {{'arith.constant' op has an unknown attribute 'memwall.something_of_mine'}}
  %0 = arith.constant {memwall.something_of_mine} 0 : i32
  return
}
