// A roll by a number that is known at run time only: every number of %x comes once,
// in two runs. Whatever the capacity, each of its 512 lines of 32 bytes (256 of 64)
// is read once, not 4096 times, and of %o as many where stores fetch.

// RUN: memwall-run %s --entry=rolled --memwall-target-file=%S/../Fuzz/Inputs/small-caches.mlir --simulate=tiny --format=json | FileCheck %s
// CHECK: "name": "l1"
// CHECK: "name": "l2"
// CHECK: "predicted": {
// CHECK-NEXT: "read": 16384,
// CHECK-NEXT: "written": 16384
// CHECK: "name": "dram"
// CHECK: "predicted": {
// CHECK-NEXT: "read": 32768,
// CHECK-NEXT: "written": 16384
// CHECK: "measured": {
// CHECK-NEXT: "read": {{32768|32832}},
// CHECK-NEXT: "written": 16384
func.func @rolled(%x: memref<4096xf32>, %o: memref<4096xf32>, %n: index) {
  %c4096 = arith.constant 4096 : index
  affine.for %i = 0 to 4096 {
    %a = arith.addi %i, %n : index
    %b = arith.remui %a, %c4096 : index
    %v = memref.load %x[%b] : memref<4096xf32>
    memref.store %v, %o[%i] : memref<4096xf32>
  }
  return
}
