// What a program does wrong is one error that names it, at the op, whether it
// is watched or not; nothing of this kills the tool.
// RUN: split-file %s %t

// RUN: not memwall-run %t/f.mlir --entry=quotient 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not memwall-run %t/f.mlir --entry=quotient --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not memwall-run %t/f.mlir --entry=quotient --compare=%t/f.mlir 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO-NOT: error
// ZERO: f.mlir:2:8: error: @quotient divides an integer by zero
// ZERO-NOT: {{error|Stack dump}}
// RUN: not memwall-run %t/f.mlir --entry=quotient --load-inputs=%t/overflow.json 2>&1 | FileCheck %s --check-prefix=OVERFLOW
// OVERFLOW: f.mlir:2:8: error: @quotient divides the least integer by -1, which overflows
// RUN: memwall-run %t/f.mlir --entry=quotient --load-inputs=%t/right.json

// RUN: not memwall-run %t/f.mlir --entry=lanes --load-inputs=%t/lanes.json 2>&1 | FileCheck %s --check-prefix=LANES
// LANES: f.mlir:8:8: error: @lanes divides an integer by zero

// RUN: not memwall-run %t/f.mlir --entry=modulo --load-inputs=%t/zero.json 2>&1 | FileCheck %s --check-prefix=INDEX
// INDEX: error: @modulo divides an integer by zero

// RUN: not memwall-run %t/f.mlir --entry=assertion --time 2>&1 | FileCheck %s --check-prefix=ASSERT
// RUN: not memwall-run %t/f.mlir --entry=assertion --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=ASSERT
// ASSERT: f.mlir:15:3: error: @assertion failed an assertion: token {0} is none

// RUN: not memwall-run %t/f.mlir --entry=past 2>&1 | FileCheck %s --check-prefix=PAST
// RUN: not memwall-run %t/f.mlir --entry=past --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=PAST
// PAST: f.mlir:22:3: error: @past accesses element 7 in dimension 1 of argument 0, which has 5

// RUN: not memwall-run %t/f.mlir --entry=rows --load-inputs=%t/rows.json --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not memwall-run %t/f.mlir --entry=rows --load-inputs=%t/negative.json 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// ROWS: f.mlir:26:8: error: @rows accesses element 1000000 in dimension 0 of argument 0, which has 4
// NEGATIVE: f.mlir:26:8: error: @rows accesses element -1 in dimension 0 of argument 0, which has 4

// RUN: not memwall-run %t/f.mlir --entry=slice --load-inputs=%t/slice.json 2>&1 | FileCheck %s --check-prefix=SLICE
// SLICE: f.mlir:30:8: error: @slice takes a slice up to element 9 in dimension 0 of argument 0, which has 8
// RUN: memwall-run %t/f.mlir --entry=slice --simulate=ddr5-2ch
// RUN: not memwall-run %t/f.mlir --entry=constant_slice 2>&1 | FileCheck %s --check-prefix=CONSTANT
// CONSTANT: error: @constant_slice takes a slice up to element 9 in dimension 0 of argument 0, which has 8

// RUN: not memwall-run %t/f.mlir --entry=before --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=BEFORE
// BEFORE: error: @before accesses element -1 in dimension 1 of argument 0, which has 8

// RUN: not memwall-run %t/f.mlir --entry=negative --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=SIZE
// SIZE-NOT: terminate
// SIZE: error: @negative builds a tensor or buffer with a dimension of -5 elements
// RUN: not memwall-run %t/f.mlir --entry=steps --load-inputs=%t/zero_step.json 2>&1 | FileCheck %s --check-prefix=STEP
// STEP: error: @steps steps a loop by 0

// Where no bound of a loop is known before, a run that gets too long is ended.
// RUN: not memwall-run %t/f.mlir --entry=unbounded --load-inputs=%t/end.json --simulate=ddr5-2ch --max-accesses=1000 2>&1 | FileCheck %s --check-prefix=LONG
// RUN: memwall-run %t/f.mlir --entry=unbounded --load-inputs=%t/end.json --simulate=ddr5-2ch --max-accesses=2000 | FileCheck %s --check-prefix=WHOLE
// LONG: error: @unbounded makes more than --max-accesses=1000 accesses
// WHOLE: 2000 accesses simulated

