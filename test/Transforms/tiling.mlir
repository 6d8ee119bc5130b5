// RUN: memwall-opt %s --memwall-apply-schedule | FileCheck %s

// Parallel loops first, then the band's other loops in its order. The fill
// moves in as far as no reduction is outside of it: into the rows and columns
// of the outer band, not into the inner one, whose first loop is a reduction.
// CHECK-LABEL: func @two_bands
//       CHECK:   %[[E:[a-z0-9]+]] = tensor.empty
//   CHECK-NOT:   linalg.fill
//       CHECK:   scf.forall (%[[I:[a-z0-9]+]]) = (0) to (128) step (32) shared_outs(%{{.*}} = %[[E]])
//       CHECK:     scf.for %[[J:[a-z0-9]+]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args
//       CHECK:       linalg.fill {memwall.tiled} ins(%{{.*}} : f32) outs(%{{.*}} : tensor<32x16xf32>)
//       CHECK:       scf.for %[[K:[a-z0-9]+]] =
//       CHECK:         scf.for %[[II:[a-z0-9]+]] =
//       CHECK:           linalg.matmul {memwall.tiled} ins(%{{.*}}, %{{.*}} : tensor<8x4xf32>, tensor<4x16xf32>) outs(%{{.*}} : tensor<8x16xf32>)
//   CHECK-NOT:   memwall.schedule
func.func @two_bands(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>) -> tensor<128x48xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<128x48xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<128x48xf32>) -> tensor<128x48xf32>
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [32, 16, 0], parallel = [0]>,
               <"l2", sizes = [8, 0, 4], order = [2, 0]>], units = 4>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%f : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m : tensor<128x48xf32>
}

// A reduction outside: the fill stays where it is.
// CHECK-LABEL: func @reduction_outside
//       CHECK:   linalg.fill {{.*}} -> tensor<128x48xf32>
//       CHECK:   scf.for
//       CHECK:     scf.for
//   CHECK-NOT:       linalg.fill
//       CHECK:       linalg.matmul {memwall.tiled}
func.func @reduction_outside(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>) -> tensor<128x48xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<128x48xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<128x48xf32>) -> tensor<128x48xf32>
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [32, 0, 16], order = [2, 0]>]>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%f : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m : tensor<128x48xf32>
}

// A bias is broadcast tile by tile. Others still read the whole broadcast.
// CHECK-LABEL: func @broadcast
//       CHECK:   %[[WHOLE:[a-z0-9]+]] = linalg.broadcast {{.*}} outs(%{{.*}} : tensor<128x48xf32>)
//       CHECK:   %[[M:[a-z0-9]+]] = scf.for
//       CHECK:     linalg.broadcast {{.*}} outs(%{{.*}} : tensor<32x48xf32>) dimensions = [0] {memwall.tiled}
//       CHECK:     linalg.matmul
//       CHECK:   return %[[M]], %[[WHOLE]]
func.func @broadcast(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>, %bias: tensor<48xf32>)
    -> (tensor<128x48xf32>, tensor<128x48xf32>) {
  %e = tensor.empty() : tensor<128x48xf32>
  %f = linalg.broadcast ins(%bias : tensor<48xf32>) outs(%e : tensor<128x48xf32>) dimensions = [0]
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [32, 0, 0]>]>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%f : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m, %f : tensor<128x48xf32>, tensor<128x48xf32>
}

// Elementwise work that an init comes from is no broadcast: it stays.
// CHECK-LABEL: func @computed_init
//       CHECK:   linalg.exp
//       CHECK:   scf.for
//   CHECK-NOT:     linalg.exp
//       CHECK:     linalg.matmul
func.func @computed_init(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>, %c: tensor<128x48xf32>) -> tensor<128x48xf32> {
  %f = linalg.exp ins(%c : tensor<128x48xf32>) outs(%c : tensor<128x48xf32>) -> tensor<128x48xf32>
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [32, 0, 0]>]>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%f : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m : tensor<128x48xf32>
}

// A loop that would run once is none; what does not divide is a minimum.
// CHECK-LABEL: func @partial
//       CHECK:   scf.for %[[I:[a-z0-9]+]] =
//   CHECK-NOT:   scf.for
//       CHECK:     affine.min #{{.*}}(%[[I]])
//       CHECK:     linalg.exp {memwall.tiled} ins(%{{.*}} : tensor<?x48xf32>)
func.func @partial(%a: tensor<100x48xf32>, %b: tensor<100x48xf32>) -> tensor<100x48xf32> {
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [32, 48]>, <"l2", sizes = [32, 48]>]>}
    ins(%a : tensor<100x48xf32>) outs(%b : tensor<100x48xf32>) -> tensor<100x48xf32>
  return %0 : tensor<100x48xf32>
}

// The order of the op's own loops takes a generic op.
// CHECK-LABEL: func @leaf_order
//   CHECK-NOT:   scf.for
//       CHECK:   linalg.generic
//  CHECK-SAME:     iterator_types = ["parallel", "reduction", "parallel"]
//  CHECK-SAME:     memwall.tiled
func.func @leaf_order(%a: tensor<128x64xf32>, %b: tensor<64x48xf32>, %c: tensor<128x48xf32>) -> tensor<128x48xf32> {
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<leaf_order = [0, 2, 1]>}
    ins(%a, %b : tensor<128x64xf32>, tensor<64x48xf32>)
    outs(%c : tensor<128x48xf32>) -> tensor<128x48xf32>
  return %m : tensor<128x48xf32>
}

// Memrefs, with loops that carry nothing.
// CHECK-LABEL: func @memrefs
//       CHECK:   scf.forall
//       CHECK:     scf.for
//   CHECK-NOT:     iter_args
//       CHECK:       linalg.matmul {memwall.tiled}
func.func @memrefs(%a: memref<128x64xf32>, %b: memref<64x48xf32>, %c: memref<128x48xf32>) {
  linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l3", sizes = [32, 0, 16], parallel = [0]>], units = 4>}
    ins(%a, %b : memref<128x64xf32>, memref<64x48xf32>) outs(%c : memref<128x48xf32>)
  return
}

// An empty schedule leaves the op.
// CHECK-LABEL: func @empty
//       CHECK:   linalg.exp {memwall.tiled} ins(%{{.*}} : tensor<100x48xf32>)
func.func @empty(%a: tensor<100x48xf32>) -> tensor<100x48xf32> {
  %0 = linalg.exp {memwall.schedule = #memwall.schedule<>}
    ins(%a : tensor<100x48xf32>) outs(%a : tensor<100x48xf32>) -> tensor<100x48xf32>
  return %0 : tensor<100x48xf32>
}
