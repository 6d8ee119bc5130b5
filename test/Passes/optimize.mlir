// RUN: memwall-opt %s --memwall-optimize=target=small -o %t.once.mlir
// RUN: FileCheck %s < %t.once.mlir
// RUN: memwall-opt %t.once.mlir --memwall-optimize=target=small | diff %t.once.mlir -
// RUN: memwall-opt %s --memwall-optimize=target=small --memwall-annotate=target=small | FileCheck %s --check-prefix=BYTES
// RUN: memwall-opt %s --memwall-annotate=target=small | FileCheck %s --check-prefix=PLAIN
// RUN: memwall-opt %s --memwall-optimize=target=small --remarks-filter=memwall -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "cache" = #dlti.map<"capacity_bytes" = 16384>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {

// As it stands, every access to a column of %b misses, in the 256 lines of the
// cache: 256^3 lines of 64 bytes, 1.07 GB. The bound is 2.1 MB, and what is left
// is less than twice that.
// CHECK-LABEL: func @matmul
//       CHECK:   scf.for
//       CHECK:     linalg.fill {memwall.tiled}
//       CHECK:     memwall.tiled
// PLAIN-LABEL: func @matmul
//  PLAIN-SAME:   memwall.scheduled = {{.*}}dram = {read = {{1[0-9]+[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]}} : i64
// BYTES-LABEL: func @matmul
//  BYTES-SAME:   memwall.scheduled = {{.*}}dram = {read = {{[23][0-9][0-9][0-9][0-9][0-9][0-9]}} : i64
// REMARK: remark: [Passed] tiled | Category:memwall | Function=matmul | Remark="linalg.matmul is tiled for small by
func.func @matmul(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x256xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
  %m = linalg.matmul ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%f : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %m : tensor<256x256xf32>
}

// A matrix times a vector, as in decoding: the matrix is read once whatever the
// loops are, and the vector stays in the cache.
// CHECK-LABEL: func @matvec
//   CHECK-NOT:   scf.for
//       CHECK:   linalg.matvec ins
// REMARK: remark: [Missed] not-tiled | Category:memwall | Function=matvec | Remark="linalg.matvec stays as it is for small:
func.func @matvec(%a: tensor<256x256xf32>, %b: tensor<256xf32>, %c: tensor<256xf32>) -> tensor<256xf32> {
  %0 = linalg.matvec ins(%a, %b : tensor<256x256xf32>, tensor<256xf32>) outs(%c : tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}

// A function that is called twice has one body, and is tiled once.
// CHECK-LABEL: func private @callee
//       CHECK:   scf.for
//       CHECK:   memwall.tiled
func.func private @callee(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>, %c: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %m = linalg.matmul ins(%a, %b : tensor<256x256xf32>, tensor<256x256xf32>) outs(%c : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %m : tensor<256x256xf32>
}
func.func @caller(%a: tensor<256x256xf32>, %b: tensor<256x256xf32>, %c: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %0 = call @callee(%a, %b, %c) : (tensor<256x256xf32>, tensor<256x256xf32>, tensor<256x256xf32>) -> tensor<256x256xf32>
  %1 = call @callee(%a, %0, %c) : (tensor<256x256xf32>, tensor<256x256xf32>, tensor<256x256xf32>) -> tensor<256x256xf32>
  return %1 : tensor<256x256xf32>
}
}
