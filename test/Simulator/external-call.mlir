// What goes to a function that is defined elsewhere is taken to be read there
// once, and to be in memory afterwards: 4096 f32 are 16384 bytes. @f reads x
// and fetches y before it stores it, and the call finds y in the cache; at the
// L1 cache it is one more read.
// RUN: memwall-run %s --entry=f --simulate=ddr5-2ch | FileCheck %s
// CHECK: l1 | 32768 32768 0.0% | 16384 16384 0.0%
// CHECK: ddr5 | 32768 32768 0.0% | 16384 16384 0.0%
func.func private @printMemrefF32(tensor<*xf32>)
func.func @f(%x: tensor<4096xf32>) {
  %e = tensor.empty() : tensor<4096xf32>
  %y = linalg.exp ins(%x : tensor<4096xf32>) outs(%e : tensor<4096xf32>) -> tensor<4096xf32>
  %u = tensor.cast %y : tensor<4096xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
