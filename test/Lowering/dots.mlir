// Products of narrow elements by instructions that take two or four steps of the reduction, where a target or an option says that the CPU
// has them: a lane of an operand holds neighbours along the reduction.
// RUN: memwall-opt %s --memwall-vectorize=target=epyc-9654 | FileCheck %s
// RUN: memwall-opt %s --memwall-vectorize="vector-bits=512 vector-registers=32 dot-instructions=avx512vnni,avx512bf16" | FileCheck %s
// RUN: memwall-opt %s --memwall-vectorize="vector-bits=512 vector-registers=32" | FileCheck %s --check-prefix=WIDE
// RUN: memwall-opt %s --memwall-vectorize="target=epyc-9654 dot-instructions=none" | FileCheck %s --check-prefix=WIDE
// RUN: memwall-opt %s --memwall-vectorize="vector-bits=512 vector-registers=32 dot-instructions=avx512bf16" | FileCheck %s --check-prefix=BF16
// RUN: memwall-opt %s --memwall-lower-to-llvm="vector-bits=256 vector-registers=16 dot-instructions=avx512bf16,avx512vnni" | %mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM
// RUN: memwall-opt %s --memwall-lower-to-llvm="vector-bits=256 vector-registers=16" | %mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=AVX2
// WIDE-NOT: memwall.dot
// AVX2-NOT: llvm.x86

// 65 steps are 33 pairs, the last one padded with zero: 16 panels of 6 rows (of 48 pairs, as they are turned in blocks of 16), and four of
// 4 registers of columns at a time, 512 bytes of a row.
// CHECK-LABEL: @odd
//   CHECK-DAG: tensor.empty() : tensor<16x48x6xi32>
//   CHECK-DAG: tensor.empty() : tensor<4x33x64xi32>
//       CHECK: scf.for %{{.*}} = %c0 to %c32 step %c1
//       CHECK:   vector.interleave %{{.*}}, %{{.*}} : vector<16xbf16> -> vector<32xbf16>
//       CHECK: vector.transfer_read {{.*}} vector<2x16xbf16>
//       CHECK: vector.interleave %{{.*}}, %{{.*}} : vector<16xbf16> -> vector<32xbf16>
//       CHECK: scf.for %{{.*}} = %c0 to %c33 step %c1
//       CHECK:   vector.contract {{.*}}memwall.dot{{.*}} : vector<16x2xf32>, vector<16x2xf32> into vector<16xf32>
//   CHECK-NOT: math.fma
// BF16-LABEL: @odd
//       BF16: memwall.dot
//  LLVM-LABEL: @odd
//        LLVM: call <8 x float> @llvm.x86.avx512bf16.dpbf16ps.256(
func.func @odd(%a: tensor<96x65xbf16>, %b: tensor<65x256xbf16>, %c: tensor<96x256xf32>) -> tensor<96x256xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<96x65xbf16>, tensor<65x256xbf16>) outs(%c : tensor<96x256xf32>) -> tensor<96x256xf32>
  return %0 : tensor<96x256xf32>
}

