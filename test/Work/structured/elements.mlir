// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// Row-major stores; a 0-d tensor has one element and no index. Equal elements
// are a fill.
// CHECK-LABEL: tensor.from_elements other f32
// CHECK-NEXT: (): store out[0, 0] store out[0, 1] store out[1, 0] store out[1, 1]
// CHECK-LABEL: tensor.from_elements fill f32
// CHECK-NEXT: (): store out[]
func.func @from_elements(%a: f32, %b: f32) -> (tensor<2x2xf32>, tensor<f32>) {
  %0 = tensor.from_elements %a, %b, %b, %a : tensor<2x2xf32>
  %1 = tensor.from_elements %a : tensor<f32>
  return %0, %1 : tensor<2x2xf32>, tensor<f32>
}

// -----

// CHECK-LABEL: tensor.extract copy f32
// CHECK-NEXT: (): load 0[3, outer]
// CHECK-LABEL: tensor.insert copy f32 out0 keeps 1
// CHECK-NEXT: (): store out[outer, 0]
func.func @single(%a: tensor<4x8xf32>, %i: index) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %0 = tensor.extract %a[%c3, %i] : tensor<4x8xf32>
  %1 = tensor.insert %0 into %a[%i, %c0] : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: tensor.generate copy f32
// CHECK-NEXT: (8, 4): load captured[d1, d0] store out[d0, d1]
// CHECK-LABEL: tensor.generate elementwise i64
// CHECK-NEXT: (5): store out[d0]
// CHECK-LABEL: tensor.generate fill f32
// CHECK-NEXT: (out#0): store out[d0]
// CHECK-LABEL: tensor.generate gather f32
// CHECK-NEXT: (6, 8): load captured[d0] load captured[gather(d0), d1] store out[d0, d1]
func.func @generate(%a: tensor<4x8xf32>, %n: index, %x: f32, %ids: tensor<6xindex>) -> (tensor<8x4xf32>, tensor<5xi64>, tensor<?xf32>, tensor<6x8xf32>) {
  %0 = tensor.generate {
  ^bb0(%i: index, %j: index):
    %e = tensor.extract %a[%j, %i] : tensor<4x8xf32>
    tensor.yield %e : f32
  } : tensor<8x4xf32>
  %1 = tensor.generate {
  ^bb0(%i: index):
    %c = arith.index_cast %i : index to i64
    tensor.yield %c : i64
  } : tensor<5xi64>
  %2 = tensor.generate %n {
  ^bb0(%i: index):
    tensor.yield %x : f32
  } : tensor<?xf32>
  %3 = tensor.generate {
  ^bb0(%i: index, %j: index):
    %id = tensor.extract %ids[%i] : tensor<6xindex>
    %e = tensor.extract %a[%id, %j] : tensor<4x8xf32>
    tensor.yield %e : f32
  } : tensor<6x8xf32>
  return %0, %1, %2, %3 : tensor<8x4xf32>, tensor<5xi64>, tensor<?xf32>, tensor<6x8xf32>
}
