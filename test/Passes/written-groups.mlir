// Groups that are written in the program, in front of a search.
// RUN: memwall-opt %s --memwall-optimize="target=ddr5-2ch fuse=false" --memwall-apply-schedule | FileCheck %s
// RUN: memwall-opt %s --memwall-search="target=ddr5-2ch fuse=false" | FileCheck %s --check-prefix=SEARCH

// The product gets loops of its own, so the group lost a member and is none:
// what is left can be applied.
// CHECK-LABEL: @taken_apart
//       CHECK: scf.for
//   CHECK-NOT: memwall.schedule
//       CHECK: return
// SEARCH-LABEL: @taken_apart
//   SEARCH-NOT: group = "g"
func.func @taken_apart(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>, %c: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %0 = linalg.matmul {memwall.schedule = #memwall.schedule<group = "g">} ins(%a, %b : tensor<512x512xf32>, tensor<512x512xf32>) outs(%c : tensor<512x512xf32>) -> tensor<512x512xf32>
  %e = tensor.empty() : tensor<512x512xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [8, 0]>], group = "g">} ins(%0 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) -> tensor<512x512xf32>
  return %1 : tensor<512x512xf32>
}

// Nothing is gained for either op, and the group stays.
// CHECK-LABEL: @stays
// SEARCH-LABEL: @stays
// SEARCH-COUNT-2: group = "g"
func.func @stays(%a: tensor<64xf32>) -> tensor<64xf32> {
  %e = tensor.empty() : tensor<64xf32>
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<group = "g">} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %f = tensor.empty() : tensor<64xf32>
  %1 = linalg.exp {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [8]>], group = "g">} ins(%0 : tensor<64xf32>) outs(%f : tensor<64xf32>) -> tensor<64xf32>
  return %1 : tensor<64xf32>
}
