// REQUIRES: plugin
// UNSUPPORTED: asan
// RUN: %mlir-opt %s --load-pass-plugin=%plugin -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(memwall-report{targets=h100-sxm,ddr5-2ch dims=@f:arg0:0=16 format=csv})' | FileCheck %s

// A pass that binds in a copy loads the dialects that it builds ops of.
// CHECK: f,0,math.exp,{{.*}},elementwise,16,1,16,16,0,64,64,h100-sxm,smem,
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = math.exp %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}
