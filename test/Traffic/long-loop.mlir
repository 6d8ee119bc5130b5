// RUN: split-file %s %t
// RUN: memwall-opt %t/fits.mlir --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s
// RUN: memwall-opt %t/bytes.mlir --memwall-report="targets=ddr5-2ch levels=all columns=140" 2>&1 | FileCheck %s --check-prefix=BYTES
// RUN: memwall-opt %t/sum.mlir --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s --check-prefix=SUM
// RUN: memwall-opt %t/sum.mlir --memwall-report="targets=ddr5-2ch levels=all format=csv" | FileCheck %s --check-prefix=CSV
// RUN: memwall-opt %t/sum.mlir --memwall-report="targets=ddr5-2ch format=md" | FileCheck %s --check-prefix=MD
// RUN: memwall-opt %t/sum.mlir --memwall-annotate="target=ddr5-2ch" | FileCheck %s --check-prefix=ANNOTATE
// RUN: memwall-opt %t/still.mlir --memwall-report="targets=h100-sxm,mi300x levels=all format=csv" | FileCheck %s --check-prefix=STILL

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

// 2^62 times 4 bytes do not: l1 is marked, and the other levels have figures,
// the line of %a, whose place the result takes.
// BYTES: bytes.mlir:1:0: warning: @f: more bytes than fit 64 bits at l1 of ddr5-2ch; they are left out of the report
// BYTES-NOT: func.func
// BYTES: warning: more bytes than fit 64 bits at l1 of ddr5-2ch
// BYTES: bytes at l1
// BYTES-NEXT: as the program stands > 9.22 EB read + > 9.22 EB written
// BYTES: bytes at ddr5
// BYTES-NEXT: as the program stands 64 B read + 64 B written
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

// Each op fits with 2^61 bytes; four of them together do not.
// SUM: "warnings": [
// SUM-NEXT: "more bytes than fit 64 bits at l1 of ddr5-2ch"
// SUM: "ops": [
// SUM: "read": 2305843009213693952
// SUM: "index": 3
// SUM: "targets": [
// SUM: "read": null
// SUM-NEXT: "written": null
// SUM: "name": "l2"
// SUM-NEXT: "scheduled": {
// SUM-NEXT: "read": {{[0-9]}}
// CSV: ddr5-2ch,l1,2305843009213693952,2305843009213693952
// MD: **Warning**: more bytes than fit 64 bits at l1 of ddr5-2ch
// ANNOTATE: memwall.scheduled = {ddr5 = {read = 64 : i64, written = 64 : i64}, l1 = {}, l2 = {read
//--- sum.mlir
func.func @f(%a: tensor<1xf32>) -> tensor<1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 576460752303423488 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<1xf32> {
    %y = math.exp %x : tensor<1xf32>
    %z = math.exp %y : tensor<1xf32>
    %w = math.exp %z : tensor<1xf32>
    %v = math.exp %w : tensor<1xf32>
    scf.yield %v : tensor<1xf32>
  }
  return %r : tensor<1xf32>
}

// 10^11 stores to one place in a row are one store for a cache whose stores
// fill sectors: 16 elements are read, 112 written, whatever the middle loop
// takes.
// STILL: h100-sxm,hbm3,64,448,
// STILL: mi300x,hbm3,64,448,
//--- still.mlir
func.func @f(%b: tensor<16xf32>) -> tensor<16x7xf32> {
  %v = tensor.empty() : tensor<100000000000xf32>
  %c = tensor.empty() : tensor<16x7xf32>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0)>,
                       affine_map<(d0, d1, d2) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%v, %b : tensor<100000000000xf32>, tensor<16xf32>) outs(%c : tensor<16x7xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
    linalg.yield %y : f32
  } -> tensor<16x7xf32>
  return %0 : tensor<16x7xf32>
}
