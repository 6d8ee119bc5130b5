// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch levels=all" | FileCheck %s --check-prefix=LEVELS
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm ops=all order=program" | FileCheck %s --check-prefix=ALL
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm ops=1" | FileCheck %s --check-prefix=ONE
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm ops=1 order=minimum" | FileCheck %s --check-prefix=MINIMUM
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm order=program rows=all" | FileCheck %s --check-prefix=PROGRAM
// RUN: memwall-opt %s --memwall-report="bandwidth=achievable" | FileCheck %s --check-prefix=ACHIEVABLE
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm optimize=true" | FileCheck %s --check-prefix=OPTIMIZED

// Two products of 64x64x64 and one of 64x64x32, on caches that hold everything:
//   FLOPs 2 * 2*64*64*64 + 2*64*64*32 = 1310720
//   minimum: reads x, w and v: 16384 + 16384 + 64*32*4; writes 64*32*4
//   minima of the products: 2 * 3*16384 + 16384 + 2*8192
//      CHECK: memwall: times at peak bandwidth
//      CHECK: @mlp ───
// CHECK-NEXT: 1.31 MFLOP; 5 operations, 4 distinct
// CHECK-NEXT: have to fit in memory
//      CHECK: h100-sxm ddr5-2ch
// CHECK-NEXT: time
// CHECK-NEXT: as the program stands {{.*}}bound by {{.*}}bound by
// CHECK-NEXT: sum of the operations' minima {{.*}}bound by
// CHECK-NEXT: minimum of the program {{.*}}bound by
// CHECK-NEXT: bytes at hbm3 ddr5
// CHECK-NEXT: as the program stands {{.*}} read + {{.*}} written
// CHECK-NEXT: sum of the operations' minima 131 kB (more than moves) 131 kB (more than moves)
// CHECK-NEXT: minimum of the program 41.0 kB read + 8.19 kB written 41.0 kB read + 8.19 kB written
//      CHECK: FLOP per byte at the minima 10.0; hbm3-bound below 20.0 10.0; ddr5-bound below 64.7
// CHECK-NEXT: fits in memory yes, in 80.0 GB yes, in 64.0 GB
//      CHECK: (more than moves: each operation's minimum is for itself alone, with cold caches
//      CHECK: h100-sxm: what takes the time as the program stands; bytes at hbm3
// CHECK-NEXT: share time moved minimum FLOP operation
// CHECK-NEXT: % {{.*}} 98.3 kB 1.05 M first, second: 2× matmul 64x64x64
// CHECK-NEXT: hbm3 moves 32.8 kB, no more than the minimum
// CHECK-NEXT: % {{.*}} 16.4 kB 32.8 kB 262 k matmul 64x32x64
//      CHECK: ddr5-2ch: what takes the time as the program stands; bytes at ddr5
// CHECK-NEXT: share
// CHECK-NEXT: first, second: 2× matmul 64x64x64

// Levels of targets that are equally far from DRAM stand side by side.
//      LEVELS: bytes at l1
//      LEVELS: bytes at smem l2
//      LEVELS: bytes at l2 l3
//      LEVELS: bytes at hbm3 ddr5
//      LEVELS: h100-sxm: {{.*}}; bytes at smem
//      LEVELS: h100-sxm: {{.*}}; bytes at l2
//      LEVELS: h100-sxm: {{.*}}; bytes at hbm3
//      LEVELS: ddr5-2ch: {{.*}}; bytes at l1

//      ALL: share
// ALL-NEXT: #0 fill 64x64
//      ALL: #1 first: matmul 64x64x64
//      ALL: #2 second: matmul 64x64x64
//      ALL: #3 fill 64x32
//      ALL: #4 matmul 64x32x64

// PROGRAM: share
// PROGRAM-NEXT: fill 64x64
// PROGRAM: 2× matmul 64x64x64
// PROGRAM: fill 64x32
// PROGRAM: matmul 64x32x64

//      ONE: share
//  ONE-NOT: fill
//      ONE: 2× matmul 64x64x64
// ONE-NEXT: hbm3 moves
// ONE-NEXT: and 3 more, {{.*}} together (rows=all shows them)

//      MINIMUM: h100-sxm: what takes the time at the operations' minima
// MINIMUM-NEXT: share
// MINIMUM-NEXT: 2× matmul 64x64x64
// MINIMUM-NEXT: and 3 more

// ACHIEVABLE: memwall: times at achievable bandwidth

// OPTIMIZED: as the program stands
// OPTIMIZED-NEXT: after memwall-optimize {{.*}}, bound by
// OPTIMIZED: bytes at hbm3
// OPTIMIZED: after memwall-optimize {{.*}} read + {{.*}} written
func.func @mlp(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %v: tensor<64x32xf32>)
    -> tensor<64x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<64x64xf32>
  %e1 = tensor.empty() : tensor<64x32xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %0 = linalg.matmul {memwall.step = "first"} ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%f0 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = linalg.matmul {memwall.name = "second", memwall.step = "not shown"} ins(%0, %w : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%f0 : tensor<64x64xf32>) -> tensor<64x64xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<64x32xf32>) -> tensor<64x32xf32>
  %2 = linalg.matmul ins(%1, %v : tensor<64x64xf32>, tensor<64x32xf32>)
                     outs(%f1 : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %2 : tensor<64x32xf32>
}
