// The sqrt has its result in the storage of the first exp, whose result it does
// not read: the group computes that exp in its loops, and another of it stays in
// front, without marks of the group.
// RUN: memwall-opt %s --memwall-apply-schedule | FileCheck %s

//   CHECK-LABEL: @f
//     CHECK-NOT: memwall.
//         CHECK: %[[FRONT:.*]] = linalg.exp ins(%arg0 : tensor<64xf32>)
//         CHECK: scf.for
// CHECK-COUNT-2: linalg.exp {memwall.tiled}
//         CHECK: linalg.sqrt ins(%arg0 : tensor<64xf32>) outs(%[[FRONT]] : tensor<64xf32>)
func.func @f(%x: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
  %e = tensor.empty() : tensor<64xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%x : tensor<64xf32>) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %f = tensor.empty() : tensor<64xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [4]>], group = "g">} ins(%0 : tensor<64xf32>) outs(%f : tensor<64xf32>) -> tensor<64xf32>
  %2 = linalg.sqrt ins(%x : tensor<64xf32>) outs(%0 : tensor<64xf32>) -> tensor<64xf32>
  return %1, %2 : tensor<64xf32>, tensor<64xf32>
}