// What no check foresees ends the process that runs the program, and no other.
// RUN: not memwall-run %t/f.mlir --entry=endless 2>&1 | FileCheck %s --check-prefix=ENDLESS
// ENDLESS: memwall-run: error: running @endless of '{{.*}}f.mlir': {{.*}}its calls are nested too deep
// ENDLESS-NOT: {{Stack dump|bug report}}

//--- f.mlir
func.func @quotient(%x: tensor<4xi32>, %y: tensor<4xi32>) -> tensor<4xi32> {
  %0 = linalg.div ins(%x, %y : tensor<4xi32>, tensor<4xi32>) outs(%x : tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func @lanes(%m: memref<4xi32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %m[%c0] : memref<4xi32>, vector<4xi32>
  %r = arith.remsi %v, %v : vector<4xi32>
  vector.store %r, %m[%c0] : memref<4xi32>, vector<4xi32>
  return
}

func.func @assertion(%x: tensor<4xf32>) -> tensor<4xf32> {
  %no = arith.constant false
  cf.assert %no, "token {0} is none"
  return %x : tensor<4xf32>
}
func.func @past(%m: memref<4x5xf32>) {
  %one = arith.constant 1.0 : f32
  %i = arith.constant 2 : index
  %j = arith.constant 7 : index
  memref.store %one, %m[%i, %j] : memref<4x5xf32>
  return
}
func.func @rows(%t: tensor<4x2xf32>, %i: tensor<3x1xi32>) -> tensor<3x2xf32> {
  %0 = tensor.gather %t[%i] gather_dims([0]) : (tensor<4x2xf32>, tensor<3x1xi32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
func.func @slice(%t: tensor<8xf32>, %at: index, %out: tensor<3xf32>) -> tensor<3xf32> {
  %0 = tensor.extract_slice %t[%at] [3] [1] : tensor<8xf32> to tensor<3xf32>
  %1 = linalg.exp ins(%0 : tensor<3xf32>) outs(%out : tensor<3xf32>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}
func.func @endless(%x: f32) -> f32 {
  %0 = call @endless(%x) : (f32) -> f32
  %1 = arith.addf %0, %x : f32
  return %1 : f32
}

func.func @modulo(%x: index) -> index {
  %c7 = index.constant 7
  %0 = index.remu %c7, %x
  return %0 : index
}

func.func @constant_slice(%m: memref<8xf32>) {
  %at = arith.constant 6 : index
  %one = arith.constant 1.0 : f32
  %part = memref.subview %m[%at] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: ?>>
  linalg.fill ins(%one : f32) outs(%part : memref<4xf32, strided<[1], offset: ?>>)
  return
}
func.func @before(%m: memref<8x8xf32>) {
  affine.for %i = 0 to 8 {
    affine.for %j = -1 to 8 {
      %x = memref.load %m[%i, %j] : memref<8x8xf32>
      memref.store %x, %m[%j, %i] : memref<8x8xf32>
    }
  }
  return
}
func.func @negative() -> tensor<?xf32> {
  %size = arith.constant -5 : index
  %one = arith.constant 1.0 : f32
  %empty = tensor.empty(%size) : tensor<?xf32>
  %0 = linalg.fill ins(%one : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func @steps(%m: memref<8xf32>, %by: index) {
  %begin = arith.constant 0 : index
  %end = arith.constant 8 : index
  scf.for %i = %begin to %end step %by {
    %x = memref.load %m[%begin] : memref<8xf32>
    memref.store %x, %m[%i] : memref<8xf32>
  }
  return
}

func.func @unbounded(%m: memref<8xf32>, %end: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %end step %c1 {
    %x = memref.load %m[%c0] : memref<8xf32>
    %y = arith.addf %x, %x : f32
    memref.store %y, %m[%c0] : memref<8xf32>
  }
  return
}

//--- end.json
[null, {"data": [1000]}]
//--- zero_step.json
[null, {"data": [0]}]
//--- zero.json
[{"data": [0]}]
//--- overflow.json
[{"data": [1, 1, 1, -2147483648]}, {"data": [1, 1, 1, -1]}]
//--- lanes.json
[{"data": [1, 0, 1, 1]}]
//--- right.json
[{"data": [1, 1, 1, -2147483648]}, {"data": [1, -1, 1, 2]}]
//--- rows.json
[null, {"data": [0, 1, 1000000]}]
//--- negative.json
[null, {"data": [0, -1, 3]}]
//--- slice.json
[null, {"data": [7]}]
