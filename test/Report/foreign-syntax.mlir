// Ops in the syntax of their own dialects cannot be read. One line says what to
// do instead.
// RUN: split-file %s %t
// RUN: not memwall-opt %t/stablehlo.mlir 2>&1 | FileCheck %t/stablehlo.mlir
// RUN: not memwall-opt %t/torch.mlir 2>&1 | FileCheck %t/torch.mlir
// RUN: not memwall-opt %t/iree.mlir 2>&1 | FileCheck %t/iree.mlir

//--- stablehlo.mlir
// CHECK: stablehlo.mlir:5:8: error: custom op 'stablehlo.add' is not read by memwall; lower StableHLO to linalg first
// CHECK-NOT: Available dialects
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {

  %0 = stablehlo.add %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
//--- torch.mlir
// CHECK: error: custom op 'torch.aten.relu' is not read by memwall; lower torch to linalg first
func.func @main(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32> {
  %0 = torch.aten.relu %x : !torch.vtensor<[4],f32> -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}
//--- iree.mlir
// CHECK: error: custom op 'util.func' is not read by memwall; take the IR before IREE forms dispatches
util.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  util.return %x : tensor<4xf32>
}
