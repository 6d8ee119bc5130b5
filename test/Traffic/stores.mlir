// docs/Model.md, "Stores" derives these lines. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=chain | FileCheck %s --check-prefix=FETCH
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=allocate --entry=chain | FileCheck %s --check-prefix=ALLOCATE
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=dead-written --entry=chain | FileCheck %s --check-prefix=WRITTEN
// x, t and y are 64 lines each. 4: x twice, t read back, t and y written; a store
// that fetches reads t and y as well. 320: t dies in the cache.
// FETCH: past4 | [[#mul(64,320)]] [[#mul(64,320)]] 0.0% | [[#mul(64,128)]] [[#mul(64,128)]] 0.0%
// FETCH: past320 | [[#mul(64,192)]] [[#mul(64,192)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// ALLOCATE: past4 | [[#mul(64,192)]] [[#mul(64,192)]] 0.0% | [[#mul(64,128)]] [[#mul(64,128)]] 0.0%
// ALLOCATE: past320 | [[#mul(64,64)]] [[#mul(64,64)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// WRITTEN: past4 | [[#mul(64,192)]] [[#mul(64,192)]] 0.0% | [[#mul(64,128)]] [[#mul(64,128)]] 0.0%
// WRITTEN: past320 | [[#mul(64,64)]] [[#mul(64,64)]] 0.0% | [[#mul(64,128)]] [[#mul(64,128)]] 0.0%
func.func @chain(%x: tensor<1024xf32>) -> tensor<1024xf32> {
  %e = tensor.empty() : tensor<1024xf32>
  %t = linalg.exp ins(%x : tensor<1024xf32>) outs(%e : tensor<1024xf32>) -> tensor<1024xf32>
  %e2 = tensor.empty() : tensor<1024xf32>
  %y = linalg.add ins(%t, %x : tensor<1024xf32>, tensor<1024xf32>)
      outs(%e2 : tensor<1024xf32>) -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=allocate --entry=column | FileCheck %s --check-prefix=COLUMN
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=bypass --entry=column | FileCheck %s --check-prefix=BYPASS
// One column of 16 lines. At the end incomplete lines go out with a byte mask
// and are not fetched.
// COLUMN: past320 | [[#mul(64,1)]] [[#mul(64,1)]] 0.0% | [[#mul(64,16)]] [[#mul(64,16)]] 0.0%
// BYPASS: past4 | [[#mul(64,1)]] [[#mul(64,1)]] 0.0% | [[#mul(64,16)]] [[#mul(64,16)]] 0.0%
// BYPASS: past320 | [[#mul(64,1)]] [[#mul(64,1)]] 0.0% | [[#mul(64,16)]] [[#mul(64,16)]] 0.0%
func.func @column(%x: tensor<16xf32>, %y: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %c = tensor.extract_slice %y[0, 3] [16, 1] [1, 1] : tensor<16x16xf32> to tensor<16xf32>
  %t = linalg.exp ins(%x : tensor<16xf32>) outs(%c : tensor<16xf32>) -> tensor<16xf32>
  %r = tensor.insert_slice %t into %y[0, 3] [16, 1] [1, 1] : tensor<16xf32> into tensor<16x16xf32>
  return %r : tensor<16x16xf32>
}
