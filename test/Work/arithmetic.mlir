// RUN: memwall-test-opt %s --test-memwall-describe-ops -split-input-file -o /dev/null | FileCheck %s

// The FLOP rule, op by op, as include/memwall/Work/CountArithmetic.h states it.

// 1 each: add to copysign, negation to truncation, compares.
// CHECK: arith.addf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.subf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.mulf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.divf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.remf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.maximumf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.minimumf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.maxnumf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.minnumf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.copysign {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.negf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.absf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.sqrt {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.ceil {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.floor {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.round {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.roundeven {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.trunc {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: arith.cmpf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.isfinite {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.isinf {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.isnan {{.*}}
// CHECK-NEXT: (3) flops=1: 
// CHECK: math.isnormal {{.*}}
// CHECK-NEXT: (3) flops=1: 
func.func @floats(%a: tensor<3xf32>, %b: tensor<3xf32>) {
  %0 = arith.addf %a, %b : tensor<3xf32>
  %1 = arith.subf %a, %b : tensor<3xf32>
  %2 = arith.mulf %a, %b : tensor<3xf32>
  %3 = arith.divf %a, %b : tensor<3xf32>
  %4 = arith.remf %a, %b : tensor<3xf32>
  %5 = arith.maximumf %a, %b : tensor<3xf32>
  %6 = arith.minimumf %a, %b : tensor<3xf32>
  %7 = arith.maxnumf %a, %b : tensor<3xf32>
  %8 = arith.minnumf %a, %b : tensor<3xf32>
  %9 = math.copysign %a, %b : tensor<3xf32>
  %10 = arith.negf %a : tensor<3xf32>
  %11 = math.absf %a : tensor<3xf32>
  %12 = math.sqrt %a : tensor<3xf32>
  %13 = math.ceil %a : tensor<3xf32>
  %14 = math.floor %a : tensor<3xf32>
  %15 = math.round %a : tensor<3xf32>
  %16 = math.roundeven %a : tensor<3xf32>
  %17 = math.trunc %a : tensor<3xf32>
  %c = arith.cmpf olt, %a, %b : tensor<3xf32>
  %c0 = math.isfinite %a : tensor<3xf32>
  %c1 = math.isinf %a : tensor<3xf32>
  %c2 = math.isnan %a : tensor<3xf32>
  %c3 = math.isnormal %a : tensor<3xf32>
  return
}

// -----

// A fused multiply-add is 2, a clamp is a maximum and a minimum.
// CHECK: math.fma {{.*}}
// CHECK-NEXT: (3) flops=2: 
// CHECK: math.clampf {{.*}}
// CHECK-NEXT: (3) flops=2: 
func.func @two(%a: tensor<3xf32>, %b: tensor<3xf32>, %c: tensor<3xf32>) {
  %0 = math.fma %a, %b, %c : tensor<3xf32>
  %1 = math.clampf %a to [%b, %c] : tensor<3xf32>
  return
}

// -----

// Transcendentals: 1, and reported apart. sqrt is none, rsqrt is one.
// CHECK: math.exp {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.exp2 {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.expm1 {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.log {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.log2 {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.log10 {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.log1p {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.rsqrt {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.cbrt {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.erf {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.erfc {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.sin {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.cos {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.tan {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.asin {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.acos {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.atan {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.sinh {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.cosh {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.tanh {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.asinh {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.acosh {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.atanh {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.powf {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.atan2 {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.fpowi {{.*}}
// CHECK-NEXT: (3) flops=1 transcendentals=1: 
// CHECK: math.sincos {{.*}}
// CHECK-NEXT: (3) flops=2 transcendentals=2: 
func.func @transcendentals(%a: tensor<3xf32>, %b: tensor<3xf32>, %n: tensor<3xi32>) {
  %0 = math.exp %a : tensor<3xf32>
  %1 = math.exp2 %a : tensor<3xf32>
  %2 = math.expm1 %a : tensor<3xf32>
  %3 = math.log %a : tensor<3xf32>
  %4 = math.log2 %a : tensor<3xf32>
  %5 = math.log10 %a : tensor<3xf32>
  %6 = math.log1p %a : tensor<3xf32>
  %7 = math.rsqrt %a : tensor<3xf32>
  %8 = math.cbrt %a : tensor<3xf32>
  %9 = math.erf %a : tensor<3xf32>
  %10 = math.erfc %a : tensor<3xf32>
  %11 = math.sin %a : tensor<3xf32>
  %12 = math.cos %a : tensor<3xf32>
  %13 = math.tan %a : tensor<3xf32>
  %14 = math.asin %a : tensor<3xf32>
  %15 = math.acos %a : tensor<3xf32>
  %16 = math.atan %a : tensor<3xf32>
  %17 = math.sinh %a : tensor<3xf32>
  %18 = math.cosh %a : tensor<3xf32>
  %19 = math.tanh %a : tensor<3xf32>
  %20 = math.asinh %a : tensor<3xf32>
  %21 = math.acosh %a : tensor<3xf32>
  %22 = math.atanh %a : tensor<3xf32>
  %p = math.powf %a, %b : tensor<3xf32>
  %q = math.atan2 %a, %b : tensor<3xf32>
  %r = math.fpowi %a, %n : tensor<3xf32>, tensor<3xi32>
  %s, %t = math.sincos %a : tensor<3xf32>
  return
}

