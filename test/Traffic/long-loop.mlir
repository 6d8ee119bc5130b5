// RUN: split-file %s %t
// RUN: memwall-opt %t/fits.mlir --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s
// RUN: not memwall-opt %t/bytes.mlir --memwall-report="targets=ddr5-2ch" 2>&1 | FileCheck %s --check-prefix=BYTES
// RUN: not memwall-opt %t/sum.mlir --memwall-report="targets=ddr5-2ch" 2>&1 | FileCheck %s --check-prefix=SUM

// One element, read 2^59 times by the op and as often by the copy of the yield:
// nothing is walked iteration by iteration, and 2^59 times 4 bytes fit 63 bits.
// CHECK: "executions": 576460752303423488
// CHECK: "name": "l1"
// CHECK: "read": 2305843009213693952
// CHECK: "name": "ddr5"
//--- fits.mlir
func.func @f(%a: tensor<1xf32>) -> tensor<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 576460752303423488 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<1xf32> {
    %y = math.exp %x : tensor<1xf32>
    scf.yield %y : tensor<1xf32>
  }
  return %r : tensor<1xf32>
}

// 2^62 times 4 bytes do not.
// BYTES: bytes.mlir:6:10: error: 'math.exp' op has more bytes at l1 of ddr5-2ch than fit 64 bits
//--- bytes.mlir
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

// Each op fits; three of them together do not.
// SUM: sum.mlir:1:1: error: 'func.func' op has more bytes at l1 of ddr5-2ch than fit 64 bits
//--- sum.mlir
func.func @f(%a: tensor<1xf32>) -> tensor<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 576460752303423488 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<1xf32> {
    %y = math.exp %x : tensor<1xf32>
    %z = math.exp %y : tensor<1xf32>
    %w = math.exp %z : tensor<1xf32>
    scf.yield %w : tensor<1xf32>
  }
  return %r : tensor<1xf32>
}
