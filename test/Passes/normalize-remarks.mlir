// RUN: memwall-opt %s --memwall-normalize --remarks-filter=memwall -o /dev/null 2>&1 | FileCheck %s

// One line for each spelling that is gone, at its place.
// CHECK: normalize-remarks.mlir:[[EXP:[0-9]+]]:8: remark: [Analysis] normalized | {{.*}}"math.exp on tensors is written as linalg.generic"
// CHECK: normalize-remarks.mlir:[[ABS:[0-9]+]]:8: remark: [Analysis] normalized | {{.*}}"math.absf on tensors is written as linalg.generic"
// CHECK: normalize-remarks.mlir:[[T:[0-9]+]]:8: remark: [Analysis] normalized | {{.*}}"linalg.transpose is written as linalg.generic"
// CHECK: normalize-remarks.mlir:[[T]]:8: remark: [Analysis] normalized | {{.*}}"linalg.generic is read in place by linalg.generic at {{.*}}normalize-remarks.mlir:{{.*}}:8"
// CHECK: normalize-remarks.mlir:[[EXP]]:8: remark: [Analysis] normalized | {{.*}}"linalg.generic is computed in linalg.generic at {{.*}}normalize-remarks.mlir:[[ABS]]:8"
func.func @f(%x: tensor<4x64xf32>, %w: tensor<32x64xf32>, %o: tensor<4x32xf32>)
    -> (tensor<4x64xf32>, tensor<4x32xf32>) {
  %0 = math.exp %x : tensor<4x64xf32>
  %1 = math.absf %0 : tensor<4x64xf32>
  %e = tensor.empty() : tensor<64x32xf32>
  %t = linalg.transpose ins(%w : tensor<32x64xf32>) outs(%e : tensor<64x32xf32>) permutation = [1, 0]
  %2 = linalg.matmul ins(%x, %t : tensor<4x64xf32>, tensor<64x32xf32>) outs(%o : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %1, %2 : tensor<4x64xf32>, tensor<4x32xf32>
}
