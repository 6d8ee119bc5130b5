// Ops that are several loop nests compute what their parts compute.

// RUN: split-file %s %t
// RUN: memwall-run %t/whole.mlir --compare=%t/parts.mlir --time=0 --entry=softmax | FileCheck %s
// RUN: memwall-run %t/whole.mlir --compare=%t/parts.mlir --time=0 --entry=packed | FileCheck %s --check-prefix=EXACT
// RUN: memwall-run %t/whole.mlir --compare=%t/parts.mlir --time=0 --entry=joined | FileCheck %s --check-prefix=EXACT
// RUN: memwall-run %t/whole.mlir --compare=%t/parts.mlir --time=0 --entry=constants | FileCheck %s --check-prefix=EXACT
// RUN: memwall-run %t/whole.mlir --compare=%t/parts.mlir --time=0 --entry=narrow --int-range=7 | FileCheck %s --check-prefix=EXACT
// CHECK: largest relative error: {{[0-9.e-]+}} (tolerance 1.53e-05): a few roundings of f32
// EXACT: largest relative error: 0 (

// The constants are arguments: read where they are used, not written. The
// function's own argument comes first, and the sum takes its place.
// RUN: memwall-run %t/whole.mlir --entry=constants --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=ORDER
//      ORDER: load 0 0 32
// ORDER-NEXT: load 1 0 32
// ORDER-NEXT: store 0 0 32
// ORDER-NEXT: load 0 32 32
// ORDER-NEXT: load 1 32 32
// ORDER-NEXT: store 0 32 32
// ORDER-NEXT: @constants

//--- whole.mlir
func.func @softmax(%a: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %r = linalg.softmax dimension(1) ins(%a : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}
func.func @packed(%a: tensor<5x6xf32>) -> tensor<5x6xf32> {
  %zero = arith.constant 0.0 : f32
  %p = tensor.empty() : tensor<3x2x2x3xf32>
  %0 = linalg.pack %a padding_value(%zero : f32) inner_dims_pos = [0, 1] inner_tiles = [2, 3] into %p : tensor<5x6xf32> -> tensor<3x2x2x3xf32>
  %e = tensor.empty() : tensor<5x6xf32>
  %1 = linalg.unpack %0 inner_dims_pos = [0, 1] inner_tiles = [2, 3] into %e : tensor<3x2x2x3xf32> -> tensor<5x6xf32>
  return %1 : tensor<5x6xf32>
}
func.func @joined(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %r = tensor.concat dim(1) %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return %r : tensor<2x6xf32>
}
func.func @constants(%a: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[1.5, -2.0]> : tensor<2xf32>
  %r = arith.addf %a, %c : tensor<2xf32>
  return %r : tensor<2xf32>
}
func.func @narrow(%a: tensor<5xi4>, %b: tensor<5xi4>) -> tensor<5xi4> {
  %r = arith.addi %a, %b : tensor<5xi4>
  return %r : tensor<5xi4>
}

//--- parts.mlir
func.func @softmax(%a: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = arith.constant 0.0 : f32
  %v = tensor.empty() : tensor<3xf32>
  %z = linalg.fill ins(%0 : f32) outs(%v : tensor<3xf32>) -> tensor<3xf32>
  %e = tensor.empty() : tensor<3x5xf32>
  // Arguments lie in [-1, 1): no need to subtract the largest.
  %x = linalg.exp ins(%a : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce {arith.addf} ins(%x : tensor<3x5xf32>) outs(%z : tensor<3xf32>) dimensions = [1]
  %b = linalg.broadcast ins(%s : tensor<3xf32>) outs(%e : tensor<3x5xf32>) dimensions = [1]
  %r = linalg.div ins(%x, %b : tensor<3x5xf32>, tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}
func.func @packed(%a: tensor<5x6xf32>) -> tensor<5x6xf32> {
  return %a : tensor<5x6xf32>
}
func.func @joined(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %e = tensor.empty() : tensor<2x6xf32>
  %0 = tensor.insert_slice %a into %e[0, 0] [2, 3] [1, 1] : tensor<2x3xf32> into tensor<2x6xf32>
  %1 = tensor.insert_slice %b into %0[0, 3] [2, 3] [1, 1] : tensor<2x3xf32> into tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}
func.func @constants(%a: tensor<2xf32>) -> tensor<2xf32> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %one = arith.constant 1.5 : f32
    %two = arith.constant -2.0 : f32
    %0 = arith.constant 0 : index
    %first = arith.cmpi eq, %i, %0 : index
    %c = arith.select %first, %one, %two : f32
    %x = tensor.extract %a[%i] : tensor<2xf32>
    %y = arith.addf %x, %c : f32
    tensor.yield %y : f32
  } : tensor<2xf32>
  return %r : tensor<2xf32>
}
func.func @narrow(%a: tensor<5xi4>, %b: tensor<5xi4>) -> tensor<5xi4> {
  %r = tensor.generate {
  ^bb0(%i: index):
    %x = tensor.extract %a[%i] : tensor<5xi4>
    %y = tensor.extract %b[%i] : tensor<5xi4>
    %u = arith.extsi %x : i4 to i8
    %v = arith.extsi %y : i4 to i8
    %s = arith.addi %u, %v : i8
    %t = arith.trunci %s : i8 to i4
    tensor.yield %t : i4
  } : tensor<5xi4>
  return %r : tensor<5xi4>
}
