// RUN: memwall-opt %s --split-input-file --memwall-report | FileCheck %s

// CHECK: no function with a body
func.func private @declaration(tensor<4xf32>)

// -----

// CHECK: @empty
// CHECK: 0 FLOP; 0 operations
// CHECK: 0 B have to fit in memory
// CHECK: minimum of the program 0 B read + 0 B written
func.func @empty() { return }
