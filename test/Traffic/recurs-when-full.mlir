// RUN: memwall-opt %s --memwall-report="target=whole format=json" -o /dev/null | FileCheck %s

// A set of 8192 ways takes thousands of chunks of a loop to fill, and only then
// does it recur: it has to be found there, or 2^50 rows are walked one by one.
// Every byte of the operands moves once: 2^50 rows of 16 bytes of %a and %c are
// read, and the 128 bytes of %b; the rows of %c are written.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "whole" = #dlti.target_device_spec<"levels" = #dlti.map<
    "l2" = #dlti.map<"capacity" = "512 KiB">,
    "memory" = #dlti.map<"kind" = "memory", "capacity" = "8 GB">>>>} {
  func.func @product(%a: tensor<1125899906842624x8xbf16>, %b: tensor<8x8xbf16>, %c: tensor<1125899906842624x8xbf16>) -> tensor<1125899906842624x8xbf16> {
    %0 = linalg.matmul ins(%a, %b : tensor<1125899906842624x8xbf16>, tensor<8x8xbf16>) outs(%c : tensor<1125899906842624x8xbf16>) -> tensor<1125899906842624x8xbf16>
    return %0 : tensor<1125899906842624x8xbf16>
  }
}

// CHECK: "read": 36028797018964096,
// CHECK-NEXT: "written": 18014398509481984
// CHECK: "theorem": "compulsory"
