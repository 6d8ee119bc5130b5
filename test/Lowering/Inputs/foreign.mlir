// CHECK: foreign.mlir:[[#@LINE+2]]:{{.*}}: error: 'tosa.exp' has no lowering to LLVM
func.func @f(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tosa.exp %a : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
