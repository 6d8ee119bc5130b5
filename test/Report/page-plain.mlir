// A page without a browser: its tables, what it has at its foot, and nothing from elsewhere.
// REQUIRES: page
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch format=html" > %t.html
// RUN: FileCheck %s < %t.html
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch format=html output=%t.again.html"
// RUN: cmp %t.html %t.again.html

// A script can only be ended by its own end tag, whatever operations are called.
// RUN: grep -c '</script>' %t.html | FileCheck %s --check-prefix=ENDS
// ENDS: {{^}}3{{$}}

// Three matrices are read and one written, of 64 * 64 * 4 bytes each: 65.5 kB.
// CHECK: <!doctype html>
// CHECK: <title>{{.*}}page-plain.mlir - memwall</title>
// CHECK: <div id="plain">
// CHECK: <tr><td>h100-sxm</td><td>minimum of the program</td><td>65.5 kB</td>
// CHECK: <tr><td></td><td>as the program stands</td>
// CHECK: <tr><td></td><td>after memwall-optimize</td>
// CHECK: <td>&lt;/script&gt;: matmul 64x64x64</td>
// CHECK: memwall {{[0-9.]+}}; 1 GB = 1e9 bytes; times at peak bandwidth; h100-sxm {{[0-9a-f]+}}; ddr5-2ch {{[0-9a-f]+}}
// CHECK: "schema":"memwall.page/1"
// CHECK: Redistribution and use in source and binary forms

func.func @main(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = linalg.matmul {memwall.name = "</script>"} ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