// -----

// Integer arithmetic on data is reported apart.
// CHECK: arith.addi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.subi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.muli {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.divsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.divui {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.ceildivsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.ceildivui {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.floordivsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.remsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.remui {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.andi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.ori {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.xori {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.shli {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.shrsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.shrui {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.maxsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.maxui {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.minsi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.minui {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: math.ipowi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: math.absi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: math.ctlz {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: math.cttz {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: math.ctpop {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.cmpi {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.mulsi_extended {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
// CHECK: arith.mului_extended {{.*}}
// CHECK-NEXT: (3) int_ops=1: 
func.func @integers(%a: tensor<3xi32>, %b: tensor<3xi32>) {
  %0 = arith.addi %a, %b : tensor<3xi32>
  %1 = arith.subi %a, %b : tensor<3xi32>
  %2 = arith.muli %a, %b : tensor<3xi32>
  %3 = arith.divsi %a, %b : tensor<3xi32>
  %4 = arith.divui %a, %b : tensor<3xi32>
  %5 = arith.ceildivsi %a, %b : tensor<3xi32>
  %6 = arith.ceildivui %a, %b : tensor<3xi32>
  %7 = arith.floordivsi %a, %b : tensor<3xi32>
  %8 = arith.remsi %a, %b : tensor<3xi32>
  %9 = arith.remui %a, %b : tensor<3xi32>
  %10 = arith.andi %a, %b : tensor<3xi32>
  %11 = arith.ori %a, %b : tensor<3xi32>
  %12 = arith.xori %a, %b : tensor<3xi32>
  %13 = arith.shli %a, %b : tensor<3xi32>
  %14 = arith.shrsi %a, %b : tensor<3xi32>
  %15 = arith.shrui %a, %b : tensor<3xi32>
  %16 = arith.maxsi %a, %b : tensor<3xi32>
  %17 = arith.maxui %a, %b : tensor<3xi32>
  %18 = arith.minsi %a, %b : tensor<3xi32>
  %19 = arith.minui %a, %b : tensor<3xi32>
  %20 = math.ipowi %a, %b : tensor<3xi32>
  %u0 = math.absi %a : tensor<3xi32>
  %u1 = math.ctlz %a : tensor<3xi32>
  %u2 = math.cttz %a : tensor<3xi32>
  %u3 = math.ctpop %a : tensor<3xi32>
  %c = arith.cmpi slt, %a, %b : tensor<3xi32>
  %l, %h = arith.mulsi_extended %a, %b : tensor<3xi32>
  %l2, %h2 = arith.mului_extended %a, %b : tensor<3xi32>
  return
}

// -----

// Index arithmetic is free.
// CHECK: arith.addi {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.muli {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.cmpi {{.*}}
// CHECK-NEXT: (3): 
func.func @indices(%a: tensor<3xindex>, %b: tensor<3xindex>) {
  %0 = arith.addi %a, %b : tensor<3xindex>
  %1 = arith.muli %a, %b : tensor<3xindex>
  %2 = arith.cmpi slt, %a, %b : tensor<3xindex>
  return
}

// -----

// Casts and selects are free.
// CHECK: arith.truncf {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.extf {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.sitofp {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.uitofp {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.fptosi {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.fptoui {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.extsi {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.extui {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.trunci {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.index_cast {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.bitcast {{.*}}
// CHECK-NEXT: (3): 
// CHECK: arith.select {{.*}}
// CHECK-NEXT: (3): 
func.func @free(%a: tensor<3xf32>, %h: tensor<3xf16>, %i: tensor<3xi32>, %c: tensor<3xi1>) {
  %0 = arith.truncf %a : tensor<3xf32> to tensor<3xf16>
  %1 = arith.extf %h : tensor<3xf16> to tensor<3xf32>
  %2 = arith.sitofp %i : tensor<3xi32> to tensor<3xf32>
  %3 = arith.uitofp %i : tensor<3xi32> to tensor<3xf32>
  %4 = arith.fptosi %a : tensor<3xf32> to tensor<3xi32>
  %5 = arith.fptoui %a : tensor<3xf32> to tensor<3xi32>
  %6 = arith.extsi %c : tensor<3xi1> to tensor<3xi32>
  %7 = arith.extui %c : tensor<3xi1> to tensor<3xi32>
  %8 = arith.trunci %i : tensor<3xi32> to tensor<3xi1>
  %9 = arith.index_cast %i : tensor<3xi32> to tensor<3xindex>
  %10 = arith.bitcast %a : tensor<3xf32> to tensor<3xi32>
  %11 = arith.select %c, %a, %a : tensor<3xi1>, tensor<3xf32>
  return
}
