// Where the scheduled bytes come from. 64 MiB are read and as many written; the
// h100's shared memory is filled by the program, its L2 of 50 MB is a cache.

// RUN: memwall-opt %s --memwall-report="targets=h100-sxm levels=all" | FileCheck %s --check-prefix=WALKED
// WALKED: bytes at smem
// WALKED-NOT: standard error

// Without a look at sets, nothing can be said of a cache that has some: the L3
// of a desktop CPU. The h100's L2 is fully associative.
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm,ddr5-2ch accuracy=fast" | FileCheck %s --check-prefix=FAST
// FAST: standard error ± 1.0 % read, ± 1.0 % written not known

// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=md accuracy=fast" | FileCheck %s --check-prefix=MD
// MD: | standard error | ddr5 not known |

// The fully associative L2 has one set.
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm format=csv" | FileCheck %s --check-prefix=CSV
//      CSV: ,seconds_scheduled,method,sets_walked,sets,standard_error_read,standard_error_written
//      CSV: ,smem,{{.*}},accesses,0,0,0,0
//      CSV: ,l2,{{.*}},retention,0,0,0,0
//      CSV: ,hbm3,{{.*}},sets,1,1,0,0

// RUN: memwall-opt %s --memwall-report="targets=ddr5-2ch format=json accuracy=fast" | FileCheck %s --check-prefix=JSON
//      JSON: "accuracy": "fast",
//      JSON: "name": "ddr5",
//      JSON: "name": "ddr5",
//      JSON: "method": "distances",
// JSON-NEXT: "sets_walked": 0,
// JSON-NEXT: "sets": 0,
// JSON-NEXT: "sampled_in_time": false,
// JSON-NEXT: "standard_error": {
// JSON-NEXT:   "read": null,
// JSON-NEXT:   "written": null
// JSON-NEXT: },
// JSON-NEXT: "reason": ""

// RUN: not memwall-opt %s --memwall-report="accuracy=best" 2>&1 | FileCheck %s --check-prefix=WRONG
// RUN: not memwall-opt %s --memwall-annotate="accuracy=best" 2>&1 | FileCheck %s --check-prefix=WRONG
// RUN: not memwall-opt %s --memwall-check-budget="accuracy=best" 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: error: expected accuracy=fast, accuracy=default or accuracy=exact, found 'best'

func.func @main(%x: tensor<16777216xf32>) -> tensor<16777216xf32> {
  %0 = math.exp %x : tensor<16777216xf32>
  return %0 : tensor<16777216xf32>
}
