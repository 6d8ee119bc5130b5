// docs/Model.md, "Stores", nontemporal ones. Left of a pair is what the model
// predicts, right is what the simulator measures; a line is 64 bytes. Both
// caches fetch what plain stores miss, the other policies have no say either.

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=once | FileCheck %s --check-prefix=ONCE
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=allocate --entry=once | FileCheck %s --check-prefix=ONCE
// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=bypass --entry=once | FileCheck %s --check-prefix=ONCE
// 64 lines are read and 64 written.
// ONCE: past4 | [[#mul(64,64)]] [[#mul(64,64)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
// ONCE: past320 | [[#mul(64,64)]] [[#mul(64,64)]] 0.0% | [[#mul(64,64)]] [[#mul(64,64)]] 0.0%
func.func @once(%x: tensor<1024xf32>) -> tensor<1024xf32> {
  %e = tensor.empty() : tensor<1024xf32>
  %y = linalg.exp {memwall.nontemporal} ins(%x : tensor<1024xf32>) outs(%e : tensor<1024xf32>) -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=again | FileCheck %s --check-prefix=AGAIN
// t is stored past the caches and read back from memory, whatever they hold:
// x, t and the lines of y are read, t and y written.
// AGAIN: past4 | [[#mul(64,192)]] [[#mul(64,192)]] 0.0% | [[#mul(64,128)]] [[#mul(64,128)]] 0.0%
// AGAIN: past320 | [[#mul(64,192)]] [[#mul(64,192)]] 0.0% | [[#mul(64,128)]] [[#mul(64,128)]] 0.0%
func.func @again(%x: tensor<1024xf32>) -> tensor<1024xf32> {
  %e = tensor.empty() : tensor<1024xf32>
  %t = linalg.exp {memwall.nontemporal} ins(%x : tensor<1024xf32>) outs(%e : tensor<1024xf32>) -> tensor<1024xf32>
  %e2 = tensor.empty() : tensor<1024xf32>
  %y = linalg.exp ins(%t : tensor<1024xf32>) outs(%e2 : tensor<1024xf32>) -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=column | FileCheck %s --check-prefix=COLUMN
// An element in each of 16 lines.
// COLUMN: past320 | [[#mul(64,1)]] [[#mul(64,1)]] 0.0% | [[#mul(64,16)]] [[#mul(64,16)]] 0.0%
func.func @column(%x: tensor<16xf32>, %y: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %c = tensor.extract_slice %y[0, 3] [16, 1] [1, 1] : tensor<16x16xf32> to tensor<16xf32>
  %t = linalg.exp {memwall.nontemporal} ins(%x : tensor<16xf32>) outs(%c : tensor<16xf32>) -> tensor<16xf32>
  %r = tensor.insert_slice %t into %y[0, 3] [16, 1] [1, 1] : tensor<16xf32> into tensor<16x16xf32>
  return %r : tensor<16x16xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=rows | FileCheck %s --check-prefix=ROWS
// Rows of 96 bytes, 160 apart, which begin at the begin or the middle of a
// line: two lines each, or a half more than a line and a half.
// ROWS: past320 | [[#mul(64,12)]] [[#mul(64,12)]] 0.0% | [[#mul(64,16)]] [[#mul(64,16)]] 0.0%
func.func @rows(%x: tensor<8x24xf32>, %y: tensor<8x40xf32>) -> tensor<8x40xf32> {
  %c = tensor.extract_slice %y[0, 0] [8, 24] [1, 1] : tensor<8x40xf32> to tensor<8x24xf32>
  %t = linalg.exp {memwall.nontemporal} ins(%x : tensor<8x24xf32>) outs(%c : tensor<8x24xf32>) -> tensor<8x24xf32>
  %r = tensor.insert_slice %t into %y[0, 0] [8, 24] [1, 1] : tensor<8x24xf32> into tensor<8x40xf32>
  return %r : tensor<8x40xf32>
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=scalars | FileCheck %s --check-prefix=ONCE
// The attribute of memref's own stores.
func.func @scalars(%x: memref<1024xf32>, %y: memref<1024xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 1024 : index
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %x[%i] : memref<1024xf32>
    memref.store %v, %y[%i] {nontemporal = true} : memref<1024xf32>
  }
  return
}

// RUN: memwall-run %s --memwall-target-file=%S/Inputs/stores.mlir --simulate=fetch --entry=vectors | FileCheck %s --check-prefix=ONCE
func.func @vectors(%x: memref<1024xf32>, %y: memref<1024xf32>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %n = arith.constant 1024 : index
  scf.for %i = %c0 to %n step %c8 {
    %v = vector.load %x[%i] : memref<1024xf32>, vector<8xf32>
    vector.store %v, %y[%i] {nontemporal = true} : memref<1024xf32>, vector<8xf32>
  }
  return
}
