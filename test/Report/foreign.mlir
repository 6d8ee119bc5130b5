// IR of frontends is kept, is in no figure, and every format says so.
// RUN: memwall-opt %s --memwall-report=target=h100-sxm 2>%t.err | FileCheck %s --check-prefix=TEXT
// RUN: FileCheck %s --check-prefix=WARN < %t.err
// RUN: memwall-opt %s --memwall-report="target=h100-sxm format=md" 2>/dev/null | FileCheck %s --check-prefix=MD
// RUN: memwall-opt %s --memwall-report="target=h100-sxm format=json" 2>/dev/null | FileCheck %s --check-prefix=JSON
// RUN: memwall-opt %s --memwall-report="target=h100-sxm format=csv" 2>/dev/null | FileCheck %s --check-prefix=CSV
// RUN: memwall-opt %s --memwall-annotate=target=h100-sxm 2>&1 | FileCheck %s --check-prefixes=WARN,ANNOTATE
// RUN: not memwall-opt %s --memwall-report="target=h100-sxm strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not memwall-opt %s --memwall-annotate="target=h100-sxm strict=true" 2>&1 | FileCheck %s --check-prefix=STRICT

// WARN: foreign.mlir:[[#@LINE+26]]:0: warning: @main: 3 ops are not modelled, only 492 kB of operands and results are counted: stablehlo.dot_general, stablehlo.tanh; lower StableHLO to linalg first
// WARN: warning: @entry: 'flow.executable' is not looked into; take the IR before IREE forms dispatches
// WARN: foreign.mlir:[[#@LINE+33]]:12: warning: 'stablehlo.constant' and 1 other in no function: they are in no figure; lower StableHLO to linalg first

// TEXT: @main
// TEXT-NEXT: 0 FLOP
// TEXT-NEXT: have to fit in memory
// TEXT-NEXT: warning: 3 ops are not modelled, only 492 kB of operands and results are counted:
// TEXT-NEXT: stablehlo.dot_general, stablehlo.tanh
// TEXT: not modelled, and in the figures above in part:
// TEXT-NEXT: 1× stablehlo.dot_general
// TEXT-NEXT: lower StableHLO to linalg first
// TEXT-NEXT: 2× stablehlo.tanh {{.*}} and 1 more place{{$}}

// MD: **Warning**: 3 ops are not modelled, only 492 kB
// MD: - 2 × `stablehlo.tanh` at {{.*}} and 1 more place: lower StableHLO

// JSON: "warnings": [
// JSON-NEXT: "3 ops are not modelled, only 492 kB of operands and results are counted: stablehlo.dot_general, stablehlo.tanh"
// JSON: "places": 2

// CSV: main,,stablehlo.tanh,{{.*}},unmodelled,,2,

// ANNOTATE: memwall.unmodelled = 3 : i64

// STRICT: error: @main: 3 ops are not modelled
func.func @main(%x: tensor<64x128xf32>, %w: tensor<128x256xf32>) -> tensor<64x256xf32> {
  %0 = "stablehlo.dot_general"(%x, %w) {precision_config = []} : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32>
  %1 = "stablehlo.tanh"(%0) : (tensor<64x256xf32>) -> tensor<64x256xf32>
  %2 = "stablehlo.tanh"(%1) : (tensor<64x256xf32>) -> tensor<64x256xf32>
  return %2 : tensor<64x256xf32>
}
"flow.executable"() ({
  "flow.executable_end"() : () -> ()
}) {sym_name = "entry"} : () -> ()
%loose:2 = "stablehlo.constant"() : () -> (tensor<4xf32>, tensor<4xf32>)
%more = "stablehlo.tanh"(%loose#0) : (tensor<4xf32>) -> tensor<4xf32>
