// RUN: memwall-test-opt %s --test-memwall-print-loop-tree --split-input-file -o /dev/null | FileCheck %s

#ids = affine_map<(t, d) -> (t)>
#rows = affine_map<(t, d) -> (t, d)>

// The program says how many rows its six tokens name: at most as often as the
// row is computed, whatever it says of the whole.
// CHECK-LABEL: tree @said
//       CHECK: read b1[l2+?(l1)*16<4 all]
//       CHECK: read b1[l4+?(l3)*16<6 all]
//       CHECK: read b1[l6+?(l5)*16<100]
func.func @said(%ids: tensor<6xindex>, %table: tensor<100x16xf32>, %o: tensor<6x16xf32>) -> (tensor<6x16xf32>, tensor<6x16xf32>, tensor<6x16xf32>) {
  %0 = linalg.generic {indexing_maps = [#ids, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xindex>) outs(%o : tensor<6x16xf32>) {
  ^bb0(%row: index, %y: f32):
    %d = linalg.index 1 : index
    %e = tensor.extract %table[%row, %d] {memwall.distinct_rows = 4 : i64} : tensor<100x16xf32>
    linalg.yield %e : f32
  } -> tensor<6x16xf32>
  %1 = linalg.generic {indexing_maps = [#ids, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xindex>) outs(%o : tensor<6x16xf32>) {
  ^bb0(%row: index, %y: f32):
    %d = linalg.index 1 : index
    %e = tensor.extract %table[%row, %d] {memwall.distinct_rows = 90 : i64} : tensor<100x16xf32>
    linalg.yield %e : f32
  } -> tensor<6x16xf32>
  %2 = linalg.generic {indexing_maps = [#ids, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xindex>) outs(%o : tensor<6x16xf32>) {
  ^bb0(%row: index, %y: f32):
    %d = linalg.index 1 : index
    %e = tensor.extract %table[%row, %d] : tensor<100x16xf32>
    linalg.yield %e : f32
  } -> tensor<6x16xf32>
  return %0, %1, %2 : tensor<6x16xf32>, tensor<6x16xf32>, tensor<6x16xf32>
}

// -----

// Of other ops: tensor.gather, and loads one by one.
// CHECK-LABEL: tree @others
//       CHECK: read b1[l2+?(l1)*16<4 all]
//       CHECK: read b2[0+?(l3)*16<3 all]
func.func @others(%ids: tensor<6x1xindex>, %table: tensor<100x16xf32>, %m: memref<50x16xf32>, %rows: memref<6xindex>, %o: memref<6xf32>) -> tensor<6x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %0 = tensor.gather %table[%ids] gather_dims([0]) {memwall.distinct_rows = 4 : i64} : (tensor<100x16xf32>, tensor<6x1xindex>) -> tensor<6x16xf32>
  scf.for %i = %c0 to %c6 step %c1 {
    %row = memref.load %rows[%i] : memref<6xindex>
    %e = memref.load %m[%row, %c0] {memwall.distinct_rows = 3 : i64} : memref<50x16xf32>
    memref.store %e, %o[%i] : memref<6xf32>
  }
  return %0 : tensor<6x16xf32>
}
