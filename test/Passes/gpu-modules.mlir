// Functions of gpu.module are functions: reported, annotated, bound, checked.
// Every figure is that of one execution of the body.
// RUN: memwall-opt %s --memwall-annotate="target=h100-sxm dims=16" | FileCheck %s
// RUN: memwall-opt %s --memwall-annotate="target=h100-sxm dims=@k:arg0:0=16,@k:arg2:0=16" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="format=csv dims=16" | FileCheck %s --check-prefix=CSV
// RUN: not memwall-opt %s --memwall-check-budget="target=h100-sxm dims=16" 2>&1 | FileCheck %s --check-prefix=BUDGET
// CHECK: gpu.func @k(%{{.*}}: memref<16x64xf32>
// CHECK-SAME: memwall.flops = 131072 : i64
// CHECK: linalg.matmul {{.*}}memwall.flops = 131072 : i64
// CSV: k,0,linalg.matmul
// 16 x 64, 64 x 64 and 16 x 64 elements of 4 bytes are read, the last ones are written.
// BUDGET: error: 'gpu.func' op moves 28672 bytes at hbm3 of h100-sxm, expected at most 28671
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%a: memref<?x64xf32>, %b: memref<64x64xf32>, %c: memref<?x64xf32>) kernel
        attributes {memwall.max_bytes = {hbm3 = 28671}} {
      linalg.matmul ins(%a, %b : memref<?x64xf32>, memref<64x64xf32>) outs(%c : memref<?x64xf32>)
      gpu.return
    }
  }
}
