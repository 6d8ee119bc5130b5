// Every format prints the time at the floor, and says where the bounds, which
// are of each op alone and cold, add up to more than what is scheduled.
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=md" | FileCheck %s --check-prefix=MD
// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=json" | FileCheck %s --check-prefix=JSON
// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=csv" | FileCheck %s --check-prefix=CSV

// Two ops of 64 KiB in and out. The second finds in a cache what the first
// wrote: 131 kB of the 262 kB of both bounds are floor, 64 KiB read and written.
// 131072 bytes over 89.6e9 bytes per second are 1.46 us; over 3350e9, 39.1 ns.
// CHECK-LABEL: @shared
// CHECK: minimum of the program 39.1 ns, bound by hbm3 1.46 us, bound by ddr5
// CHECK: sum of the operations' minima 262 kB (more than moves) 262 kB (more than moves)
// CHECK: (more than moves: each operation's minimum is for itself alone, with cold
// MD: | time at the minimum of the program | 1.46 us, bound by ddr5 |
// MD: Note: each operation's minimum is for itself alone, with cold caches: together they are more than what moves.
// JSON: "bytes": 262144,
// JSON-NEXT: "theorem": "sum over the ops, each alone and cold"
// JSON: "at_floor": 1.46{{[0-9]*}}e-06
// JSON: "bounds_exceed_scheduled": true
// CSV: function_seconds_at_floor,bounds_exceed_scheduled,types_without_peak
// CSV: shared,0,{{.*}},ddr5,{{.*}},1.46{{[0-9]+}}e-06,true,
func.func @shared(%x: tensor<16384xf32>) -> tensor<16384xf32> {
  %e = tensor.empty() : tensor<16384xf32>
  %y = linalg.exp ins(%x : tensor<16384xf32>) outs(%e : tensor<16384xf32>) -> tensor<16384xf32>
  %z = linalg.negf ins(%y : tensor<16384xf32>) outs(%e : tensor<16384xf32>) -> tensor<16384xf32>
  return %z : tensor<16384xf32>
}

// One op alone moves no less than its bound.
// CHECK-LABEL: @alone
// CHECK-NOT: more than moves
func.func @alone(%x: tensor<16384xf32>, %e: tensor<16384xf32>) -> tensor<16384xf32> {
  %y = linalg.exp ins(%x : tensor<16384xf32>) outs(%e : tensor<16384xf32>) -> tensor<16384xf32>
  return %y : tensor<16384xf32>
}
