// Every phase is one short line on a terminal, and is gone in the end. The
// arguments are 3 * 64 * 64 * 4 bytes; 64 ^ 3 iterations make 4 accesses each.
// REQUIRES: terminal

// RUN: %python %S/Inputs/run_on_terminal.py 100 memwall-run %s --simulate=ddr5-2ch | FileCheck %s --check-prefix=TTY
// RUN: %python %S/Inputs/run_on_terminal.py 60 memwall-run %s --simulate=ddr5-2ch --format=json | FileCheck %s --check-prefixes=NARROW
// TTY: shown: compiling, 0 s
// TTY: shown: filled 0% of 4.92e+04 bytes, 0 s
// TTY: shown: filled 100% of 4.92e+04 bytes, {{.*}}/s, 0 s
// TTY: shown: simulated 0% of 1.05e+06 accesses
// TTY: shown: simulated 100% of 1.05e+06 accesses, {{.*}}/s
// TTY-NEXT: shown: @f on ddr5-2ch, every level sees every access; bytes
// NARROW-NOT: wrapped
// NARROW: shown: simulated 100%
// NARROW-NEXT: shown: {

// RUN: %python %S/Inputs/run_on_terminal.py 60 memwall-run %s --time --format=json | FileCheck %s --check-prefix=TIME
// TIME: shown: running, 0 s
// TIME: shown: running {{.*}} runs, {{.*}}/s

// No terminal, no progress.
// RUN: memwall-run %s --simulate=ddr5-2ch 2>&1 | FileCheck %s --check-prefix=FILE --implicit-check-not="simulated 0%"
// FILE: @f on ddr5-2ch
func.func @f(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
