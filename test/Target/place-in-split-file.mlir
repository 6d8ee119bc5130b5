// A mistake stands at the device of its own module, though an earlier module has a device of the same name.
// RUN: not memwall-opt %s --split-input-file --memwall-report="target=mine" 2>&1 | FileCheck %s
// CHECK: place-in-split-file.mlir:[[#@LINE+13]]:3: error: target 'mine': level 'l1': 62 ways do not divide the 64 lines

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "mine" = #dlti.target_device_spec<"levels" = #dlti.map<
    "l1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 8>,
    "memory" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1000000>>>>} {
  func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
// -----
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  // A comment with "mine" = #dlti.target_device_spec in it.
  "mine" = #dlti.target_device_spec<"levels" = #dlti.map<
    "l1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 62>,
    "memory" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1000000>>>>} {
  func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
