// All three sides of the product are no powers of two, and 49.6 kB just miss
// the L1 of 48 KiB in 12 ways: the sets of the L1, walked one by one, let more
// through to the L2 than reuse distances say. memwall-run measures what the
// walk says (--simulate).

// RUN: memwall-opt %s --memwall-check-budget="target=ddr5-2ch accuracy=fast" -o /dev/null
// RUN: not memwall-opt %s --memwall-check-budget="target=ddr5-2ch" 2>&1 | FileCheck %s --check-prefix=BUDGET
// BUDGET: error: 'func.func' op moves {{.*}} bytes at l2 of ddr5-2ch, expected at most 61000

// RUN: memwall-opt %s --memwall-annotate="target=ddr5-2ch" -o %t.none.mlir
// RUN: memwall-opt %s --memwall-annotate="target=ddr5-2ch accuracy=default" -o %t.default.mlir
// RUN: memwall-opt %s --memwall-annotate="target=ddr5-2ch accuracy=fast" -o %t.fast.mlir
// RUN: diff %t.none.mlir %t.default.mlir
// RUN: not diff %t.default.mlir %t.fast.mlir

// RUN: not memwall-opt %s --memwall-optimize="target=ddr5-2ch accuracy=slow" 2>&1 | FileCheck %s --check-prefix=SLOW
// SLOW: error: {{.*}}'slow'

// RUN: memwall-run %s --simulate=ddr5-2ch | FileCheck %s --check-prefix=WALK --implicit-check-not='~'
// WALK: l2 {{.*}} 0.0% | {{.*}} 0.0%
// RUN: memwall-run %s --simulate=ddr5-2ch --memwall-accuracy=fast | FileCheck %s --check-prefix=FAST
// FAST: l2 {{.*}} ~ {{.*}} -{{.*}}% | {{.*}} ~ {{.*}} -
// FAST: ~: the model can state no error

func.func @f(%a: tensor<40x100xf32>, %b: tensor<100x60xf32>) -> tensor<40x60xf32>
    attributes {memwall.max_bytes = {l2 = 61000}} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<40x60xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<40x60xf32>) -> tensor<40x60xf32>
  %r = linalg.matmul ins(%a, %b : tensor<40x100xf32>, tensor<100x60xf32>)
                     outs(%f : tensor<40x60xf32>) -> tensor<40x60xf32>
  return %r : tensor<40x60xf32>
}
