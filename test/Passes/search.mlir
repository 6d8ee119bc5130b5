// RUN: memwall-opt %s --memwall-search=target=small | FileCheck %s
// RUN: memwall-opt %s --memwall-search=target=small --memwall-apply-schedule=target=small | FileCheck %s --check-prefix=APPLIED
// RUN: memwall-opt %s --memwall-search=target=small --remarks-filter=memwall -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "cache" = #dlti.map<"capacity_bytes" = 16384>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {

// Only attributes are written. As it stands, every access to a column of %b
// misses, in the 256 lines of the cache: 256^3 lines of 64 bytes, 1.07 GB.
// CHECK-LABEL: func @matmul
//   CHECK-NOT:   scf.for
//       CHECK:   linalg.matmul {memwall.schedule = #memwall.schedule<bands = [<"cache", sizes = [
// What Search writes, Apply can apply.
// APPLIED-LABEL: func @matmul
//   APPLIED-NOT:   memwall.schedule
//       APPLIED:   scf.for
//       APPLIED:   memwall.tiled
// REMARK: search.mlir:[[#@LINE+6]]:8: remark: [Passed] tiled | Category:memwall | Function=matmul |
// REMARK-SAME: linalg.matmul is tiled for small by <bands = [<"cache", {{.*}}>: dram moves 1.{{[0-9]+}} GB before, {{.*}} after, {{.*}} at the bound from cold; next best <{{.*}}> with {{.*}}B, {{.+}}"
func.func @matmul(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x256xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m = linalg.matmul ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%f : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %m : tensor<256x256xf32>
}

// Nothing can be gained: every element is used once.
// CHECK-LABEL: func @once
//   CHECK-NOT:   memwall.schedule
//       CHECK:   return
// REMARK: [Missed] not-tiled | Category:memwall | Function=once |
// REMARK-SAME: linalg.exp stays as it is for small: {{.+}}; dram moves {{.*}} at the bound from cold
func.func @once(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %0 = linalg.exp ins(%a : tensor<256x256xf32>) outs(%b : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %0 : tensor<256x256xf32>
}

// A line is a row of %a, which holds four inner tiles. As it stands it is read
// once for each of them, 4 x 1 MiB; in tiles of columns of tiles, once.
// CHECK-LABEL: func @pack
//       CHECK:   linalg.pack {{.*}}memwall.schedule = #memwall.schedule<bands = [<"cache", sizes = [{{[0-9]+}}, {{[0-9]+}}]
// REMARK: [Passed] tiled | Category:memwall | Function=pack |
// REMARK-SAME: dram moves 6.29 MB before, 3.15 MB after, 2.10 MB at the bound from cold
func.func @pack(%a: tensor<16384x16xf32>, %b: tensor<4x4096x4x4xf32>) -> tensor<4x4096x4x4xf32> {
  %0 = linalg.pack %a outer_dims_perm = [1, 0] inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %b : tensor<16384x16xf32> -> tensor<4x4096x4x4xf32>
  return %0 : tensor<4x4096x4x4xf32>
}

// Loops of unpack go over elements, not over tiles.
// REMARK: [Missed] not-tiled | Category:memwall | Function=unpack |
// REMARK-SAME: linalg.unpack stays as it is for small: {{.+}}
func.func @unpack(%a: tensor<4x4096x4x4xf32>, %b: tensor<16384x16xf32>) -> tensor<16384x16xf32> {
  %0 = linalg.unpack %a outer_dims_perm = [1, 0] inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %b : tensor<4x4096x4x4xf32> -> tensor<16384x16xf32>
  return %0 : tensor<16384x16xf32>
}

// What was tiled before is left alone.
// CHECK-LABEL: func @tiled
//   CHECK-NOT:   memwall.schedule
//       CHECK:   return
func.func @tiled(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>, %c: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %m = linalg.matmul {memwall.tiled} ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%c : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %m : tensor<256x256xf32>
}
}
