// RUN: memwall-test-opt %s --test-memwall-print-loop-tree --split-input-file --verify-diagnostics -o /dev/null

// expected-error @+1 {{function @dynamic has unbound dynamic dimensions arg0:0, arg0:2, arg1:0; bind them with dims="@dynamic:arg0:0=<size>", or all with dims=<size>}}
func.func @dynamic(%a: tensor<?x8x?xf32>, %b: tensor<?xf32>) {
  return
}

// -----

func.func @recursive(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{calls @recursive, which is being called already: recursive calls are not supported}}
  %r = call @recursive(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @ping(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = call @pong(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @pong(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{calls @ping, which is being called already}}
  %r = call @ping(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @size(%a: tensor<4xf32>) {
  // expected-error @+1 {{has a shape whose size in bits does not fit 64 bits: 'tensor<4294967296x4294967296xf32>'}}
  %e = tensor.empty() : tensor<4294967296x4294967296xf32>
  return
}

// -----

// Positions are in bits.
// expected-error @+1 {{has a shape whose size in bits does not fit 64 bits: 'memref<1152921504606846977xi8>'}}
func.func @bits(%a: memref<1152921504606846977xi8>) {
  return
}

// -----

// expected-error @+1 {{has a shape whose size in bits does not fit 64 bits: 'memref<64xf64, strided<[2305843009213693952]>>'}}
func.func @layout(%a: memref<64xf64, strided<[2305843009213693952]>>) {
  return
}

// -----

// Each of nine buffers of 2^60 - 64 bytes fits, their sum does not.
// expected-error @+1 {{has storage whose size does not fit 64 bits}}
func.func @sum(%a0: memref<1152921504606846912xi8>, %a1: memref<1152921504606846912xi8>, %a2: memref<1152921504606846912xi8>, %a3: memref<1152921504606846912xi8>, %a4: memref<1152921504606846912xi8>, %a5: memref<1152921504606846912xi8>, %a6: memref<1152921504606846912xi8>, %a7: memref<1152921504606846912xi8>, %a8: memref<1152921504606846912xi8>) {
  return
}

// -----

// Nothing runs, and the results are there nevertheless.
// expected-error @+1 {{has storage whose size does not fit 64 bits}}
func.func @results() -> (tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>) {
  %0 = tensor.empty() : tensor<1152921504606846912xi8>
  %1 = tensor.empty() : tensor<1152921504606846912xi8>
  %2 = tensor.empty() : tensor<1152921504606846912xi8>
  %3 = tensor.empty() : tensor<1152921504606846912xi8>
  %4 = tensor.empty() : tensor<1152921504606846912xi8>
  %5 = tensor.empty() : tensor<1152921504606846912xi8>
  %6 = tensor.empty() : tensor<1152921504606846912xi8>
  %7 = tensor.empty() : tensor<1152921504606846912xi8>
  %8 = tensor.empty() : tensor<1152921504606846912xi8>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>, tensor<1152921504606846912xi8>
}

// -----

func.func @operations(%a: memref<4xf32>) {
  %c = arith.constant 0.0 : f32
  affine.for %i = 0 to 4294967296 {
    // expected-error @+1 {{runs more often than fits 64 bits, or over bounds too irregular to count}}
    affine.for %j = 0 to 4294967296 {
    affine.store %c, %a[0] : memref<4xf32>
    }
  }
  return
}

// -----

func.func @more_rows_than_there_are(%ids: tensor<6x1xindex>, %table: tensor<5x16xf32>) -> tensor<6x16xf32> {
  // expected-error @+1 {{'memwall.distinct_rows' expects at most 5, the rows of the table, found 6}}
  %0 = tensor.gather %table[%ids] gather_dims([0]) {memwall.distinct_rows = 6 : i64} : (tensor<5x16xf32>, tensor<6x1xindex>) -> tensor<6x16xf32>
  return %0 : tensor<6x16xf32>
}

// -----

func.func @rows_without_data(%table: memref<5x16xf32>, %o: memref<5xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  scf.for %i = %c0 to %c5 step %c1 {
    // expected-error @+1 {{'memwall.distinct_rows' expects one index that depends on data, found 0}}
    %e = memref.load %table[%i, %c0] {memwall.distinct_rows = 2 : i64} : memref<5x16xf32>
    memref.store %e, %o[%i] : memref<5xf32>
  }
  return
}

// -----

func.func @rows_and_columns(%ids: tensor<6x2xindex>, %table: tensor<5x16xf32>) -> tensor<6xf32> {
  // expected-error @+1 {{'memwall.distinct_rows' expects one index that depends on data, found 2}}
  %0 = tensor.gather %table[%ids] gather_dims([0, 1]) {memwall.distinct_rows = 2 : i64} : (tensor<5x16xf32>, tensor<6x2xindex>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}
