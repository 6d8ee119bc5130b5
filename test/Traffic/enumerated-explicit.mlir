// RUN: memwall-opt %s --memwall-report="target=filled format=json" -o /dev/null | FileCheck %s

// In front of a memory that the program fills, too, elements at enumerated
// positions come from somewhere: 32 elements of %x in the order of a Gray code,
// each of them once.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "filled" = #dlti.target_device_spec<"levels" = #dlti.map<
    "scratch" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 32768, "line_bytes" = 128, "store_policy" = "allocate">,
    "memory" = #dlti.map<"kind" = "memory", "capacity" = "8 GB">>>>} {
  func.func @gray_code(%x: tensor<32xf32>) -> tensor<32xf32> {
    %one = arith.constant 1 : index
    %r = tensor.generate {
    ^bb0(%i: index):
      %half = arith.shrui %i, %one : index
      %p = arith.xori %i, %half : index
      %v = tensor.extract %x[%p] : tensor<32xf32>
      tensor.yield %v : f32
    } : tensor<32xf32>
    return %r : tensor<32xf32>
  }
}

// CHECK: "compulsory": {
// CHECK-NEXT: "read": 128,
// CHECK-NEXT: "written": 128
// CHECK: "name": "memory",
// CHECK-NEXT: "scheduled": {
// CHECK-NEXT: "read": 128,
// CHECK-NEXT: "written": 128