// Four integers of 8 bits are a lane. Weights that have the reduction innermost have lanes already. The instruction takes a left operand
// without a sign: 128 is added to elements of the one here, and -128 times the sum of every column, which is in its panel behind the 16
// steps, to the sums.
// CHECK-LABEL: @integers
//       CHECK: tensor.empty() : tensor<1x17x64xi32>
//       CHECK: vector.bitcast {{.*}} : vector<16x64xi8> to vector<16x16xi32>
//       CHECK: scf.for %{{.*}} = %c0 to %c16 step %c1
//       CHECK:   arith.extsi {{.*}} : vector<64xi8> to vector<64xi32>
//       CHECK:   vector.contract {{.*}}memwall.dot = i8{{.*}} : vector<16x4xi32>, vector<16x4xi32> into vector<16xi32>
//       CHECK: arith.subi %cst
//       CHECK: vector.transfer_write {{.*}}[%c0, %c16, %c0]
//       CHECK: arith.addi
//       CHECK: scf.for %{{.*}} = %c0 to %c16 step %c1
//       CHECK:   vector.transfer_read %arg0{{.*}} vector<4xi8>
//       CHECK:   arith.xori %{{.*}}, %c-2139062144_i32 : i32
//       CHECK:   arith.extui {{.*}} : vector<64xi8> to vector<64xi32>
//       CHECK:   arith.extsi {{.*}} : vector<64xi8> to vector<64xi32>
//       CHECK:   vector.contract {{.*}}memwall.dot = i8
// BF16-LABEL: @integers
//   BF16-NOT: memwall.dot
//  LLVM-LABEL: @integers
//        LLVM: call <8 x i32> @llvm.x86.avx512.vpdpbusd.256(
func.func @integers(%a: tensor<64x64xi8>, %b: tensor<128x64xi8>, %c: tensor<64x128xi32>) -> tensor<64x128xi32> {
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : tensor<64x64xi8>, tensor<128x64xi8>) outs(%c : tensor<64x128xi32>) -> tensor<64x128xi32>
  return %0 : tensor<64x128xi32>
}

// Nothing is to be corrected where the weights have no sign: they are the operand that the instruction takes so.
// CHECK-LABEL: @without_a_sign
//   CHECK-NOT: arith.xori
//       CHECK: scf.for %{{.*}} = %c0 to %c16 step %c1
//       CHECK:   %[[LEFT:.*]] = vector.broadcast %{{.*}} : i32 to vector<16xi32>
//       CHECK:   %[[BYTES:.*]] = vector.bitcast %[[LEFT]] : vector<16xi32> to vector<64xi8>
//       CHECK:   arith.extsi %[[BYTES]] : vector<64xi8> to vector<64xi32>
//   CHECK-NOT: arith.subi
func.func @without_a_sign(%a: tensor<64x64xi8>, %b: tensor<64x128xi8>, %c: tensor<64x128xi32>) -> tensor<64x128xi32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<64x64xi8>, tensor<64x128xi8>) outs(%c : tensor<64x128xi32>) {
  ^bb0(%l: i8, %r: i8, %o: i32):
    %wl = arith.extsi %l : i8 to i32
    %wr = arith.extui %r : i8 to i32
    %p = arith.muli %wl, %wr : i32
    %t = arith.addi %o, %p : i32
    linalg.yield %t : i32
  } -> tensor<64x128xi32>
  return %0 : tensor<64x128xi32>
}

// Two rows that are not packed are read at a time, and widened to 16 bits: no panel has a correction.
// CHECK-LABEL: @few_rows_of_integers
//       CHECK: vector.contract {{.*}}memwall.dot = i16{{.*}} : vector<16x2xi32>, vector<16x2xi32> into vector<16xi32>
//  LLVM-LABEL: @few_rows_of_integers
//        LLVM: call <8 x i32> @llvm.x86.avx512.vpdpwssd.256(
func.func @few_rows_of_integers(%a: tensor<8x64xi8>, %b: tensor<64x256xi8>, %c: tensor<8x256xi32>) -> tensor<8x256xi32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x64xi8>, tensor<64x256xi8>) outs(%c : tensor<8x256xi32>) -> tensor<8x256xi32>
  return %0 : tensor<8x256xi32>
}

