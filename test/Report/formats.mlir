// RUN: memwall-opt %s --memwall-report="targets=h100-sxm format=csv" | FileCheck %s --check-prefix=CSV
// RUN: memwall-opt %s --memwall-report="targets=h100-sxm format=md" | FileCheck %s --check-prefix=MD
// RUN: not memwall-opt %s --memwall-report="format=xml" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not memwall-opt %s --memwall-report="ops=none" 2>&1 | FileCheck %s --check-prefix=OPS

//      CSV: function,index,name,loc,kind,shape,executions,flops,
// CSV-NEXT: main,0,math.exp,{{.*}}formats.mlir:{{[0-9]+}}:8,elementwise,16,1,16,16,0,64,64,h100-sxm,smem,
// The result takes the place of %x.
// CSV-NEXT: main,0,math.exp,{{.*}},operand,,,,,,,,h100-sxm,smem,64,64,{{,+}}x,,64,1
// CSV-NEXT: main,0,math.exp,{{.*}},elementwise,16,1,16,16,0,64,64,h100-sxm,l2,
//      CSV: main,0,math.exp,{{.*}},elementwise,16,1,16,16,0,64,64,h100-sxm,hbm3,

// MD: ## @main
// MD: 16 FLOP, 64 B have to fit in memory
// MD: | minimum of the program | 64 B read + 64 B written |
// MD: **h100-sxm**, bytes at hbm3:
// MD: | share | time | operation | why | read | written | minimum | FLOP |
// MD: | 100 % | {{.*}} | math.exp 16 | {{.*}} | 128 B | 16 |

// FORMAT: 'xml'
// OPS: error: expected ops=groups, ops=all or a positive number, found 'none'
func.func @main(%x: tensor<16xf32> {memwall.name = "x"}) -> tensor<16xf32> {
  %0 = math.exp %x : tensor<16xf32>
  return %0 : tensor<16xf32>
}
