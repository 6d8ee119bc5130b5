// A matrix product that fits every cache: compulsory traffic, which is exact.
// l1: 4 accesses of 4 bytes per multiply-add, 3 of them loads, and the fill.
//     read 8*8*8*3*4 = 6144, written 8*8*8*4 + 8*8*4 = 2304.
// Below: A, B and the lines of C that the stores fetch, 256 bytes each.

// RUN: memwall-run %s --entry=matmul --simulate=ddr5-2ch | FileCheck %s
// CHECK: @matmul on ddr5-2ch, every level sees every access; bytes
// CHECK: | read {{ *}}| written
// CHECK-NEXT: level | predicted stated measured error | predicted stated measured error
// CHECK: l1 {{ *}}| {{ *}}6144 {{ *}}6144 {{ *}}0.0% | {{ *}}2304 {{ *}}2304 {{ *}}0.0%
// CHECK: l2 {{ *}}| {{ *}}768 {{ *}}768 {{ *}}0.0% | {{ *}}256 {{ *}}256 {{ *}}0.0%
// CHECK: l3 {{ *}}| {{ *}}768 {{ *}}768
// CHECK: ddr5 {{ *}}| {{ *}}768 {{ *}}768
// CHECK: 2112 accesses simulated

// RUN: memwall-run %s --entry=matmul --simulate=ddr5-2ch --stack=filtered | FileCheck %s --check-prefix=FILTERED
// FILTERED: @matmul on ddr5-2ch, every level sees the misses of the one above
// FILTERED: ddr5 {{ *}}| {{ *}}768 {{ *}}768

// RUN: memwall-run %s --entry=matmul --simulate=ddr5-2ch --format=json | FileCheck %s --check-prefix=JSON
//      JSON: "schema": "memwall.run/1",
// JSON-NEXT: "target": "ddr5-2ch",
// JSON-NEXT: "stack": "independent",
// JSON-NEXT: "entry": "matmul",
// JSON-NEXT: "levels": [
//      JSON: "name": "l1",
// JSON-NEXT: "predicted": {
// JSON-NEXT:   "read": 6144,
// JSON-NEXT:   "written": 2304
//      JSON: "method": "accesses",
// JSON-NEXT: "standard_error": {
// JSON-NEXT:   "read": 0,
// JSON-NEXT:   "written": 0
//      JSON: "measured": {
// JSON-NEXT:   "read": 6144,
// JSON-NEXT:   "written": 2304
//      JSON: "accesses": 2112,
// JSON-NEXT: "seconds": {{[0-9.e-]+}}

// RUN: memwall-run %s --entry=matmul --time | FileCheck %s --check-prefix=TIME
// TIME: time: {{.*}} s, {{.*}} GFLOP/s, {{.*}} GB/s of the floor
// RUN: memwall-run %s --entry=matmul --time --simulate=ddr5-2ch | FileCheck %s --check-prefix=SHARE
// SHARE: GFLOP/s ({{.*}}% of peak: f32 vector), {{.*}} GB/s ({{.*}}% of peak)

func.func @matmul(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %r = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %r : tensor<8x8xf32>
}

// 129 elements of i4: 64.5 bytes read from l1, two lines of memory.
// RUN: memwall-run %s --entry=halves --simulate=ddr5-2ch | FileCheck %s --check-prefix=HALVES
// HALVES: l1 {{ *}}| {{ *}}65 {{ *}}65 {{.*}}| {{ *}}129 {{ *}}129
// HALVES: ddr5 {{ *}}| {{ *}}320 {{ *}}320 {{.*}}| {{ *}}192 {{ *}}192
func.func @halves(%a: tensor<129xi4>) -> tensor<129xi8> {
  %e = tensor.empty() : tensor<129xi8>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
      ins(%a : tensor<129xi4>) outs(%e : tensor<129xi8>) {
    ^bb0(%in: i4, %out: i8):
      %0 = arith.extsi %in : i4 to i8
      linalg.yield %0 : i8
  } -> tensor<129xi8>
  return %r : tensor<129xi8>
}

// The temporary dies: nothing of it is written back.
// RUN: memwall-run %s --entry=temporary --simulate=ddr5-2ch | FileCheck %s --check-prefix=TEMPORARY
// TEMPORARY: ddr5 {{ *}}| {{ *}}768 {{ *}}768 {{.*}}| {{ *}}256 {{ *}}256
func.func @temporary(%a: tensor<64xf32>) -> tensor<64xf32> {
  %e = tensor.empty() : tensor<64xf32>
  %t = linalg.exp ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %g = tensor.empty() : tensor<64xf32>
  %r = linalg.add ins(%t, %a : tensor<64xf32>, tensor<64xf32>) outs(%g : tensor<64xf32>) -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// 4 rows of a table of 1000, all different: 4 * 256 bytes.
// RUN: memwall-run %s --entry=gather --simulate=ddr5-2ch | FileCheck %s --check-prefix=GATHER
// GATHER: ddr5 {{ *}}| {{ *}}2112 {{.*}} 2112 {{.*}}| {{ *}}1024 {{ *}}1024
func.func @gather(%table: tensor<1000x64xf32>, %rows: tensor<4xi64>) -> tensor<4x64xf32> {
  %e = tensor.empty() : tensor<4x64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%rows : tensor<4xi64>) outs(%e : tensor<4x64xf32>) {
    ^bb0(%row: i64, %out: f32):
      %i = arith.index_cast %row : i64 to index
      %j = linalg.index 1 : index
      %v = tensor.extract %table[%i, %j] : tensor<1000x64xf32>
      linalg.yield %v : f32
  } -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}

// RUN: memwall-run %s --entry=dynamic --memwall-bind-dims=@dynamic:arg0:0=64 --simulate=ddr5-2ch | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: l1 {{ *}}| {{ *}}256 {{ *}}256
func.func @dynamic(%a: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.exp ins(%a : tensor<?xf32>) outs(%a : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// The peak is that of the matrix units where the target states one.
// RUN: memwall-run %s --entry=narrow --time --simulate=h100-sxm | FileCheck %s --check-prefix=MATRIX
// MATRIX: GFLOP/s ({{.*}}% of peak: bf16 matrix), {{.*}} GB/s ({{.*}}% of peak)
func.func @narrow(%a: tensor<8x8xbf16>, %b: tensor<8x8xbf16>, %c: tensor<8x8xbf16>) -> tensor<8x8xbf16> {
  %r = linalg.matmul ins(%a, %b : tensor<8x8xbf16>, tensor<8x8xbf16>) outs(%c : tensor<8x8xbf16>) -> tensor<8x8xbf16>
  return %r : tensor<8x8xbf16>
}

// What a program prints is no part of the report.
// RUN: memwall-run %s --entry=talkative --simulate=ddr5-2ch --print-output --format=json 2>%t.err | %python -c "import json, sys; json.load(sys.stdin)"
// RUN: FileCheck %s --check-prefix=TALK < %t.err
// TALK: 42
// RUN: memwall-run %s --entry=talkative --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=QUIET
// QUIET-NOT: 42
// QUIET: @talkative on
func.func private @printI64(i64)
func.func @talkative(%a: memref<1xi64>) {
  %0 = arith.constant 0 : index
  %x = arith.constant 42 : i64
  memref.store %x, %a[%0] : memref<1xi64>
  func.call @printI64(%x) : (i64) -> ()
  return
}

// --help shows the tool's own flags.
// RUN: memwall-run --help | FileCheck %s --check-prefix=HELP --implicit-check-not=polly
// HELP: --memwall-list-targets
// HELP: --simulate=<target>
