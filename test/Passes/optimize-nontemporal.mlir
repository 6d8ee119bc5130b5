// Results that no cache would keep are stored past them (docs/Search.md).

// RUN: memwall-opt %s --split-input-file --memwall-optimize=target=ddr5-2ch -o %t.once.mlir --remarks-filter=memwall 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s --input-file=%t.once.mlir
// RUN: memwall-opt %t.once.mlir --split-input-file --memwall-optimize=target=ddr5-2ch -o %t.twice.mlir
// RUN: diff %t.once.mlir %t.twice.mlir
// RUN: memwall-opt %s --split-input-file --memwall-optimize="target=ddr5-2ch nontemporal=false" | FileCheck %s --check-prefix=OFF
// RUN: memwall-opt %s --split-input-file --memwall-optimize="target=h100-sxm" | FileCheck %s --check-prefix=OFF
// OFF-NOT: memwall.nontemporal
// RUN: sed '/^.. -----/,$d' %s > %t.large.mlir
// RUN: sed '/^.. -----/,$d' %t.once.mlir > %t.large.once.mlir
// RUN: memwall-run %t.large.once.mlir --entry=large --simulate=ddr5-2ch | FileCheck %s --check-prefix=SIMULATED
// RUN: memwall-run %t.large.mlir --entry=large --compare=%t.large.once.mlir --time=0 | FileCheck %s --check-prefix=EQUAL
// RUN: memwall-opt %t.large.mlir --memwall-explain="target=ddr5-2ch columns=160" -o /dev/null | FileCheck %s --check-prefix=EXPLAIN
// EXPLAIN: saves 67.1 MB store its result past the caches with memwall.nontemporal, as memwall-optimize does: about 134 MB
// REQUIRES: memwall-run
// 4 bytes of each of 4096 x 4096 elements are read, and as many are written.
// SIMULATED: ddr5 | [[#mul(16777216,4)]] [[#mul(16777216,4)]] 0.0% | [[#mul(16777216,4)]] [[#mul(16777216,4)]] 0.0%
// EQUAL: largest relative error: 0

// 64 MB in and 64 MB out, behind 64 MB of L3 or less.
// REMARK: remark: [Passed] nontemporal | Category:memwall | Function=large | Remark="linalg.generic stores 67.1 MB past the caches of ddr5-2ch, which would fetch as much from ddr5 first and not keep it
// CHECK-LABEL: func.func @large
// CHECK: memwall.nontemporal
func.func @large(%x: tensor<4096x4096xf32>) -> tensor<4096x4096xf32> {
  %e = tensor.empty() : tensor<4096x4096xf32>
  %y = linalg.exp ins(%x : tensor<4096x4096xf32>) outs(%e : tensor<4096x4096xf32>) -> tensor<4096x4096xf32>
  return %y : tensor<4096x4096xf32>
}

// -----

// What reads it next finds it in the cache.
// CHECK-LABEL: func.func @small
// CHECK-NOT: memwall.nontemporal
func.func @small(%x: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %e = tensor.empty() : tensor<256x256xf32>
  %y = linalg.exp ins(%x : tensor<256x256xf32>) outs(%e : tensor<256x256xf32>) -> tensor<256x256xf32>
  return %y : tensor<256x256xf32>
}

// -----

// A sum reads what it stores.
// CHECK-LABEL: func.func @sum
// CHECK-NOT: memwall.nontemporal
func.func @sum(%x: tensor<4096x4096xf32>, %y: tensor<4096x4096xf32>) -> tensor<4096x4096xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4096x4096xf32>) outs(%y : tensor<4096x4096xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<4096x4096xf32>
  return %r : tensor<4096x4096xf32>
}

// -----

// Two ops read what the first one makes and what is returned.
// CHECK-LABEL: func.func @read
// CHECK-NOT: memwall.nontemporal
// CHECK: return
func.func @read(%x: tensor<4096x4096xf32>) -> (tensor<4096x4096xf32>, tensor<4096xf32>) {
  %e = tensor.empty() : tensor<4096x4096xf32>
  %y = linalg.exp ins(%x : tensor<4096x4096xf32>) outs(%e : tensor<4096x4096xf32>) -> tensor<4096x4096xf32>
  %zero = arith.constant 0.0 : f32
  %e1 = tensor.empty() : tensor<4096xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e1 : tensor<4096xf32>) -> tensor<4096xf32>
  %s = linalg.reduce {arith.addf} ins(%y : tensor<4096x4096xf32>) outs(%f : tensor<4096xf32>) dimensions = [1]
  return %y, %s : tensor<4096x4096xf32>, tensor<4096xf32>
}

// -----

// Rows of 4100 bytes begin and end inside of lines, but follow one another.
// CHECK-LABEL: func.func @rows
// CHECK: memwall.nontemporal
func.func @rows(%x: tensor<16384x1025xf32>) -> tensor<16384x1025xf32> {
  %e = tensor.empty() : tensor<16384x1025xf32>
  %y = linalg.exp ins(%x : tensor<16384x1025xf32>) outs(%e : tensor<16384x1025xf32>) -> tensor<16384x1025xf32>
  return %y : tensor<16384x1025xf32>
}
