// Every kind of access, as the simulator sees it: load or store, buffer, first
// bit in the buffer, bits. Buffers are the arguments, then what is allocated.

// RUN: memwall-run %s --entry=elements --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=ELEMENTS
//      ELEMENTS: load 0 64 32
// ELEMENTS-NEXT: store 0 0 32
// ELEMENTS-NEXT: @elements
func.func @elements(%a: memref<4xf32>) {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %x = memref.load %a[%2] : memref<4xf32>
  memref.store %x, %a[%0] : memref<4xf32>
  return
}

// A loop of its own, told as a whole: rows of 3, the second column, backwards
// into the first; 4-bit elements.
// RUN: memwall-run %s --entry=column --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=COLUMN
//      COLUMN: load 0 4 4
// COLUMN-NEXT: store 1 16 8
// COLUMN-NEXT: load 0 16 4
// COLUMN-NEXT: store 1 8 8
// COLUMN-NEXT: load 0 28 4
// COLUMN-NEXT: store 1 0 8
// COLUMN-NEXT: @column
func.func @column(%a: memref<3x3xi4>, %b: memref<3xi8>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %3 = arith.constant 3 : index
  scf.for %i = %0 to %3 step %1 {
    %x = memref.load %a[%i, %1] : memref<3x3xi4>
    %y = arith.extsi %x : i4 to i8
    %j = arith.subi %2, %i : index
    memref.store %y, %b[%j] : memref<3xi8>
  }
  return
}

// Addresses that a loop computes from data are told one by one.
// RUN: memwall-run %s --entry=gather --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=GATHER
//      GATHER: load 1 0 64
// GATHER-NEXT: load 0 [[#%u,ROW:]] 32
// GATHER-NEXT: store 2 0 32
// GATHER-NEXT: load 1 64 64
// GATHER-NEXT: load 0 {{[0-9]+}} 32
// GATHER-NEXT: store 2 32 32
// GATHER-NEXT: @gather
func.func @gather(%t: memref<9xf32>, %i: memref<2xi64>, %r: memref<2xf32>) {
  affine.for %k = 0 to 2 {
    %row = affine.load %i[%k] : memref<2xi64>
    %at = arith.index_cast %row : i64 to index
    %x = memref.load %t[%at] : memref<9xf32>
    affine.store %x, %r[%k] : memref<2xf32>
  }
  return
}

// A view: offset 6*8 + 4 elements of 16 bits, every second row and third column.
// RUN: memwall-run %s --entry=view --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=VIEW
//      VIEW: store 0 832 16
// VIEW-NEXT: store 0 880 16
// VIEW-NEXT: store 0 1088 16
// VIEW-NEXT: store 0 1136 16
// VIEW-NEXT: @view
func.func @view(%a: memref<12x8xf16>) {
  %zero = arith.constant 0.0 : f16
  %v = memref.subview %a[6, 4] [2, 2] [2, 3]
      : memref<12x8xf16> to memref<2x2xf16, strided<[16, 3], offset: 52>>
  linalg.fill ins(%zero : f16) outs(%v : memref<2x2xf16, strided<[16, 3], offset: 52>>)
  return
}

// A view at a place that is known when it runs.
// RUN: memwall-run %s --entry=moving --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=MOVING
//      MOVING: store 0 0 32
// MOVING-NEXT: store 0 32 32
// MOVING-NEXT: store 0 128 32
// MOVING-NEXT: store 0 160 32
// MOVING-NEXT: @moving
func.func @moving(%a: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  affine.for %i = 0 to 8 step 4 {
    %v = memref.subview %a[%i] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%v : memref<2xf32, strided<[1], offset: ?>>)
  }
  return
}

// A copy, and the end of what was allocated.
// RUN: memwall-run %s --entry=copy --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=COPY
//      COPY: load 0 0 64
// COPY-NEXT: store 1 0 64
// COPY-NEXT: load 0 64 64
// COPY-NEXT: store 1 64 64
// COPY-NEXT: load 1 64 64
// COPY-NEXT: die 1
// COPY-NEXT: store 0 0 64
// COPY-NEXT: @copy
func.func @copy(%a: memref<2xf64>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %t = memref.alloc() : memref<2xf64>
  memref.copy %a, %t : memref<2xf64> to memref<2xf64>
  %x = memref.load %t[%1] : memref<2xf64>
  memref.store %x, %a[%0] : memref<2xf64>
  return
}

// Tensors: the fill, then per multiply-add two operands, the sum, the sum.
// RUN: memwall-run %s --entry=product --simulate=ddr5-2ch --print-accesses=- | FileCheck %s --check-prefix=PRODUCT
//      PRODUCT: store 2 0 32
// PRODUCT-NEXT: load 0 0 32
// PRODUCT-NEXT: load 1 0 32
// PRODUCT-NEXT: load 2 0 32
// PRODUCT-NEXT: store 2 0 32
// PRODUCT-NEXT: load 0 32 32
// PRODUCT-NEXT: load 1 32 32
// PRODUCT-NEXT: load 2 0 32
// PRODUCT-NEXT: store 2 0 32
// PRODUCT-NEXT: @product
func.func @product(%a: tensor<1x2xf32>, %b: tensor<2x1xf32>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %r = linalg.matmul ins(%a, %b : tensor<1x2xf32>, tensor<2x1xf32>) outs(%f : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %r : tensor<1x1xf32>
}

// Iterations of a parallel loop take turns; what follows is on unit 0.
// RUN: memwall-run %s --entry=parallel --memwall-target-file=%S/../Tools/Inputs/four-units.mlir --simulate=four-units --print-accesses=- | FileCheck %s --check-prefix=PARALLEL
//      PARALLEL: unit 0
// PARALLEL-NEXT: store 0 0 32
// PARALLEL-NEXT: unit 1
// PARALLEL-NEXT: store 0 32 32
// PARALLEL-NEXT: unit 0
// PARALLEL-NEXT: load 0 0 32
// PARALLEL-NEXT: store 0 64 32
// PARALLEL-NEXT: @parallel
func.func @parallel(%a: memref<3xf32>) {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (2) {
    memref.store %zero, %a[%i] : memref<3xf32>
  }
  %x = memref.load %a[%0] : memref<3xf32>
  memref.store %x, %a[%2] : memref<3xf32>
  return
}

// RUN: not memwall-run %s --entry=copy --print-accesses=- 2>&1 | FileCheck %s --check-prefix=ALONE
// ALONE: expected --simulate beside --print-accesses
