// docs/Model.md, "Matmul" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=ijk | FileCheck %s --check-prefix=IJK
// 4 and 22: A 16*32*3, B 16*32*48, C 32. 56 and 80: A 48, B 16*96, C 32.
// IJK: past4 | [[#mul(64,26144)]] [[#mul(64,26144)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IJK: past22 | [[#mul(64,26144)]] [[#mul(64,26144)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IJK: past56 | [[#mul(64,1616)]] [[#mul(64,1616)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IJK: past80 | [[#mul(64,1616)]] [[#mul(64,1616)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IJK: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @ijk(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, k)>,
                       affine_map<(i, j, k) -> (k, j)>,
                       affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=jik | FileCheck %s --check-prefix=JIK
// 4 and 22: A 32*16*3, B 32*16*48, C 32*16. 56 and 80: A 32*48, B 96, C 32*16.
// JIK: past4 | [[#mul(64,26624)]] [[#mul(64,26624)]] 0.0% | [[#mul(64,512)]] [[#mul(64,512)]] 0.0%
// JIK: past22 | [[#mul(64,26624)]] [[#mul(64,26624)]] 0.0% | [[#mul(64,512)]] [[#mul(64,512)]] 0.0%
// JIK: past56 | [[#mul(64,2144)]] [[#mul(64,2144)]] 0.0% | [[#mul(64,512)]] [[#mul(64,512)]] 0.0%
// JIK: past80 | [[#mul(64,2144)]] [[#mul(64,2144)]] 0.0% | [[#mul(64,512)]] [[#mul(64,512)]] 0.0%
// JIK: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @jik(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(j, i, k) -> (i, k)>,
                       affine_map<(j, i, k) -> (k, j)>,
                       affine_map<(j, i, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=ikj | FileCheck %s --check-prefix=IKJ
// 4: A 48, B 16*96, C 16*48*2. From 22: A 48, B 16*96, C 32.
// IKJ: past4 | [[#mul(64,3120)]] [[#mul(64,3120)]] 0.0% | [[#mul(64,1536)]] [[#mul(64,1536)]] 0.0%
// IKJ: past22 | [[#mul(64,1616)]] [[#mul(64,1616)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IKJ: past56 | [[#mul(64,1616)]] [[#mul(64,1616)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IKJ: past80 | [[#mul(64,1616)]] [[#mul(64,1616)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// IKJ: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @ikj(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, k, j) -> (i, k)>,
                       affine_map<(i, k, j) -> (k, j)>,
                       affine_map<(i, k, j) -> (i, j)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=kij | FileCheck %s --check-prefix=KIJ
// 4: A 48*16, B 48*16*2, C 48*16*2. 22: A 48*16, B 96, C 48*16*2.
// KIJ: past4 | [[#mul(64,3840)]] [[#mul(64,3840)]] 0.0% | [[#mul(64,1536)]] [[#mul(64,1536)]] 0.0%
// KIJ: past22 | [[#mul(64,2400)]] [[#mul(64,2400)]] 0.0% | [[#mul(64,1536)]] [[#mul(64,1536)]] 0.0%
// KIJ: past56 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// KIJ: past80 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// KIJ: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @kij(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(k, i, j) -> (i, k)>,
                       affine_map<(k, i, j) -> (k, j)>,
                       affine_map<(k, i, j) -> (i, j)>],
      iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=jki | FileCheck %s --check-prefix=JKI
// 4 and 22: A 32*48*16, B 32*48, C 32*48*16. 56 and 80: A 32*48, B 32*48, C 32.
// JKI: past4 | [[#mul(64,50688)]] [[#mul(64,50688)]] 0.0% | [[#mul(64,24576)]] [[#mul(64,24576)]] 0.0%
// JKI: past22 | [[#mul(64,50688)]] [[#mul(64,50688)]] 0.0% | [[#mul(64,24576)]] [[#mul(64,24576)]] 0.0%
// JKI: past56 | [[#mul(64,3104)]] [[#mul(64,3104)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// JKI: past80 | [[#mul(64,3104)]] [[#mul(64,3104)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// JKI: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @jki(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(j, k, i) -> (i, k)>,
                       affine_map<(j, k, i) -> (k, j)>,
                       affine_map<(j, k, i) -> (i, j)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/lines.mlir --simulate=lines --entry=kji | FileCheck %s --check-prefix=KJI
// 4 and 22: A 48*32*16, B 96, C 48*32*16. (At 56 the columns of two line groups
// of A do not fit: docs/Model.md, "What is approximate".)
// KJI: past4 | [[#mul(64,49248)]] [[#mul(64,49248)]] 0.0% | [[#mul(64,24576)]] [[#mul(64,24576)]] 0.0%
// KJI: past22 | [[#mul(64,49248)]] [[#mul(64,49248)]] 0.0% | [[#mul(64,24576)]] [[#mul(64,24576)]] 0.0%
// KJI: past80 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
// KJI: past320 | [[#mul(64,176)]] [[#mul(64,176)]] 0.0% | [[#mul(64,32)]] [[#mul(64,32)]] 0.0%
func.func @kji(%a: tensor<16x48xf32>, %b: tensor<48x32xf32>,
              %c: tensor<16x32xf32>) -> tensor<16x32xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(k, j, i) -> (i, k)>,
                       affine_map<(k, j, i) -> (k, j)>,
                       affine_map<(k, j, i) -> (i, j)>],
      iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%a, %b : tensor<16x48xf32>, tensor<48x32xf32>)
      outs(%c : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %r : tensor<16x32xf32>
}
