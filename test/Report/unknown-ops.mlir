// Ops that nobody knows are counted as far as they can be: what they read and
// write once, what is inside of them, and the memory that they hand out. The
// floor is never above what is scheduled.
// The place is on the line of the op where the path is short.
// RUN: cd %S && memwall-opt unknown-ops.mlir --allow-unregistered-dialect --memwall-report=target=ddr5-2ch 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN < %t.err
// RUN: memwall-opt %s --allow-unregistered-dialect --memwall-report="target=ddr5-2ch format=json" 2>/dev/null | FileCheck %s --check-prefix=JSON

// Two operands of 64x128 and 128x256 and a result of 64x256 numbers of 4 bytes.
// What the two ops hand over is in no floor.
// CHECK-LABEL: @chain
// CHECK-NEXT: 0 FLOP; 2 operations, 2 distinct
// CHECK: warning: 2 ops are not modelled, only 360 kB of operands and results are counted: new.dot, new.tanh
//      CHECK: bound by ddr5
//      CHECK: minimum of the program 164 kB read + 65.5 kB written
//      CHECK: 229 kB ? new.dot 128x256
// CHECK-NEXT: ddr5 moves {{.*}}: operands and results once
//      CHECK: not modelled, and in the figures above in part:
// CHECK-NEXT: 1× new.dot unknown-ops.mlir:[[#@LINE+11]]:8
// CHECK-NEXT: there is no rule for this op: lower it to linalg or loops first
// WARN: unknown-ops.mlir:[[#@LINE+8]]:0: warning: @chain: 2 ops are not modelled, only 360 kB of operands and results are counted: new.dot, new.tanh; there is no rule for this op: lower it to linalg or loops first
// JSON: "read": 163840,
// JSON-NEXT: "written": 65536
// JSON: "2 ops are not modelled, only 360 kB of operands and results are counted: new.dot, new.tanh"
// JSON: "op": "new.dot",
// JSON: "counted": "operands",
// JSON-NEXT: "counted_bytes": 229376
// JSON: "kind": "unmodelled"
func.func @chain(%x: tensor<64x128xf32>, %w: tensor<128x256xf32>) -> tensor<64x256xf32> {
  %0 = "new.dot"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32>
  %1 = "new.tanh"(%0) : (tensor<64x256xf32>) -> tensor<64x256xf32>
  return %1 : tensor<64x256xf32>
}

// An operand that is used twice is read once; 3 x 16 elements are read in a
// loop, and every iteration writes the same 16.
// CHECK-LABEL: @loop
// CHECK: warning: 1 op is not modelled, only 384 B of operands and results
// CHECK: minimum of the program 192 B read + 64 B written
func.func @loop(%x: tensor<48xf32>, %y: tensor<16xf32>) -> tensor<16xf32> {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c48 = arith.constant 48 : index
  %r = scf.for %i = %c0 to %c48 step %c16 iter_args(%t = %y) -> (tensor<16xf32>) {
    %s = tensor.extract_slice %x[%i] [16] [1] : tensor<48xf32> to tensor<16xf32>
    %0 = "new.square"(%s, %s) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    scf.yield %0 : tensor<16xf32>
  }
  return %r : tensor<16xf32>
}

// Memory that an op hands out is read and written like an argument: three
// times 512 x 512 numbers of 4 bytes are read, one time they are written.
// CHECK-LABEL: @memory
// CHECK-NEXT: 268 MFLOP; 1 operation, 1 distinct
// CHECK: warning: 3 ops are not modelled, the memory that they give counts where it is used: new.buffer
// CHECK: bytes at ddr5
// CHECK-NEXT: as the program stands {{.*}} read + 1.05 MB written
// CHECK: minimum of the program 3.15 MB read + 1.05 MB written
func.func @memory() {
  %a = "new.buffer"() {at = 0} : () -> memref<512x512xf32>
  %b = "new.buffer"() {at = 1} : () -> memref<512x512xf32>
  %c = "new.buffer"() {at = 2} : () -> memref<512x512xf32>
  linalg.matmul ins(%a, %b : memref<512x512xf32>, memref<512x512xf32>) outs(%c : memref<512x512xf32>)
  return
}

