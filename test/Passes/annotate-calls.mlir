// RUN: memwall-opt %s --memwall-annotate="dims=@main:arg0:0=16" | FileCheck %s

// Two call sites: sums. Sizes are bound in the IR.
// CHECK: func.func @main(%arg0: tensor<16xf32>)
// CHECK: math.exp %{{.*}} {memwall.bound = {hbm3 = 256 : i64
// CHECK-SAME: memwall.compulsory = {read = 128 : i64, written = 128 : i64}, memwall.flops = 32 : i64
func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = call @callee(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = call @callee(%0) : (tensor<?xf32>) -> tensor<?xf32>
  return %1 : tensor<?xf32>
}
func.func private @callee(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = math.exp %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}
