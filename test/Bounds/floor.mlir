// RUN: memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s

// A token enters the cache of every layer at a position that is known when the
// program runs, then all of the caches is read: all but one row of each layer
// comes from outside (B5). In bytes: 4 * 128 * 64 * 2 of %kv less 4 rows of 128,
// and the 4 rows of %k, are 65536 read. The 4 rows of %kv, which is the
// caller's, and as much as %kv of the result are written: 66048.
// CHECK-LABEL: @every_layer
// CHECK: minimum of the program 65.5 kB read + 66.0 kB written
func.func @every_layer(%kv: tensor<4x128x64xbf16>, %k: tensor<4x64xbf16>,
                       %p: index) -> tensor<4x128x64xbf16> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %l = %c0 to %c4 step %c1 iter_args(%t = %kv)
      -> tensor<4x128x64xbf16> {
    %row = tensor.extract_slice %k[%l, 0] [1, 64] [1, 1]
        : tensor<4x64xbf16> to tensor<64xbf16>
    %u = tensor.insert_slice %row into %t[%l, %p, 0] [1, 1, 64] [1, 1, 1]
        : tensor<64xbf16> into tensor<4x128x64xbf16>
    scf.yield %u : tensor<4x128x64xbf16>
  }
  %e = tensor.empty() : tensor<4x128x64xbf16>
  %z = linalg.exp ins(%r : tensor<4x128x64xbf16>)
      outs(%e : tensor<4x128x64xbf16>) -> tensor<4x128x64xbf16>
  return %z : tensor<4x128x64xbf16>
}

// Keys and values lie one after the other in one cache. A row of the keys is
// written; what is read of the values is out of its reach.
// 2 * 64 * 32 * 4 bytes less a row of 128, and the token: 16384.
// CHECK-LABEL: @keys_and_values
// CHECK: minimum of the program 16.4 kB read + 16.5 kB written
func.func @keys_and_values(%kv: tensor<2x64x32xf32>, %k: tensor<1x32xf32>,
                           %p: index) -> tensor<2x64x32xf32> {
  %u = tensor.insert_slice %k into %kv[0, %p, 0] [1, 1, 32] [1, 1, 1]
      : tensor<1x32xf32> into tensor<2x64x32xf32>
  %e = tensor.empty() : tensor<2x64x32xf32>
  %z = linalg.exp ins(%u : tensor<2x64x32xf32>)
      outs(%e : tensor<2x64x32xf32>) -> tensor<2x64x32xf32>
  return %z : tensor<2x64x32xf32>
}
