// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch format=json" > %t.json
// RUN: %python %S/Inputs/check_report.py %t.json
// RUN: FileCheck %s < %t.json
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm format=json output=%t.file.json" -o - | FileCheck %s --check-prefix=IR
// RUN: FileCheck %s < %t.file.json
// RUN: not memwall-opt %s --memwall-report="output=%t.none/report" 2>&1 | FileCheck %s --check-prefix=NOFILE

//      CHECK: "schema": "memwall.report/2",
// CHECK-NEXT: "bandwidth": "peak",
// CHECK-NEXT: "accuracy": "default",
// CHECK-NEXT: "targets": [
//      CHECK: "name": "h100-sxm",
//      CHECK: "functions": [
//      CHECK: "name": "main",
// One call per site: 2 * 16 FLOPs of exp, all transcendental.
// CHECK-NEXT: "flops": 32,
// CHECK-NEXT: "transcendentals": 32,
// CHECK-NEXT: "int_ops": 0,
// CHECK-NEXT: "floor": {
// CHECK-NEXT:   "read": 64,
// CHECK-NEXT:   "written": 64
// CHECK-NEXT: },
//  CHECK-NOT: "name": "callee"

// The IR is printed when the report is in a file.
// IR: func.func @main
// NOFILE: error: cannot write the report to '{{.*}}none/report': No such file or directory
func.func @main(%x: tensor<16xf32>) -> tensor<16xf32> {
  %0 = call @callee(%x) : (tensor<16xf32>) -> tensor<16xf32>
  %1 = call @callee(%0) : (tensor<16xf32>) -> tensor<16xf32>
  return %1 : tensor<16xf32>
}
func.func private @callee(%x: tensor<16xf32>) -> tensor<16xf32> {
  %0 = math.exp %x : tensor<16xf32>
  return %0 : tensor<16xf32>
}
