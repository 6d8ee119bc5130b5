// Ops in the syntax of their own dialects cannot be read. One line says what to
// do instead.
// RUN: split-file %s %t
// RUN: not memwall-opt %t/stablehlo.mlir 2>&1 | FileCheck %t/stablehlo.mlir
// RUN: not memwall-opt %t/torch.mlir 2>&1 | FileCheck %t/torch.mlir
// RUN: not memwall-opt %t/iree.mlir 2>&1 | FileCheck %t/iree.mlir
// RUN: not memwall-opt %t/iree_target.mlir 2>&1 | FileCheck %t/iree_target.mlir
// RUN: memwall-opt %t/attributes.mlir | FileCheck %t/attributes.mlir

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
//--- iree_target.mlir
// The attributes at the head of the file are read, so that the error names the
// first op and the way out.
// CHECK-NOT: parsing hook
// CHECK: error: custom op 'util.global' is not read by memwall; take the IR before IREE forms dispatches
#executable = #hal.executable.target<"llvm-cpu", "embedded-elf-x86_64", {cpu = "generic", native_vector_size = 16 : i64}>
#device = #hal.device.target<"local", [#executable]> : !hal.device
module attributes {stream.affinity.default = #hal.device.affinity<@__device_0>} {
  util.global private @__device_0 = #device
}
//--- attributes.mlir
// Attributes of a frontend on ops in generic form are kept as they are.
// CHECK: #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>
// CHECK-SAME: #stablehlo<precision DEFAULT>
// CHECK: #stablehlo<comparison_direction LT>
func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xi1> {
  %0 = "stablehlo.dot_general"(%x, %x) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision DEFAULT>]}> : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = "stablehlo.compare"(%x, %0) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xi1>
  return %1 : tensor<4x4xi1>
}
