// What vector code moves, where a last tile is shorter than a vector: the loop over its whole vectors has nothing in it, which once
// counted as minus many accesses, and ended the report.
// RUN: memwall-opt %s --memwall-apply-schedule --memwall-vectorize="vector-bits=512 vector-registers=32" --memwall-report="targets=ddr5-2ch" -o /dev/null | FileCheck %s
// CHECK: bytes at
// CHECK-NEXT: as the program stands {{.*}} kB read
func.func @f(%a: tensor<30x20xf32>, %b: tensor<20x265xf32>) -> tensor<30x265xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<30x265xf32>
  %c = linalg.fill ins(%z : f32) outs(%e : tensor<30x265xf32>) -> tensor<30x265xf32>
  %r = linalg.matmul {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [0, 256, 0], order = [1]>]>} ins(%a, %b : tensor<30x20xf32>, tensor<20x265xf32>) outs(%c : tensor<30x265xf32>) -> tensor<30x265xf32>
  return %r : tensor<30x265xf32>
}
