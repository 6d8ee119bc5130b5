// RUN: memwall-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @accepted
// CHECK: memref.load {{.*}} {memwall.distinct_rows = 3 : i64}
func.func @accepted(%m: memref<8xf32>, %i: index) -> f32 {
  %e = memref.load %m[%i] {memwall.distinct_rows = 3 : i64} : memref<8xf32>
  return %e : f32
}

// -----

func.func @another_op(%a: f32) -> f32 {
  // expected-error @+1 {{'memwall.distinct_rows' expects tensor.extract, tensor.gather or memref.load, found arith.addf}}
  %r = arith.addf %a, %a {memwall.distinct_rows = 3 : i64} : f32
  return %r : f32
}

// -----

func.func @none(%m: memref<8xf32>, %i: index) -> f32 {
  // expected-error @+1 {{'memwall.distinct_rows' expects a 64-bit integer of at least 1, found 0 : i64}}
  %e = memref.load %m[%i] {memwall.distinct_rows = 0 : i64} : memref<8xf32>
  return %e : f32
}

// -----

func.func @narrow(%m: memref<8xf32>, %i: index) -> f32 {
  // expected-error @+1 {{'memwall.distinct_rows' expects a 64-bit integer of at least 1, found 3 : i32}}
  %e = memref.load %m[%i] {memwall.distinct_rows = 3 : i32} : memref<8xf32>
  return %e : f32
}

// -----

func.func @text(%m: memref<8xf32>, %i: index) -> f32 {
  // expected-error @+1 {{'memwall.distinct_rows' expects a 64-bit integer of at least 1, found "all"}}
  %e = memref.load %m[%i] {memwall.distinct_rows = "all"} : memref<8xf32>
  return %e : f32
}
