// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// As One-Shot Bufferize executes it: the whole result is filled, then the
// source copied into it.
// CHECK-LABEL: tensor.pad copy f32
// CHECK-NEXT: (7, 11): store out[d0, d1]
// CHECK-NEXT: (4, 8): load 0[d0, d1] store out[d0 + 1, d1 + 3]
func.func @pad(%a: tensor<4x8xf32>, %zero: f32) -> tensor<7x11xf32> {
  %0 = tensor.pad %a low[1, 3] high[2, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<4x8xf32> to tensor<7x11xf32>
  return %0 : tensor<7x11xf32>
}

// -----

// CHECK-LABEL: tensor.concat copy f16
// CHECK-NEXT: (4, 3): load 0[d0, d1] store out[d0, d1]
// CHECK-NEXT: (4, 5): load 1[d0, d1] store out[d0, d1 + 3]
// CHECK-NEXT: (4, 1): load 2[d0, d1] store out[d0, d1 + 8]
func.func @concat(%a: tensor<4x3xf16>, %b: tensor<4x5xf16>, %c: tensor<4x1xf16>) -> tensor<4x9xf16> {
  %0 = tensor.concat dim(1) %a, %b, %c : (tensor<4x3xf16>, tensor<4x5xf16>, tensor<4x1xf16>) -> tensor<4x9xf16>
  return %0 : tensor<4x9xf16>
}

// -----

// Dynamic rows are the inputs'; a dynamic sum of inputs has no description.
// CHECK-LABEL: tensor.concat copy f16
// CHECK-NEXT: (0#0, 3): load 0[d0, d1] store out[d0, d1]
// CHECK-NEXT: (1#0, 2): load 1[d0, d1] store out[d0, d1 + 3]
// CHECK-NOT: tensor.concat
func.func @dynamic_concat(%a: tensor<?x3xf16>, %b: tensor<?x2xf16>) -> (tensor<?x5xf16>, tensor<?x3xf16>) {
  %0 = tensor.concat dim(1) %a, %b : (tensor<?x3xf16>, tensor<?x2xf16>) -> tensor<?x5xf16>
  %1 = tensor.concat dim(0) %a, %a : (tensor<?x3xf16>, tensor<?x3xf16>) -> tensor<?x3xf16>
  return %0, %1 : tensor<?x5xf16>, tensor<?x3xf16>
}

// -----

// Slices of the second dimension; both coordinates are read per element, and
// the result without the unit dimension moves the same.
// CHECK-LABEL: tensor.gather gather f32
// CHECK-NEXT: (6, 7, 3, 5): load 1[d0, d1, 0] load 0[d2, gather(d0, d1), d3] store out[d0, d1, d2, 0, d3]
// CHECK-LABEL: tensor.gather gather f32
// CHECK-NEXT: (6, 7, 3, 5): load 1[d0, d1, 0] load 0[d2, gather(d0, d1), d3] store out[d0, d1, d2, d3]
// CHECK-LABEL: tensor.gather gather f32
// CHECK-NEXT: (6, 4): load 1[d0, 0] load 1[d0, 1] load 0[gather(d0), d1, gather(d0)] store out[d0, d1]
func.func @gather(%a: tensor<3x4x5xf32>, %i: tensor<6x7x1xindex>, %j: tensor<6x2xi32>) -> (tensor<6x7x3x1x5xf32>, tensor<6x7x3x5xf32>, tensor<6x4xf32>) {
  %0 = tensor.gather %a[%i] gather_dims([1]) : (tensor<3x4x5xf32>, tensor<6x7x1xindex>) -> tensor<6x7x3x1x5xf32>
  %1 = tensor.gather %a[%i] gather_dims([1]) : (tensor<3x4x5xf32>, tensor<6x7x1xindex>) -> tensor<6x7x3x5xf32>
  %2 = tensor.gather %a[%j] gather_dims([0, 2]) : (tensor<3x4x5xf32>, tensor<6x2xi32>) -> tensor<6x4xf32>
  return %0, %1, %2 : tensor<6x7x3x1x5xf32>, tensor<6x7x3x5xf32>, tensor<6x4xf32>
}

// -----

// A KV-cache update: 2 rows of 64 go where the indices say, the rest of the
// result is the destination's.
// CHECK-LABEL: tensor.scatter gather f16 out0 keeps 1
// CHECK-NEXT: (2, 64): load 0[d0, 0, d1] load 2[d0, 0] store out[gather(d0), d1]
func.func @scatter(%s: tensor<2x1x64xf16>, %d: tensor<1024x64xf16>, %i: tensor<2x1xindex>) -> tensor<1024x64xf16> {
  %0 = tensor.scatter %s into %d[%i] scatter_dims([0]) unique : (tensor<2x1x64xf16>, tensor<1024x64xf16>, tensor<2x1xindex>) -> tensor<1024x64xf16>
  return %0 : tensor<1024x64xf16>
}

// -----

// CHECK-LABEL: tensor.splat fill f32
// CHECK-NEXT: (4, 8): store out[d0, d1]
// CHECK-LABEL: memref.copy copy f32
// CHECK-NEXT: (4, 8): load 0[d0, d1] store 1[d0, d1]
// CHECK-LABEL: bufferization.clone copy f32
// CHECK-NEXT: (4, 8): load 0[d0, d1] store out[d0, d1]
func.func @copies(%x: f32, %a: memref<4x8xf32>, %b: memref<4x8xf32, strided<[16, 1]>>) -> (tensor<4x8xf32>, memref<4x8xf32>) {
  %0 = tensor.splat %x : tensor<4x8xf32>
  memref.copy %a, %b : memref<4x8xf32> to memref<4x8xf32, strided<[16, 1]>>
  %1 = bufferization.clone %a : memref<4x8xf32> to memref<4x8xf32>
  return %0, %1 : tensor<4x8xf32>, memref<4x8xf32>
}
