// Times of loops, docs/Model.md. A machine that starts 1e9 instructions in a second.
// RUN: memwall-opt %s --memwall-report="targets=counting target-file=%S/Inputs/counts-instructions.mlir" -o /dev/null | FileCheck %s
// RUN: sed /instructions_per_second/d %S/Inputs/counts-instructions.mlir > %t.mlir
// RUN: memwall-opt %s --memwall-report="targets=counting target-file=%t.mlir" -o /dev/null | FileCheck %s --check-prefix=ROOFLINE
// RUN: memwall-opt --memwall-target-file=%S/Inputs/counts-instructions.mlir --memwall-print-target=counting | FileCheck %s --check-prefix=PRINTED
// RUN: sed 's/"translations" = .*>>,/"prefetchers" = #dlti.map<"count" = 4, "seconds_per_line" = 1.0e-6>>,/' %S/Inputs/counts-instructions.mlir > %t-4.mlir
// RUN: sed 's/"count" = 4/"count" = 8/' %t-4.mlir > %t-8.mlir
// RUN: memwall-opt %s --memwall-report="targets=counting target-file=%t-4.mlir" -o /dev/null | FileCheck %s --check-prefixes=FOLLOW,FOLLOW4
// RUN: memwall-opt %s --memwall-report="targets=counting target-file=%t-8.mlir" -o /dev/null | FileCheck %s --check-prefixes=FOLLOW,FOLLOW8

// Without instructions nothing takes more than a nanosecond.
// ROOFLINE: @loops
// ROOFLINE: as the program stands {{.*}} ns

// First loop: a load and a store of two registers each, and two for the loop: 6000. Second: load, add, store, and two: 5000.
// %a is 64,000 bytes, 16 pages, %b one: 17 us.
// CHECK: @loops
// CHECK: as the program stands {{ *}}28.0 us, bound by compute
func.func @loops(%a: memref<16000xf32>, %b: memref<1000xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c1000 = arith.constant 1000 : index
  %c16000 = arith.constant 16000 : index
  scf.for %i = %c0 to %c16000 step %c16 {
    %v = vector.load %a[%i] : memref<16000xf32>, vector<16xf32>
    vector.store %v, %a[%i] : memref<16000xf32>, vector<16xf32>
  }
  scf.for %i = %c0 to %c1000 step %c1 {
    %x = memref.load %b[%i] : memref<1000xf32>
    %y = arith.addf %x, %x : f32
    memref.store %y, %b[%i] : memref<1000xf32>
  }
  return
}

// Down the columns of 8 pages, of which 4 are remembered: a miss at each of 8 * 1024 visits, 8192 us. 8192 iterations of load, add and
// store of one vector register (8 f32), and two for the loop: 41 us.
// CHECK: @columns
// CHECK: as the program stands {{ *}}8.23 ms
// Prefetchers that follow 4 of the pages lose each before its end, and 4096 lines take a microsecond more, while instructions start.
// Those that follow 8 lose none.
// FOLLOW: @columns
// FOLLOW4: as the program stands {{ *}}4.10 ms, bound by dram
// FOLLOW8: as the program stands {{ *}}41.0 us, bound by compute
func.func @columns(%a: memref<8x8192xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c8192 = arith.constant 8192 : index
  scf.for %j = %c0 to %c8192 step %c8 {
    scf.for %i = %c0 to %c8 step %c1 {
      %v = vector.load %a[%i, %j] : memref<8x8192xf32>, vector<8xf32>
      %w = arith.addf %v, %v : vector<8xf32>
      vector.store %w, %a[%i, %j] : memref<8x8192xf32>, vector<8xf32>
    }
  }
  return
}

// The first quarter of each page and then the second, of 64 pages: all 4096 lines are left to themselves.
// FOLLOW: @quarters
// FOLLOW: as the program stands {{ *}}4.10 ms, bound by dram
func.func @quarters(%a: memref<64x4x256xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %c256 = arith.constant 256 : index
  scf.for %quarter = %c0 to %c4 step %c1 {
    scf.for %page = %c0 to %c64 step %c1 {
      scf.for %i = %c0 to %c256 step %c8 {
        %v = vector.load %a[%page, %quarter, %i] : memref<64x4x256xf32>, vector<8xf32>
        vector.store %v, %a[%page, %quarter, %i] : memref<64x4x256xf32>, vector<8xf32>
      }
    }
  }
  return
}

// 9216 bytes, which stay in the cache from call to call: followed or not, they come from there.
// FOLLOW: @stays
// FOLLOW: as the program stands {{ *}}5.76 us, bound by compute
func.func @stays(%a: memref<9x256xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c9 = arith.constant 9 : index
  %c256 = arith.constant 256 : index
  scf.for %i = %c0 to %c256 step %c2 {
    scf.for %row = %c0 to %c9 step %c1 {
      %v = vector.load %a[%row, %i] : memref<9x256xf32>, vector<2xf32>
      %w = arith.addf %v, %v : vector<2xf32>
      vector.store %w, %a[%row, %i] : memref<9x256xf32>, vector<2xf32>
    }
  }
  return
}

// A structured op is loops of its own, one element at a time: 2 loads, an add and a store of 1000 elements each, and a page for each
// of three buffers: 4 + 3 us.
// CHECK: @structured
// CHECK: as the program stands {{ *}}7.00 us
func.func @structured(%a: memref<1000xf32>, %b: memref<1000xf32>, %c: memref<1000xf32>) {
  linalg.add ins(%a, %b : memref<1000xf32>, memref<1000xf32>) outs(%c : memref<1000xf32>)
  return
}

// PRINTED: "instructions_per_second" = 1.0{{0*}}e+09
// PRINTED: "pages" = #dlti.map<
// PRINTED: "translations" = #dlti.map<
// PRINTED: "count" = 4
// PRINTED: "page_bytes" = 4096
// PRINTED: "seconds_per_miss" = 9.9999999999999995E-7
