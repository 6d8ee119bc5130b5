// Gathers and scatters have no lowering upstream; they run as loop nests.
// Caches hold it all: every line is fetched once.

// RUN: memwall-run %s --entry=gather --simulate=ddr5-2ch | FileCheck %s --check-prefix=GATHER
// Per element: a row number (8 bytes), an element read and one written.
// l1: 4*64*(8+4) = 3072 read, 4*64*4 = 1024 written.
// Below: 4 rows of 256 bytes, the line of the numbers, and the result, which
// the stores fetch: 1024 + 64 + 1024.
// GATHER: l1 {{ *}}| {{ *}}3072 {{ *}}3072 {{.*}}| {{ *}}1024 {{ *}}1024
// GATHER: ddr5 {{ *}}| {{ *}}2112 {{.*}} 2112 {{.*}}| {{ *}}1024 {{ *}}1024
// GATHER: 768 accesses
func.func @gather(%table: tensor<100x64xf32>, %rows: tensor<4x1xi64>) -> tensor<4x64xf32> {
  %r = tensor.gather %table[%rows] gather_dims([0]) : (tensor<100x64xf32>, tensor<4x1xi64>) -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}

// RUN: memwall-run %s --entry=scatter --simulate=ddr5-2ch --format=json | FileCheck %s --check-prefix=SCATTER
// Per element: it is read, a row number (4 bytes), it is written; in place.
// SCATTER: "name": "l1"
// SCATTER: "measured": {
// SCATTER-NEXT: "read": 2048,
// SCATTER-NEXT: "written": 1024
// The source, the line of the numbers, and the 4 rows that the stores fetch.
// SCATTER: "name": "ddr5"
// SCATTER: "measured": {
// SCATTER-NEXT: "read": 2112,
// SCATTER-NEXT: "written": 1024
func.func @scatter(%source: tensor<4x64xf32>, %dest: tensor<100x64xf32>, %rows: tensor<4x1xi32>) -> tensor<100x64xf32> {
  %r = tensor.scatter %source into %dest[%rows] scatter_dims([0]) unique : (tensor<4x64xf32>, tensor<100x64xf32>, tensor<4x1xi32>) -> tensor<100x64xf32>
  return %r : tensor<100x64xf32>
}

// They compute what the loops of an extract and an insert compute.
// RUN: split-file %S/Inputs/gathers.mlir %t
// RUN: memwall-run %t/ops.mlir --compare=%t/loops.mlir --time=0 --entry=both | FileCheck %s --check-prefix=SAME
// SAME: largest relative error: 0 (
// RUN: not memwall-run %t/ops.mlir --compare=%t/other.mlir --time=0 --entry=both | FileCheck %s --check-prefix=OTHER
// OTHER: largest relative error: {{[0-9.]*[1-9]}}
