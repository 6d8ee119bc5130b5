// A report is as wide as its terminal, from 80 to 160 columns, and has colours
// there; elsewhere it has 100 columns and none.
// RUN: env -u NO_COLOR %python %S/Inputs/terminal.py 90 memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s --check-prefixes=COLOR
// RUN: env NO_COLOR=1 %python %S/Inputs/terminal.py 90 memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s --check-prefixes=C90 --strict-whitespace
// RUN: env NO_COLOR=1 %python %S/Inputs/terminal.py 60 memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s --check-prefixes=C80 --strict-whitespace
// RUN: env NO_COLOR=1 %python %S/Inputs/terminal.py 200 memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s --check-prefixes=C160 --strict-whitespace
// RUN: memwall-opt %s --memwall-report=target=ddr5-2ch | FileCheck %s --check-prefixes=C100 --strict-whitespace
// RUN: memwall-opt %s --memwall-report="target=ddr5-2ch columns=80" | FileCheck %s --check-prefixes=C80 --strict-whitespace
// RUN: not memwall-opt %s --memwall-report="columns=79" 2>&1 | FileCheck %s --check-prefix=NARROW

// COLOR: ESC[1m@f ─
// C80: {{^}}@f {{(─){77}$}}
// C90: {{^}}@f {{(─){87}$}}
// C100: {{^}}@f {{(─){97}$}}
// C160: {{^}}@f {{(─){157}$}}
// NARROW: error: expected columns=80 to 160, found 79
func.func @f(%x: tensor<16xf32>) -> tensor<16xf32> {
  %0 = math.exp %x : tensor<16xf32>
  return %0 : tensor<16xf32>
}
