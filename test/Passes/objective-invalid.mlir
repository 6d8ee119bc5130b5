// RUN: not memwall-opt %s --memwall-optimize="objective=seconds" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not memwall-opt %s --memwall-search="target=ddr5-2ch objective=time" 2>&1 | FileCheck %s --check-prefix=RATE

// NAME: error: expected objective=auto, objective=bytes or objective=time, found 'seconds'
// RATE: error: objective=time takes the bandwidth of every level: 'ddr5-2ch' states none of 'l3'
func.func @f(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  return %a : tensor<8x8xf32>
}