// What is inside of an op is counted once.
// CHECK-LABEL: @inside
// CHECK-NEXT: 268 MFLOP; 2 operations, 2 distinct
// CHECK: warning: 1 op is not modelled, only what is inside is counted, once: new.region
// CHECK: minimum of the program 2.10 MB read + 1.05 MB written
func.func @inside(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %r = "new.region"(%a) ({
  ^bb0(%x: tensor<512x512xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<512x512xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<512x512xf32>) -> tensor<512x512xf32>
    %0 = linalg.matmul ins(%x, %b : tensor<512x512xf32>, tensor<512x512xf32>) outs(%f : tensor<512x512xf32>) -> tensor<512x512xf32>
    "new.yield"(%0) : (tensor<512x512xf32>) -> ()
  }) : (tensor<512x512xf32>) -> tensor<512x512xf32>
  return %r : tensor<512x512xf32>
}

// A region on scalars says how elements are computed, not what is moved.
// CHECK-LABEL: @scalars
// CHECK: warning: 1 op is not modelled, only 264 B of operands and results are counted: new.reduce
// CHECK: minimum of the program 260 B read + 4 B written
func.func @scalars(%x: tensor<64xf32>, %i: tensor<f32>) -> tensor<f32> {
  %e = arith.constant dense<0.0> : tensor<f32>
  %r = "new.reduce"(%x, %e) ({
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    "new.yield"(%s) : (f32) -> ()
  }) : (tensor<64xf32>, tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// What an op without results takes, and what a function elsewhere takes, is
// written: 16 KiB each.
// CHECK-LABEL: @sinks
// CHECK: minimum of the program 16.4 kB read + 32.8 kB written
func.func private @use(tensor<4096xf32>)
func.func @sinks(%x: tensor<4096xf32>) {
  %e = tensor.empty() : tensor<4096xf32>
  %y = linalg.exp ins(%x : tensor<4096xf32>) outs(%e : tensor<4096xf32>) -> tensor<4096xf32>
  %z = linalg.negf ins(%x : tensor<4096xf32>) outs(%e : tensor<4096xf32>) -> tensor<4096xf32>
  "new.store"(%y) : (tensor<4096xf32>) -> ()
  func.call @use(%z) : (tensor<4096xf32>) -> ()
  return
}

// An op of a known dialect without a rule, with a destination: what is
// overwritten is not read.
// CHECK-LABEL: @destination
// CHECK: warning: 1 op is not modelled, only 20.8 kB of operands and results are counted:
// CHECK-NEXT: linalg.winograd_input_transform
// CHECK: minimum of the program 7.84 kB read + 13.0 kB written
func.func @destination(%in: tensor<2x14x14x5xf32>, %out: tensor<6x6x3x3x2x5xf32>) -> tensor<6x6x3x3x2x5xf32> {
  %r = linalg.winograd_input_transform fmr(F_4_3) ins(%in : tensor<2x14x14x5xf32>) outs(%out : tensor<6x6x3x3x2x5xf32>) -> tensor<6x6x3x3x2x5xf32>
  return %r : tensor<6x6x3x3x2x5xf32>
}

// Types that are text here have sizes all the same.
// CHECK-LABEL: @torch
// CHECK: minimum of the program 164 kB read + 65.5 kB written
func.func @torch(%x: !torch.vtensor<[64,128],f32>, %w: !torch.vtensor<[128,256],f32>) -> !torch.vtensor<[64,256],f32> {
  %0 = "torch.aten.mm"(%x, %w) : (!torch.vtensor<[64,128],f32>, !torch.vtensor<[128,256],f32>) -> !torch.vtensor<[64,256],f32>
  return %0 : !torch.vtensor<[64,256],f32>
}

// Sizes that are not known are in no figure.
// CHECK-LABEL: @unknown
// CHECK: warning: 1 op is not modelled, only 64 B of operands and results are counted: new.filter
// CHECK: minimum of the program 64 B read + 0 B written
func.func @unknown(%x: tensor<16xf32>) -> tensor<?xf32> {
  %0 = "new.filter"(%x) : (tensor<16xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
