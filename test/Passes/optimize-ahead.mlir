// RUN: memwall-opt %s --memwall-apply-schedule -o %t.packed.mlir
// RUN: memwall-opt %t.packed.mlir --memwall-optimize=target=small --remarks-filter=memwall 2> %t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks
// RUN: memwall-opt %s --memwall-optimize="target=small pack=false" | FileCheck %s --check-prefix=PLAIN

// The packing of a weight ahead of the program is none of the program's
// traffic: no schedule is searched for it, and nothing is said about it.
// CHECK-LABEL: func @f
//       CHECK:   linalg.pack %arg1 {{.*}} {memwall.packed_ahead} :
//       CHECK:   scf.for
//       CHECK:     linalg.matmul {memwall.tiled}
// REMARK-NOT: linalg.pack
//     REMARK: linalg.generic stays as it is
// REMARK-NOT: linalg.pack
// PLAIN-LABEL: func @f
//   PLAIN-NOT:   linalg.pack
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 8>,
      "l2" = #dlti.map<"capacity_bytes" = 32768, "associativity" = 16>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
func.func @f(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>, %c: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l2", sizes = [64, 64, 32]>],
      packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [32, 64], ahead>]>}
    ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%c : tensor<256x256xf32>) -> tensor<256x256xf32>
  %0 = linalg.exp ins(%m : tensor<256x256xf32>) outs(%m : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %0 : tensor<256x256xf32>
}
}
