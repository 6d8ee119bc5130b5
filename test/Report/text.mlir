// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch levels=all" | FileCheck %s --check-prefix=LEVELS
// RUN: memwall-opt %s --memwall-report="ops=all" | FileCheck %s --check-prefix=ALL
// RUN: memwall-opt %s --memwall-report="ops=1" | FileCheck %s --check-prefix=ONE
// RUN: memwall-opt %s --memwall-report="bandwidth=achievable" | FileCheck %s --check-prefix=ACHIEVABLE

// Two products of 64x64x64 and one of 64x64x32, on caches that hold everything:
//   FLOPs 2 * 2*64*64*64 + 2*64*64*32 = 1310720
//   floor reads x, w and v: 16384 + 16384 + 64*32*4; writes 64*32*4
//      CHECK: memwall: times at peak bandwidth
//      CHECK: @mlp ───
// CHECK-NEXT: 1.31 MFLOP; 5 operations, 4 distinct
// CHECK-NEXT: floor 41.0 kB read + 8.19 kB written, resident
//      CHECK: h100-sxm ddr5-2ch
// CHECK-NEXT: time at floor {{.*}}bound by
// CHECK-NEXT: time at bound {{.*}}bound by
// CHECK-NEXT: time as scheduled
// CHECK-NEXT: scheduled hbm3 {{.*}} read + {{.*}} written ddr5
// CHECK-NEXT: bound hbm3 131 kB ddr5 131 kB
// CHECK-NEXT: (bounds are per op, each alone and cold: their sum exceeds what is scheduled)
// CHECK-NEXT: intensity 10.0 FLOP/B at bound, ridge 20.0 10.0 FLOP/B at bound, ridge 64.7
// CHECK-NEXT: fits yes, in 80.0 GB yes, in 64.0 GB
// CHECK-NEXT: costs most {{.*}}% 2× matmul 64x64x64
//      CHECK: h100-sxm hbm3 │ ddr5-2ch ddr5
// CHECK-NEXT: n operation FLOP comp │bound read writ  B/F  I/R by  % │bound
//      CHECK: 1 fill 64x64 0 0 │
// CHECK-NEXT: 2 matmul 64x64x64 1.0M 98k │
// CHECK-NEXT: 1 fill 64x32
// CHECK-NEXT: 1 matmul 64x32x64 262k 33k │


// The levels that are equally far from DRAM stand side by side.
// LEVELS: scheduled l1 {{.*}} read
// LEVELS: bound l1
//      LEVELS: │ ddr5-2ch l1
//      LEVELS: │ h100-sxm smem │ ddr5-2ch l2
//      LEVELS: │ h100-sxm l2 │ ddr5-2ch l3
//      LEVELS: │ h100-sxm hbm3 │ ddr5-2ch ddr5

//      ALL: # operation
//      ALL: 1 matmul 64x64x64
// ALL-NEXT: 2 matmul 64x64x64
// ALL-NEXT: 3 fill 64x32
// ALL-NEXT: 4 matmul 64x32x64

//      ONE: n operation
//  ONE-NOT: fill
//      ONE: 2 matmul 64x64x64
// ONE-NEXT: and 3 rows that cost less

// ACHIEVABLE: memwall: times at achievable bandwidth
func.func @mlp(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %v: tensor<64x32xf32>)
    -> tensor<64x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<64x64xf32>
  %e1 = tensor.empty() : tensor<64x32xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%f0 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = linalg.matmul ins(%0, %w : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%f0 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<64x32xf32>) -> tensor<64x32xf32>
  %2 = linalg.matmul ins(%1, %v : tensor<64x64xf32>, tensor<64x32xf32>)
                     outs(%f1 : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %2 : tensor<64x32xf32>
}
