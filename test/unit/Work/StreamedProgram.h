//===- StreamedProgram.h - One row of a group of reductions -----*- C++ -*-===//
//
// Programs for the tests of ReductionAlgebra.h: ops on one row, whose elements
// are the streamed dimension. A column op makes one value per element, a
// reduction and a row op make one value. They are evaluated op by op, and in
// one pass over tiles as the roles of the analysis say.
//
// Arithmetic is in double precision with the range of f32: what differs between
// both differs because of the algebra or of the range, and not by rounding.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_UNIT_WORK_STREAMEDPROGRAM_H
#define MEMWALL_TEST_UNIT_WORK_STREAMEDPROGRAM_H

#include "memwall/Work/ReductionAlgebra.h"
#include <map>
#include <memory>
#include <vector>

namespace memwall::test {

/// One value, or one per element of the row.
using RowValues = std::vector<double>;

/// One op with the data that it reads.
struct ProgramOp {
  std::unique_ptr<BodyExpression> body;
  StreamedOp streamed;
  double start = 0;            ///< Of a reduction; `streamed.start` if known.
  std::vector<RowValues> data; ///< Per access, of what comes from outside.
  std::map<unsigned, RowValues> indices; ///< Per node that is an index.
};

struct StreamedProgram {
  unsigned extent = 1; ///< Elements of the row.
  std::vector<ProgramOp> ops;

  std::vector<StreamedOp> describe() const;
  llvm::Expected<llvm::SmallVector<StreamRole, 8>> analyze() const {
    return analyzeReductions(describe());
  }
  /// The message of the refusal; empty when there is none.
  std::string getRefusal() const;

  /// The result of every op, one after the other.
  std::vector<RowValues> evaluate() const;
  /// The results of those ops that are used outside; others are empty.
  std::vector<RowValues> evaluateInTiles(llvm::ArrayRef<StreamRole> roles,
                                         unsigned tile) const;
};

/// Adds one op to a program.
class OpBuilder {
public:
  enum Kind { Row, Column, Reduction };

  OpBuilder(StreamedProgram &program, Kind kind);

  unsigned read(unsigned op);
  unsigned read(RowValues outside);
  unsigned constant(double value);
  unsigned index(RowValues values);
  unsigned make(ScalarKind kind, llvm::ArrayRef<unsigned> operands);
  /// Something that the analysis knows nothing of: "math.tanh",
  /// "math.rsqrt", "arith.cmpf" (whether it is smaller), "arith.fptosi".
  unsigned other(llvm::StringRef name, llvm::ArrayRef<unsigned> operands);

  /// Ends the op, whose number it returns.
  unsigned finish(unsigned value, Combiner combiner = Combiner::None,
                  double start = 0);

private:
  unsigned addAccess(std::optional<unsigned> source, RowValues data);

  StreamedProgram &program;
  ProgramOp op;
};

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_WORK_STREAMEDPROGRAM_H
