// What other ops become. RUN: memwall-opt %s --memwall-vectorize="vector-bits=256 vector-registers=16" | FileCheck %s

// Only what is left of 20 = 2 * 8 + 4 has shorter vectors.
// CHECK-LABEL: @elementwise
//       CHECK: scf.for {{.*}} step %c8
//       CHECK:   arith.addf {{.*}} : vector<{{(1x)?}}8xf32>
//       CHECK: arith.addf {{.*}} : vector<{{(1x)?}}4xf32>
func.func @elementwise(%a: tensor<3x20xf32>, %b: tensor<3x20xf32>) -> tensor<3x20xf32> {
  %e = tensor.empty() : tensor<3x20xf32>
  %0 = linalg.add ins(%a, %b : tensor<3x20xf32>, tensor<3x20xf32>) outs(%e : tensor<3x20xf32>) -> tensor<3x20xf32>
  return %0 : tensor<3x20xf32>
}

// Partial sums in the lanes of four registers, carried by the loop.
// CHECK-LABEL: @rows
//       CHECK: scf.for {{.*}} step %c32{{.*}} vector<1x32xf32>)
//       CHECK: vector.multi_reduction <add>
func.func @rows(%a: tensor<16x64xf32>, %s: tensor<16xf32>) -> tensor<16xf32> {
  %r = linalg.reduce {arith.addf} ins(%a : tensor<16x64xf32>) outs(%s : tensor<16xf32>) dimensions = [1]
  return %r : tensor<16xf32>
}

// Lanes are compared by halves; LLVM would take the last four one by one, as any of them may be no number.
// RUN: memwall-opt %s --memwall-lower-vectors | FileCheck %s --check-prefix=HALVES
// HALVES-LABEL: @largest
//       HALVES: %[[FOUR:.*]] = arith.maximumf {{.*}} : vector<4xf32>
//       HALVES: %[[LOW:.*]] = vector.shuffle %[[FOUR]], %[[FOUR]] [0, 1]
//       HALVES: %[[HIGH:.*]] = vector.shuffle %[[FOUR]], %[[FOUR]] [2, 3]
//       HALVES: arith.maximumf %[[LOW]], %[[HIGH]] : vector<2xf32>
//   HALVES-NOT: vector.reduction
func.func @largest(%v: vector<8xf32>, %s: f32) -> f32 {
  %0 = vector.reduction <maximumf>, %v, %s : vector<8xf32> into f32
  return %0 : f32
}

// CHECK-LABEL: @transpose
//       CHECK: vector.transfer_read {{.*}} vector<8x8xf32>
func.func @transpose(%a: tensor<64x32xf32>) -> tensor<32x64xf32> {
  %e = tensor.empty() : tensor<32x64xf32>
  %0 = linalg.transpose ins(%a : tensor<64x32xf32>) outs(%e : tensor<32x64xf32>) permutation = [1, 0]
  return %0 : tensor<32x64xf32>
}

// Registers do not hold 4-bit elements: these stay for loops.
// CHECK-LABEL: @halves
//       CHECK: linalg.add
func.func @halves(%a: tensor<64xi4>, %b: tensor<64xi4>) -> tensor<64xi4> {
  %e = tensor.empty() : tensor<64xi4>
  %0 = linalg.add ins(%a, %b : tensor<64xi4>, tensor<64xi4>) outs(%e : tensor<64xi4>) -> tensor<64xi4>
  return %0 : tensor<64xi4>
}
