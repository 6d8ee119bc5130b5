// RUN: memwall-opt %s --memwall-report="target-file=%S/Inputs/machines.mlir targets=slow,fast" | FileCheck %s
// RUN: memwall-opt %s --memwall-report="target-file=%S/Inputs/machines.mlir targets=slow,fast format=md" | FileCheck %s --check-prefix=MD
// RUN: memwall-opt %s --memwall-report="target-file=%S/Inputs/machines.mlir targets=slow,fast format=json" > %t.json
// RUN: FileCheck %s --check-prefix=JSON < %t.json
// RUN: %python %S/Inputs/check_report.py %t.json

// A step of four sequences: y = x w, then y + kv, in place.
//   weights 64*32*4 = 8192; KV 4*32*4 = 512; x 4*64*4 = 1024; y 4*32*4 = 512.
// Resident: 8192 + 512 + (1024 + 512).
// Compulsory of both ops: weights 8192, KV 512, else x 1024, y written and
//   read 1024, the result 512; 11264 in all.
// At 1 MB/s these take 11.264 ms, the floor 10240 takes 10.24 ms; 4 tokens.
// Arithmetic: 2*4*32*64 = 16384 at 3.9 MFLOP/s is 1.0503 ms a sequence.
// Ridge at bound: 8.192 / (1.0503 - (11.264 - 8.192) / 4) = 29.02;
//   at the floor: 8.192 / (1.0503 - (10.24 - 8.192) / 4) = 15.2.
// The fast machine takes less for the arithmetic than for the KV cache.
// Energy: 11264 / 4 bytes * 8 * 1000 pJ.

//      CHECK: 10.2 kB have to fit in memory
// CHECK-NEXT: one call 4 new tokens of 4 sequences
// CHECK-NEXT: resident 8.19 kB weights, 512 B KV cache, 1.54 kB activations
// CHECK-NEXT: compulsory 73 % weights, 5 % KV cache, 23 % activations
// CHECK-NEXT: interconnect 96 B sent by one device
//      CHECK: slow fast
//      CHECK: minimum of the program 9.73 kB read + 512 B written
//      CHECK: tokens/s at operations' minima 355 355
// CHECK-NEXT: tokens/s at program's minimum 391 391
// CHECK-NEXT: bytes per token 2.82 kB 2.82 kB
// CHECK-NEXT: energy per token 22.5 uJ{{$}}
// CHECK-NEXT: devices 3 of 4.10 kB 1 of 65.5 kB
// CHECK-NEXT: moved as it stands {{.*}} 80 % weights, 5 % KV, 15 % act.
// CHECK-NEXT: batch at ridge, operations' 30 none
// CHECK-NEXT: batch at ridge, program's 16 none

//      MD: - one call: 4 new tokens of 4 sequences
//      MD: | devices | 3 of 4.10 kB | 1 of 65.5 kB |
//      MD: | batch at ridge, operations' | 30 | none |
// MD-NEXT: | batch at ridge, program's | 16 | none |

//      JSON: "fits": false,
// JSON-NEXT: "model": {
// JSON-NEXT:   "tokens_per_second": {
// JSON-NEXT:     "at_bound": 355.11
// JSON-NEXT:     "at_floor": 390.6
// JSON-NEXT:   },
// JSON-NEXT:   "bound_by_at_floor": "dram",
// JSON-NEXT:   "bytes_per_token": 2816,
// JSON-NEXT:   "joules_per_token": 2.25
// JSON-NEXT:   "devices": 3,
// JSON-NEXT:   "scheduled": [
//      JSON: "ridge": {
// JSON-NEXT:   "at_bound": {
// JSON-NEXT:     "crosses": true,
// JSON-NEXT:     "batch": 30
//      JSON: "joules_per_token": null,
//      JSON: "crosses": false,
// JSON-NEXT: "batch": null
//      JSON: "model": {
// JSON-NEXT: "tokens": 4,
// JSON-NEXT: "sequences": 4,
// JSON-NEXT: "interconnect_bytes": 96,
// JSON-NEXT: "compulsory": [
// JSON-NEXT:   {
// JSON-NEXT:     "role": "weights",
// JSON-NEXT:     "resident_bytes": 8192,
// JSON-NEXT:     "read": 8192,
// JSON-NEXT:     "written": 0,
// JSON-NEXT:     "share": 0.7272
//      JSON: "floor": [
// JSON-NEXT:   {
// JSON-NEXT:     "role": "weights",
// JSON-NEXT:     "read": 8192,
// JSON-NEXT:     "written": 0,
// JSON-NEXT:     "share": 0.8
func.func @step(%x: tensor<4x64xf32> {memwall.role = "activation"},
                %w: tensor<64x32xf32> {memwall.role = "weight"},
                %kv: tensor<4x32xf32> {memwall.role = "kv"}) -> tensor<4x32xf32>
    attributes {memwall.tokens = 4 : i64, memwall.sequences = 4 : i64,
                memwall.interconnect_bytes = 96 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x32xf32>) -> tensor<4x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x32xf32>)
                     outs(%f : tensor<4x32xf32>) -> tensor<4x32xf32>
  %r = linalg.add ins(%y, %kv : tensor<4x32xf32>, tensor<4x32xf32>)
                  outs(%e : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %r : tensor<4x32xf32>
}

// Without roles there is no model, whatever else a function says of itself.
//      CHECK: @plain
//  CHECK-NOT: tokens/s
func.func @plain(%x: tensor<4x64xf32>) -> tensor<4x64xf32>
    attributes {memwall.tokens = 4 : i64} {
  %0 = math.exp %x : tensor<4x64xf32>
  return %0 : tensor<4x64xf32>
}

// What a prompt returns for later steps is KV cache as well.
//   read 4*64*4 = 1024 of x and 64*32*4 = 8192 of w, written 4*32*4 = 512.
//      CHECK: @prompt
//      CHECK: resident 8.19 kB weights, 512 B KV cache, 1.02 kB activations
// CHECK-NEXT: compulsory 84 % weights, 5 % KV cache, 11 % activations
func.func @prompt(%x: tensor<4x64xf32> {memwall.role = "activation"},
                  %w: tensor<64x32xf32> {memwall.role = "weight"})
    -> (tensor<4x64xf32> {memwall.role = "activation"},
        tensor<4x32xf32> {memwall.role = "kv"}) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x32xf32>) -> tensor<4x32xf32>
  %k = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x32xf32>)
                     outs(%f : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %x, %k : tensor<4x64xf32>, tensor<4x32xf32>
}
