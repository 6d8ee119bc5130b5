// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s

// One element, touched 2^62 times: nothing is walked iteration by iteration.
// CHECK: "executions": 4611686018427387904
// CHECK: "name": "ddr5"
func.func @f(%a: tensor<1xf32>) -> tensor<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 4611686018427387904 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<1xf32> {
    %y = math.exp %x : tensor<1xf32>
    scf.yield %y : tensor<1xf32>
  }
  return %r : tensor<1xf32>
}
