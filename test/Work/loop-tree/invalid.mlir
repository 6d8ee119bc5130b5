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
  // expected-error @+1 {{has a shape whose size does not fit 64 bits: 'tensor<4294967296x4294967296xf32>'}}
  %e = tensor.empty() : tensor<4294967296x4294967296xf32>
  return
}

// -----

// Each buffer fits, both together do not.
// expected-error @+1 {{has storage whose size does not fit 64 bits}}
func.func @sizes(%a: memref<4611686018427387904xi8>, %b: memref<4611686018427387904xi8>) {
  %c0 = arith.constant 0 : index
  %c = arith.constant 0 : i8
  memref.store %c, %a[%c0] : memref<4611686018427387904xi8>
  return
}

// -----

// Nothing runs, and the results are there nevertheless.
// expected-error @+1 {{has storage whose size does not fit 64 bits}}
func.func @results(%a: tensor<0x4611686018427387904xi8>) -> (tensor<4611686018427387904xi8>, tensor<4611686018427387904xi8>) {
  %e = tensor.empty() : tensor<4611686018427387904xi8>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]} ins(%a : tensor<0x4611686018427387904xi8>) outs(%e, %e : tensor<4611686018427387904xi8>, tensor<4611686018427387904xi8>) {
    ^bb0(%x: i8, %y: i8, %z: i8):
    %s = arith.addi %x, %y : i8
    linalg.yield %s, %s : i8, i8
  } -> (tensor<4611686018427387904xi8>, tensor<4611686018427387904xi8>)
  return %r#0, %r#1 : tensor<4611686018427387904xi8>, tensor<4611686018427387904xi8>
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
