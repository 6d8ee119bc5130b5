// Functions of dialects that are not registered are functions: reported,
// annotated, bound and checked, and left as they are.
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-report="target=ddr5-2ch dims=16" 2>%t.err | FileCheck %s
// RUN: count 0 < %t.err
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-annotate="target=ddr5-2ch dims=16" | FileCheck %s --check-prefix=ANNOTATE
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-search="target=ddr5-2ch dims=16" -o /dev/null
// RUN: not memwall-opt %s --allow-unregistered-dialect --memwall-check-budget="target=ddr5-2ch dims=16" 2>&1 | FileCheck %s --check-prefix=BUDGET

// CHECK: @main
// CHECK-NEXT: 131 kFLOP; 2 operations, 2 distinct
// CHECK: minimum of the program 20.5 kB read + 4.10 kB written
// BUDGET: moves {{[0-9]+}} bytes at ddr5 of ddr5-2ch, expected at most 3
// ANNOTATE: "util.func"()
// ANNOTATE: ^bb0(%{{.*}}: tensor<16x64xf32>, %{{.*}}: tensor<64x64xf32>)
// ANNOTATE: linalg.matmul {{.*}}memwall.flops = 131072
// ANNOTATE: "util.return"(%{{.*}})
// ANNOTATE: memwall.floor = {read = 20480 : i64, written = 4096 : i64}
"util.func"() <{function_type = (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>, sym_name = "main", sym_visibility = "public"}> ({
^bb0(%a: tensor<?x64xf32>, %b: tensor<64x64xf32>):
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %d = tensor.dim %a, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%d) : tensor<?x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x64xf32>) outs(%f : tensor<?x64xf32>) -> tensor<?x64xf32>
  "util.return"(%0) : (tensor<?x64xf32>) -> ()
}) {memwall.max_bytes = {ddr5 = 3}} : () -> ()

// Others are inside of modules inside of ops.
// CHECK: @kernel
// CHECK: minimum of the program 64 B read + 64 B written
// ANNOTATE: "new.func"()
"new.executable"() <{sym_name = "x"}> ({
  builtin.module {
    "new.func"() <{sym_name = "kernel"}> ({
    ^bb0(%a: memref<16xf32>, %b: memref<16xf32>):
      memref.copy %a, %b : memref<16xf32> to memref<16xf32>
      "new.return"() : () -> ()
    }) : () -> ()
  }
}) : () -> ()
