// Tiles of tiles: 128 is 67 + 61, these are 44 + 23 and 44 + 17, and 44 is 34 + 10.
// Whatever the tiles, all of 128 elements are read once and written once: 512 bytes.
// RUN: memwall-run %s --simulate=ddr5-2ch | tr -s " " | FileCheck %s
// CHECK: l1 | 512 512 0.0% | 512 512 0.0%

func.func @f(%m: memref<128xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c34 = arith.constant 34 : index
  %c44 = arith.constant 44 : index
  %c67 = arith.constant 67 : index
  %c128 = arith.constant 128 : index
  scf.for %i = %c0 to %c128 step %c67 {
    %n = affine.min affine_map<(d0) -> (67, -d0 + 128)>(%i)
    scf.for %j = %c0 to %n step %c44 {
      %o = affine.min affine_map<(d0)[s0] -> (44, -d0 + s0)>(%j)[%n]
      scf.for %k = %c0 to %o step %c34 {
        %p = affine.min affine_map<(d0)[s0] -> (34, -d0 + s0)>(%k)[%o]
        scf.for %l = %c0 to %p step %c1 {
          %at = affine.apply affine_map<(d0, d1, d2, d3) -> (d0 + d1 + d2 + d3)>(%i, %j, %k, %l)
          %x = memref.load %m[%at] : memref<128xf32>
          %y = arith.addf %x, %x : f32
          memref.store %y, %m[%at] : memref<128xf32>
        }
      }
    }
  }
  return
}
