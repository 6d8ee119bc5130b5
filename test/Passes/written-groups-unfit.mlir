// A group that nobody could make, because its root has no loops, beside a
// product that is tiled: it stays as it is written, and is no reason to stop
// or to go on for ever.
// RUN: memwall-opt %s --memwall-optimize="target=ddr5-2ch" | FileCheck %s
// RUN: memwall-opt %s --memwall-optimize="target=ddr5-2ch fuse=false" | FileCheck %s

//   CHECK-LABEL: @f
// CHECK-COUNT-2: linalg.exp {memwall.schedule = #memwall.schedule<group = "g">}
//         CHECK: scf.for
//         CHECK: {memwall.tiled}
func.func @f(%x: tensor<64xf32>, %a: tensor<512x512xf32>, %b: tensor<512x512xf32>, %c: tensor<512x512xf32>) -> (tensor<64xf32>, tensor<512x512xf32>) {
  %e = tensor.empty() : tensor<64xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%x : tensor<64xf32>) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %f = tensor.empty() : tensor<64xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%0 : tensor<64xf32>) outs(%f : tensor<64xf32>) -> tensor<64xf32>
  %2 = linalg.matmul ins(%a, %b : tensor<512x512xf32>, tensor<512x512xf32>) outs(%c : tensor<512x512xf32>) -> tensor<512x512xf32>
  return %1, %2 : tensor<64xf32>, tensor<512x512xf32>
}
