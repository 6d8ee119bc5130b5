// RUN: memwall-opt %s --split-input-file --memwall-report | FileCheck %s

// CHECK: no function with a body
func.func private @declaration(tensor<4xf32>)

// -----

// CHECK: @empty
// CHECK: 0 FLOP; 0 operations
// CHECK: floor 0 B read + 0 B written, resident 0 B
func.func @empty() { return }
