// RUN: memwall-opt %s --memwall-apply-schedule | FileCheck %s

// Tiles of the loops are the packed tiles: one of them is read at a time. The
// last one is filled up, because 50 is no multiple of 16.
// CHECK-LABEL: func @tile_by_tile
//       CHECK:   %[[P:[a-z0-9]+]] = linalg.pack %arg1 padding_value(%{{.*}} : f32)
//  CHECK-SAME:     inner_dims_pos = [0, 1] inner_tiles = [16, 16]
//  CHECK-SAME:     tensor<64x50xf32> -> tensor<4x4x16x16xf32>
//       CHECK:   scf.for %[[J:[a-z0-9]+]] =
//       CHECK:     scf.for %[[K:[a-z0-9]+]] =
//   CHECK-DAG:       %[[KT:[a-z0-9]+]] = affine.apply #{{.*}}(%[[K]])
//   CHECK-DAG:       %[[JT:[a-z0-9]+]] = affine.apply #{{.*}}(%[[J]])
//       CHECK:       tensor.extract_slice %[[P]][%[[KT]], %[[JT]], 0, 0] [1, 1, 16, %{{.*}}] [1, 1, 1, 1] : tensor<4x4x16x16xf32> to tensor<16x?xf32>
//       CHECK:       linalg.matmul {memwall.tiled}
func.func @tile_by_tile(%a: tensor<128x64xf32>, %b: tensor<64x50xf32>, %c: tensor<128x50xf32>) -> tensor<128x50xf32> {
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [0, 16, 16]>],
      packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [16, 16]>]>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x50xf32>)
    outs(%c : tensor<128x50xf32>) -> tensor<128x50xf32>
  return %m : tensor<128x50xf32>
}

// Half of a packed tile: its place in there is a remainder.
// CHECK-LABEL: func @part_of_a_tile
//       CHECK:   linalg.pack
//       CHECK:   scf.for %[[K:[a-z0-9]+]] =
//   CHECK-DAG:     %[[TILE:[a-z0-9]+]] = affine.apply #{{.*}}(%[[K]])
//   CHECK-DAG:     %[[REST:[a-z0-9]+]] = affine.apply #{{.*}}(%[[K]])
//       CHECK:     tensor.extract_slice %{{.*}}[%{{.*}}, 0, %{{.*}}] [1, 48, 8] [1, 1, 1] : tensor<4x48x16xf32> to tensor<48x8xf32>
// The tile comes out transposed, which takes a generic op.
//       CHECK:     linalg.generic
func.func @part_of_a_tile(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>, %c: tensor<128x48xf32>) -> tensor<128x48xf32> {
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [0, 0, 8]>],
      packs = [<operand = 1, inner_dims = [0], inner_tiles = [16]>]>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%c : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m : tensor<128x48xf32>
}

// A weight that is packed ahead is packed where it comes from, before all else.
// CHECK-LABEL: func @ahead
//  CHECK-NEXT:   tensor.empty
//  CHECK-NEXT:   linalg.pack %arg1 {{.*}} {memwall.packed_ahead}
//  CHECK-NEXT:   linalg.exp
func.func @ahead(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>, %c: tensor<128x48xf32>) -> tensor<128x48xf32> {
  %x = linalg.exp ins(%a : tensor<128x64xf32>) outs(%a : tensor<128x64xf32>) -> tensor<128x64xf32>
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [0, 16, 16]>],
      packs = [<operand = 1, inner_dims = [0, 1], inner_tiles = [16, 16], ahead>]>}
    ins(%x, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%c : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m : tensor<128x48xf32>
}