// With a vector, nothing is packed, and vectors along the reduction are twice as long as those of the sums.
// CHECK-LABEL: @matvec
//  BF16-LABEL: @matvec
//   CHECK-NOT: tensor.empty
//       CHECK: scf.for {{.*}} step %c32
//       CHECK:   vector.transfer_read {{.*}} vector<32xbf16>
//       CHECK:   memwall.dot
func.func @matvec(%a: tensor<256x1024xbf16>, %x: tensor<1024xbf16>, %y: tensor<256xf32>) -> tensor<256xf32> {
  %0 = linalg.matvec ins(%a, %x : tensor<256x1024xbf16>, tensor<1024xbf16>) outs(%y : tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}

// Weights of 4 bits lie in a byte each; vectors of bytes are looked up in a table of bf16, with their low bits. The sums of a group are
// multiplied by its scale.
// CHECK-LABEL: @scaled
//       CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
//       CHECK:   scf.for %{{.*}} = %c0 to %c128 step %c32
//       CHECK:     arith.sitofp {{.*}} : vector<32xi4> to vector<32xbf16>
//       CHECK:     memwall.dot
//       CHECK:   math.fma
//  BF16-LABEL: @scaled
//  LLVM-LABEL: @scaled
//        LLVM: %[[BYTES:.*]] = load <16 x i8>
//        LLVM: %[[INDEX:.*]] = zext <16 x i8> %[[BYTES]] to <16 x i16>
//        LLVM: call <16 x i16> @llvm.x86.avx512.permvar.hi.256(<16 x i16> <i16 0, i16 16256, i16 16384, {{.*}}, i16 -16512>, <16 x i16> %[[INDEX]])
//        LLVM: @llvm.x86.avx512bf16.dpbf16ps.256(
func.func @scaled(%x: tensor<2x128xbf16>, %w: tensor<64x2x128xi4>, %s: tensor<64x2xbf16>, %y: tensor<64xf32>) -> tensor<64xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(n, g, k) -> (g, k)>, affine_map<(n, g, k) -> (n, g, k)>, affine_map<(n, g, k) -> (n, g)>, affine_map<(n, g, k) -> (n)>], iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x, %w, %s : tensor<2x128xbf16>, tensor<64x2x128xi4>, tensor<64x2xbf16>) outs(%y : tensor<64xf32>) {
  ^bb0(%a: bf16, %b: i4, %d: bf16, %o: f32):
    %wa = arith.extf %a : bf16 to f32
    %wd = arith.extf %d : bf16 to f32
    %wb = arith.sitofp %b : i4 to f32
    %q = arith.mulf %wb, %wd : f32
    %p = arith.mulf %wa, %q : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<64xf32>
  return %0 : tensor<64xf32>
}

// Two rows of what is not packed are read side by side; with an odd number of them, elements are widened.
// CHECK-LABEL: @few_rows
//       CHECK: vector.transfer_read %arg1{{.*}} vector<16xbf16>
//       CHECK: vector.interleave
//       CHECK: memwall.dot
func.func @few_rows(%a: tensor<8x64xbf16>, %b: tensor<64x256xbf16>, %c: tensor<8x256xf32>) -> tensor<8x256xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x64xbf16>, tensor<64x256xbf16>) outs(%c : tensor<8x256xf32>) -> tensor<8x256xf32>
  return %0 : tensor<8x256xf32>
}
// CHECK-LABEL: @few_rows_odd
//   CHECK-NOT: memwall.dot
//       CHECK: math.fma
func.func @few_rows_odd(%a: tensor<8x63xbf16>, %b: tensor<63x256xbf16>, %c: tensor<8x256xf32>) -> tensor<8x256xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x63xbf16>, tensor<63x256xbf16>) outs(%c : tensor<8x256xf32>) -> tensor<8x256xf32>
  return %0 : tensor<8x256xf32>
}

// Sums of 64 bits, elements of 16 bits without a sign, and floats of other types have no such instruction.
// CHECK-LABEL: @others
//   CHECK-NOT: memwall.dot
func.func @others(%a: tensor<64x64xi8>, %b: tensor<64x64xi8>, %c: tensor<64x64xi64>, %d: tensor<64x64xf16>, %e: tensor<64x64xf32>) -> (tensor<64x64xi64>, tensor<64x64xf32>) {
  %0 = linalg.matmul ins(%a, %b : tensor<64x64xi8>, tensor<64x64xi8>) outs(%c : tensor<64x64xi64>) -> tensor<64x64xi64>
  %1 = linalg.matmul ins(%d, %d : tensor<64x64xf16>, tensor<64x64xf16>) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0, %1 : tensor<64x64xi64>, tensor<64x64xf32>
}

// RUN: not memwall-opt %s --memwall-vectorize=dot-instructions=amx 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: expected dot instructions to be 'avx512bf16', 'avx512vnni', both with a comma between them, or 'none', found 'amx'
