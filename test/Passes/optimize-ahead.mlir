// RUN: memwall-opt %s --memwall-optimize="target=small pack-weights-ahead" -o %t.once.mlir
// RUN: FileCheck %s < %t.once.mlir
// RUN: memwall-opt %t.once.mlir --memwall-optimize="target=small pack-weights-ahead" | diff %t.once.mlir -
// RUN: memwall-opt %s --memwall-optimize="target=small pack=false" | FileCheck %s --check-prefix=PLAIN

// Packing that is done ahead costs nothing in the program: what is read in
// columns is laid out in columns. Left out of the comparison, it pays even
// where it is the most of what is moved.
// CHECK-LABEL: func @f
//       CHECK:   linalg.pack {{.*}} {memwall.packed_ahead}
//       CHECK:   scf.for
// PLAIN-LABEL: func @f
//   PLAIN-NOT:   linalg.pack
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 8>,
      "l2" = #dlti.map<"capacity_bytes" = 32768, "associativity" = 16>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
func.func @f(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x256xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m = linalg.matmul ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%f : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %m : tensor<256x256xf32>
}
}
