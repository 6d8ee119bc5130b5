// RUN: memwall-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK: linalg.exp {memwall.nontemporal}
func.func @f(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  %y = linalg.exp {memwall.nontemporal} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @value(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{'linalg.exp' op 'memwall.nontemporal' expects no value, found true}}
  %y = linalg.exp {memwall.nontemporal = true} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @sums(%a: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.matmul' op 'memwall.nontemporal' expects an op that does not read what it stores, found one that reads result 0}}
  %y = linalg.matmul {memwall.nontemporal} ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>) outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// -----

func.func @others(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{'arith.addf' op 'memwall.nontemporal' expects a linalg op with a body, found arith.addf}}
  %y = arith.addf %x, %x {memwall.nontemporal} : tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @softmax(%x: tensor<8x8xf32>, %e: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{'linalg.softmax' op 'memwall.nontemporal' expects a linalg op with a body, found linalg.softmax}}
  %y = linalg.softmax {memwall.nontemporal} dimension(1) ins(%x : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
