// RUN: memwall-opt %s --memwall-search=target=small | FileCheck %s
// RUN: memwall-opt %s --memwall-search=target=small --memwall-apply-schedule \
// RUN:   | FileCheck %s --check-prefix=APPLIED

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<"units" = 1, "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 2048>,
      "l2" = #dlti.map<"capacity_bytes" = 16384>,
      "ddr" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9, "peak_read_bytes_per_second" = 1.0e9, "peak_write_bytes_per_second" = 1.0e9>>,
      "vector_ops_per_second" = #dlti.map<"f32" = 1.0e9>>>} {

// Weights in pairs of rows: the nest has k in two parts, of which the outer one
// is cut; the schedule has the three dimensions of the op.

// CHECK-LABEL: @pairs
// CHECK: memwall.schedule<{{.*}}sizes = [{{[0-9]+, [0-9]+, [0-9]+}}]
// APPLIED-LABEL: @pairs
// APPLIED: memwall.tiled
func.func @pairs(%a: tensor<60x68xf32>, %b: tensor<34x50x2xf32>, %o: tensor<60x50xf32>) -> tensor<60x50xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                       affine_map<(m, n, k) -> (k floordiv 2, n, k mod 2)>,
                       affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<60x68xf32>, tensor<34x50x2xf32>) outs(%o : tensor<60x50xf32>) {
  ^bb0(%x: f32, %y: f32, %c: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  } -> tensor<60x50xf32>
  return %r : tensor<60x50xf32>
}

// A quarter turn runs backwards along i, which gets no tiles; its loops change
// places.

// CHECK-LABEL: @turn
// CHECK: leaf_order = [1, 0]
// APPLIED-LABEL: @turn
// APPLIED: memwall.tiled
func.func @turn(%x: tensor<300x200xf32>, %o: tensor<200x300xf32>) -> tensor<200x300xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (j, 199 - i)>,
                       affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<300x200xf32>) outs(%o : tensor<200x300xf32>) {
  ^bb0(%a: f32, %c: f32):
    linalg.yield %a : f32
  } -> tensor<200x300xf32>
  return %r : tensor<200x300xf32>
}

}
