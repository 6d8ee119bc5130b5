// Progress is one short line on a terminal, and is gone in the end.
// REQUIRES: terminal

// RUN: %python %S/Inputs/run_on_terminal.py 100 memwall-run %s --simulate=ddr5-2ch | FileCheck %s --check-prefix=TTY
// RUN: %python %S/Inputs/run_on_terminal.py 60 memwall-run %s --simulate=ddr5-2ch --format=json | FileCheck %s --check-prefixes=NARROW
// TTY: shown: simulated 0%
// TTY: shown: simulated 99%
// TTY-NEXT: shown: @f on ddr5-2ch, every level sees every access; bytes
// NARROW-NOT: wrapped
// NARROW: shown: simulated 99%
// NARROW-NEXT: shown: {

// No terminal, no progress.
// RUN: memwall-run %s --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=FILE --implicit-check-not="simulated 0%"
// FILE: @f on ddr5-2ch
func.func @f(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
