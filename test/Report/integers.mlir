// Products of integers have an intensity and a ridge where the target states a
// peak for them; where it does not, every format says that no time has them.
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,plain" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,plain format=md" | FileCheck %s --check-prefix=MD
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,plain format=json" | FileCheck %s --check-prefix=JSON
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,plain format=csv" | FileCheck %s --check-prefix=CSV

// 2 x 1024^3 operations on three matrices, of 1, 1 and 4 bytes, the last one
// read and written: 10.5 MB. 1979e12 operations over 3.35e12 bytes per second
// are 591.
// CHECK: 0 FLOP, 2.15 G on integers; 1 operation, 1 distinct
// CHECK: minimum of the program {{.*}}, bound by hbm3
// CHECK: left out of the times arithmetic on i8, no peak known
// CHECK: FLOP per byte at the minima 205; hbm3-bound below 591 205{{$}}
// CHECK: 2.15 G int matmul 1024x1024x1024
// MD: | left out of the times |  | arithmetic on i8, no peak known |
// MD: | matmul 1024x1024x1024 | {{.*}} | 2.15 G int |
// JSON: "flop_per_byte": 20
// JSON: "ridge": 590
// JSON: "types_without_peak": [],
// JSON: "types_without_peak": [
// JSON-NEXT: "i8"
// CSV: types_without_peak
// CSV: plain,dram,{{.*}},i8,,,,,,{{$}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "plain" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "cache" = #dlti.map<"capacity_bytes" = 1048576>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9, "peak_read_bytes_per_second" = 1.0e10, "peak_write_bytes_per_second" = 1.0e10>>,
    "vector_ops_per_second" = #dlti.map<"f32" = 1.0e12>>>} {
  func.func @f(%a: tensor<1024x1024xi8>, %b: tensor<1024x1024xi8>, %r: tensor<1024x1024xi32>) -> tensor<1024x1024xi32> {
    %q = linalg.matmul ins(%a, %b : tensor<1024x1024xi8>, tensor<1024x1024xi8>) outs(%r : tensor<1024x1024xi32>) -> tensor<1024x1024xi32>
    return %q : tensor<1024x1024xi32>
  }
}
