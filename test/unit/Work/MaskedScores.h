//===- MaskedScores.h - A row of scores for tests of streams ----*- C++ -*-===//

#ifndef MEMWALL_TEST_UNIT_WORK_MASKEDSCORES_H
#define MEMWALL_TEST_UNIT_WORK_MASKEDSCORES_H

#include "StreamedProgram.h"
#include <cmath>

namespace memwall::test {

/// A row of seven scores, masked in the first three.
inline StreamedProgram makeProgram() {
  StreamedProgram program;
  program.extent = 7;
  return program;
}
inline const RowValues kScores = {-INFINITY, -INFINITY, -INFINITY, 2, -1, 5, 3};
inline const RowValues kColumn = {1, -2, 3, -4, 5, -6, 7};

inline unsigned addMaximum(StreamedProgram &program, double start = -INFINITY) {
  OpBuilder op(program, OpBuilder::Reduction);
  return op.finish(op.read(kScores), Combiner::Maximum, start);
}

/// exp(x - row) in the body of `op`.
inline unsigned addKernel(OpBuilder &op, unsigned row) {
  unsigned scores = op.read(kScores);
  return op.make(ScalarKind::Exp,
                 op.make(ScalarKind::Subtract, {scores, op.read(row)}));
}

inline unsigned addSum(StreamedProgram &program, unsigned row) {
  OpBuilder op(program, OpBuilder::Reduction);
  return op.finish(addKernel(op, row), Combiner::Add);
}

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_WORK_MASKEDSCORES_H
