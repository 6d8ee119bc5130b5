// Left of a pair is what the model predicts, right is what the simulator
// measures.
// RUN: memwall-run %s --entry=in_place --simulate=ddr5-2ch | FileCheck %s --check-prefix=INPLACE
// RUN: memwall-run %s --entry=copied --simulate=ddr5-2ch | FileCheck %s --check-prefix=COPIED

// A scatter writes its rows into its destination where nobody reads that any
// more: 4 rows of 512 bytes are read, and fetched and written (2048 each), and
// 4 indices (32 bytes, one line of 64). Chance is sqrt(4) / 2 rows.
// INPLACE: ddr5 | 4160 ± 12 % 4160 0.0% | 2048 ± 25 % 2048 0.0%
func.func @in_place(%s: tensor<4x128xf32>, %d: tensor<100x128xf32>, %i: tensor<4x1xindex>) -> tensor<100x128xf32> {
  %r = tensor.scatter %s into %d[%i] scatter_dims([0]) unique
    : (tensor<4x128xf32>, tensor<100x128xf32>, tensor<4x1xindex>) -> tensor<100x128xf32>
  return %r : tensor<100x128xf32>
}

// Where the destination is needed as it was, its 51200 bytes are copied first:
// read, fetched and written, and the 4 rows are then in the cache: 2 * 51200 +
// 2048 + 64 read.
// COPIED: ddr5 | 104512 ± 0.5 % 104512 0.0% | 51200 ± 1.0 % 51200 0.0%
func.func @copied(%s: tensor<4x128xf32>, %d: tensor<100x128xf32>, %i: tensor<4x1xindex>) -> (tensor<100x128xf32>, tensor<100x128xf32>) {
  %r = tensor.scatter %s into %d[%i] scatter_dims([0]) unique
    : (tensor<4x128xf32>, tensor<100x128xf32>, tensor<4x1xindex>) -> tensor<100x128xf32>
  return %r, %d : tensor<100x128xf32>, tensor<100x128xf32>
}
