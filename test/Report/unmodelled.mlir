// The place is on the line of the op where the path is short.
// RUN: cd %S && memwall-opt unmodelled.mlir --memwall-report="targets=ddr5-2ch" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s --check-prefix=JSON

// What is not understood is listed with its location, and the rest counted.
// CHECK: 16 FLOP (16 transcendental); 2 operations
// CHECK: not modelled, and in the figures above in part:
// CHECK: 1× func.call @opaque  unmodelled.mlir:[[#@LINE+9]]:8
// CHECK-NEXT: what it calls has no body here
//      JSON: "unmodelled": [
//      JSON:   "op": "func.call @opaque",
// JSON-NEXT:   "count": 1,
// JSON-NEXT:   "places": 1,
// JSON-NEXT:   "loc": "{{.*}}unmodelled.mlir:{{[0-9]+}}:8"
func.func private @opaque(tensor<16xf32>) -> tensor<16xf32>
func.func @main(%x: tensor<16xf32>) -> tensor<16xf32> {
  %0 = call @opaque(%x) : (tensor<16xf32>) -> tensor<16xf32>
  %1 = math.exp %0 : tensor<16xf32>
  return %1 : tensor<16xf32>
}
