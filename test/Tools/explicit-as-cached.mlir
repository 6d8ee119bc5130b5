// A memory that the program fills: both sides take it for a cache, so that they
// agree, and say so. The report keeps the best retention, docs/Model.md,
// "Explicit levels": 64 words hold C[i,j] and the row A[i,:], 48 words, which
// an LRU cache of 8 lines of 8 words does not, as B's column passes through.
// By lines, of 32 bytes: A's row 6 for each of 512 (i,j), B's column 48; C 64.
//   read 32 * (512 * (6 + 48) + 64) = 886784, written 32 * 64 = 2048

// RUN: memwall-run %s --entry=ijk --simulate=scratch | FileCheck %s
// CHECK: memory {{ *}}| {{ *}}886784 {{ *}}886784 {{ *}}0.0% | {{ *}}2048 {{ *}}2048 {{ *}}0.0%
// CHECK: pad: the program fills it on this machine; here both sides run it as a least recently used cache

// RUN: memwall-run %s --entry=ijk --simulate=scratch --format=json 2>%t.err | FileCheck %s --check-prefix=JSON
// RUN: FileCheck %s --check-prefix=NOTE < %t.err
// JSON: "read": 886784
// NOTE: pad: the program fills it

// RUN: memwall-run %s --entry=ijk --simulate=ddr5-2ch | FileCheck %s --check-prefix=NONE
// NONE-NOT: fills it
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "scratch" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "pad" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 256, "line_bytes" = 32,
                        "store_policy" = "allocate">,
      "memory" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {
func.func @ijk(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
               %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}
}
