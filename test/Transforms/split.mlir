// A reduction in parts: a loop over units around the op on one part, and one op
// that combines what the parts made.
// RUN: memwall-opt %s -memwall-apply-schedule -split-input-file | FileCheck %s

// 7 parts of 143 iterations, the last of 142; bands cut what is inside.
// CHECK-LABEL: func.func @product
// CHECK-SAME: %[[A:.*]]: tensor<40x1000xf32>, %[[B:.*]]: tensor<1000x24xf32>
func.func @product(%a: tensor<40x1000xf32>, %b: tensor<1000x24xf32>) -> tensor<40x24xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<40x24xf32>
  // CHECK: %[[INIT:.*]] = linalg.fill
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<40x24xf32>) -> tensor<40x24xf32>
  // CHECK: %[[E:.*]] = tensor.empty() : tensor<7x40x24xf32>
  // CHECK: %[[P:.*]] = scf.forall (%[[PART:.*]]) in (7) shared_outs(%[[OUT:.*]] = %[[E]])
  // CHECK:   %[[SIZE:.*]] = affine.min
  // CHECK:   %[[BEGIN:.*]] = affine.apply
  // CHECK:   tensor.extract_slice %[[A]][0, %[[BEGIN]]] [40, %[[SIZE]]] [1, 1]
  // CHECK:   tensor.extract_slice %[[B]][%[[BEGIN]], 0] [%[[SIZE]], 24] [1, 1]
  // CHECK:   %[[TILES:.*]] = scf.forall {{.*}} = (0) to (40) step (8)
  // CHECK:     linalg.fill {memwall.tiled}
  // CHECK:     scf.for
  // CHECK:       linalg.matmul {memwall.tiled}
  // CHECK:   tensor.parallel_insert_slice %[[TILES]] into %[[OUT]][%[[PART]], 0, 0] [1, 40, 24] [1, 1, 1]
  // CHECK: %[[C:.*]] = linalg.generic
  // CHECK-SAME: iterator_types = ["parallel", "reduction", "parallel"]
  // CHECK-SAME: ins(%[[P]] : tensor<7x40x24xf32>) outs(%[[INIT]] : tensor<40x24xf32>)
  // CHECK-SAME: memwall.tiled
  // CHECK:   arith.addf
  // CHECK: return %[[C]]
  %m = linalg.matmul {memwall.schedule = #memwall.schedule<
      bands = [<"l2", sizes = [8, 0, 16], order = [0, 2], parallel = [0]>],
      split = <dim = 2, parts = 7>, units = 4>}
    ins(%a, %b : tensor<40x1000xf32>, tensor<1000x24xf32>)
    outs(%f : tensor<40x24xf32>) -> tensor<40x24xf32>
  return %m : tensor<40x24xf32>
}

// -----

// A maximum starts from minus infinity in every part, whatever the whole starts
// from; positions in the body are those of the whole.
// CHECK-LABEL: func.func @masked_maximum
func.func @masked_maximum(%x: tensor<6x32xf32>, %start: tensor<6xf32>) -> tensor<6xf32> {
  // CHECK: %[[LEAST:.*]] = arith.constant 0xFF800000 : f32
  // CHECK: scf.forall (%[[PART:.*]]) in (4)
  // CHECK:   linalg.fill {memwall.tiled} ins(%[[LEAST]]
  // CHECK:   linalg.generic
  // CHECK:     %[[I:.*]] = linalg.index 1
  // CHECK:     affine.apply {{.*}}[%[[I]]]
  // CHECK: linalg.generic {{.*}} iterator_types = ["reduction", "parallel"]
  // CHECK-SAME: outs(%{{.*}} : tensor<6xf32>)
  // CHECK:   arith.maximumf
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<6x32xf32>) outs(%start : tensor<6xf32>)
      attrs = {memwall.schedule = #memwall.schedule<split = <dim = 1, parts = 4>, units = 4>} {
    ^bb0(%in: f32, %acc: f32):
      %j = linalg.index 1 : index
      %limit = arith.constant 20 : index
      %isIn = arith.cmpi ult, %j, %limit : index
      %least = arith.constant 0xFF800000 : f32
      %masked = arith.select %isIn, %in, %least : f32
      %m = arith.maximumf %acc, %masked : f32
      linalg.yield %m : f32
  } -> tensor<6xf32>
  return %0 : tensor<6xf32>
}
