// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// Every element type has a name that targets know; nothing here may crash.
// CHECK-LABEL: linalg.copy copy i1
// CHECK-LABEL: linalg.copy copy i4
// CHECK-LABEL: linalg.copy copy f8
// CHECK-LABEL: linalg.copy copy f8
// CHECK-LABEL: linalg.copy copy f4
// CHECK-LABEL: linalg.copy copy tf32
// CHECK-LABEL: linalg.copy copy index
// CHECK-LABEL: linalg.copy copy complex<f32>
func.func @types(%a: tensor<4xi1>, %b: tensor<4xi4>, %c: tensor<4xf8E4M3FN>, %d: tensor<4xf8E5M2>, %e: tensor<4xf4E2M1FN>, %f: tensor<4xtf32>, %g: tensor<4xindex>, %h: tensor<4xcomplex<f32>>) {
  %0 = linalg.copy ins(%a : tensor<4xi1>) outs(%a : tensor<4xi1>) -> tensor<4xi1>
  %1 = linalg.copy ins(%b : tensor<4xi4>) outs(%b : tensor<4xi4>) -> tensor<4xi4>
  %2 = linalg.copy ins(%c : tensor<4xf8E4M3FN>) outs(%c : tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN>
  %3 = linalg.copy ins(%d : tensor<4xf8E5M2>) outs(%d : tensor<4xf8E5M2>) -> tensor<4xf8E5M2>
  %4 = linalg.copy ins(%e : tensor<4xf4E2M1FN>) outs(%e : tensor<4xf4E2M1FN>) -> tensor<4xf4E2M1FN>
  %5 = linalg.copy ins(%f : tensor<4xtf32>) outs(%f : tensor<4xtf32>) -> tensor<4xtf32>
  %6 = linalg.copy ins(%g : tensor<4xindex>) outs(%g : tensor<4xindex>) -> tensor<4xindex>
  %7 = linalg.copy ins(%h : tensor<4xcomplex<f32>>) outs(%h : tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return
}

// -----

// f8 weights and bf16 activations: the arithmetic is that of the wider one.
// CHECK-LABEL: linalg.matmul contraction bf16
func.func @mixed(%a: tensor<4x16xbf16>, %b: tensor<16x8xf8E4M3FN>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x16xbf16>, tensor<16x8xf8E4M3FN>) outs(%c : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// No dimension and no element.
// CHECK-LABEL: linalg.generic elementwise f32
// CHECK-NEXT: () flops=1: load 0[] load 0[] store out[]
// CHECK-LABEL: linalg.add elementwise f32
// CHECK-NEXT: (0, 8) flops=1: load 0[d0, d1] load 0[d0, d1] store out[d0, d1]
// CHECK-LABEL: linalg.softmax softmax f32
// CHECK-LABEL: linalg.fill fill f32
// CHECK-NEXT: (): store out[]
func.func @empty(%a: tensor<f32>, %b: tensor<0x8xf32>, %x: f32) -> (tensor<f32>, tensor<0x8xf32>, tensor<0x8xf32>, tensor<f32>) {
  %0 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%a : tensor<f32>) outs(%a : tensor<f32>) {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %1 = linalg.add ins(%b, %b : tensor<0x8xf32>, tensor<0x8xf32>) outs(%b : tensor<0x8xf32>) -> tensor<0x8xf32>
  %2 = linalg.softmax dimension(0) ins(%b : tensor<0x8xf32>) outs(%b : tensor<0x8xf32>) -> tensor<0x8xf32>
  %3 = linalg.fill ins(%x : f32) outs(%a : tensor<f32>) -> tensor<f32>
  return %0, %1, %2, %3 : tensor<f32>, tensor<0x8xf32>, tensor<0x8xf32>, tensor<f32>
}

// -----

// 6.7e9 elements.
// CHECK-LABEL: linalg.fill fill f32
// CHECK-NEXT: (6755192832): store out[d0]
func.func @large(%x: f32, %a: tensor<6755192832xf32>) -> tensor<6755192832xf32> {
  %0 = linalg.fill ins(%x : f32) outs(%a : tensor<6755192832xf32>) -> tensor<6755192832xf32>
  return %0 : tensor<6755192832xf32>
}
