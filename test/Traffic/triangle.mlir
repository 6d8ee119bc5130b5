// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s

// Row i of a lower triangle has i + 1 elements: more rows than groups of the
// closed form, so each is walked as long as it is. 96 * 97 / 2 = 4656 elements
// are read at the innermost level, 4 bytes each: 18624. Rows of 96 f32 are 6
// lines of 64 bytes: row i reads i / 16 + 1 of them,
// 16 * (1 + 2 + 3 + 4 + 5 + 6) = 336 lines = 21504 bytes; the stores fetch as
// many.
// CHECK: "name": "f"
// CHECK: "name": "l1"
// CHECK: "read": 18624
// CHECK: "name": "ddr5"
// CHECK: "read": 43008
// CHECK-NEXT: "written": 21504
func.func @f(%a: memref<96x96xf32>, %b: memref<96x96xf32>) {
  affine.for %i = 0 to 96 {
    affine.for %j = 0 to affine_map<(d0) -> (d0 + 1)>(%i) {
      %x = memref.load %a[%i, %j] : memref<96x96xf32>
      %y = arith.negf %x : f32
      memref.store %y, %b[%i, %j] : memref<96x96xf32>
    }
  }
  return
}
