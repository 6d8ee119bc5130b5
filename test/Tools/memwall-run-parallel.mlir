// Four units with a private cache of 4 lines each. Iteration i runs on unit
// i mod 4, so every unit sees two rows of 4 lines, one after the other, and the
// shared argument %x, 1 line, which each unit fetches for itself:
// 4 units * (2 rows * 4 lines read + 2 * 4 fetched to be stored) + %x. A unit's
// cache holds 4 lines, so %x (read along with row and result) stays.
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/four-units.mlir --simulate=four-units --format=json | FileCheck %s
// CHECK: "name": "memory",
// CHECK: "measured": {
// CHECK-NEXT: "read": 4352,
// CHECK-NEXT: "written": 2048
func.func @rows(%a: tensor<8x64xf32>, %x: tensor<1xf32>, %out: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %r = scf.forall (%i) in (8) shared_outs(%o = %out) -> tensor<8x64xf32> {
    %row = tensor.extract_slice %a[%i, 0] [1, 64] [1, 1] : tensor<8x64xf32> to tensor<64xf32>
    %to = tensor.extract_slice %o[%i, 0] [1, 64] [1, 1] : tensor<8x64xf32> to tensor<64xf32>
    %s = linalg.generic {indexing_maps = [affine_map<(j) -> (j)>, affine_map<(j) -> (0)>, affine_map<(j) -> (j)>],
                         iterator_types = ["parallel"]}
        ins(%row, %x : tensor<64xf32>, tensor<1xf32>) outs(%to : tensor<64xf32>) {
      ^bb0(%in: f32, %y: f32, %old: f32):
        %p = arith.mulf %in, %y : f32
        linalg.yield %p : f32
    } -> tensor<64xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%i, 0] [1, 64] [1, 1] : tensor<64xf32> into tensor<8x64xf32>
    }
  }
  return %r : tensor<8x64xf32>
}
