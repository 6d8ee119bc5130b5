//===- TestDescribeOps.cpp - Prints describeStructuredOp ------------------===//
//
// --test-memwall-describe-ops prints, for every op with a description and
// every linalg op, in program order:
//
//   linalg.matmul contraction f32 flops=2
//     (4, 8, r16): load 0[d0, d2], load 1[d2, d1], load 2[d0, d1], store ...
//
// Operands are numbered; `out` is result 0, `outN` result N, `tmpN` temporary
// operand N. An index that depends on data is gather(dims).
//
//===----------------------------------------------------------------------===//

#include "TestDescribeOps.h"
#include "memwall/Work/WorkNest.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace {

using namespace memwall;

class DescriptionPrinter {
public:
  DescriptionPrinter(Operation *op, raw_ostream &os) : op(op), os(os) {}

  void print(const StructuredOp &described) {
    os << op->getName() << " " << getKindName(described.kind) << " "
       << described.computeType;
    for (auto [result, operand] : described.partialResults)
      os << " out" << result << " keeps " << operand;
    os << "\n";
    for (const WorkNest &nest : described.nests)
      printNest(nest);
  }

private:
  void printNest(const WorkNest &nest) {
    os << "  (";
    llvm::interleaveComma(nest.dims, os, [&](const NestDim &dim) {
      os << (dim.isReduction ? "r" : "");
      if (!ShapedType::isDynamic(dim.size))
        os << dim.size;
      else
        printOperand(nest.operands[dim.sourceOperand], dim.sourceOperand)
            << "#" << dim.sourceDim;
    });
    os << ")";
    printCount(" joined=", nest.joined);
    printCount(" flops=", nest.perIteration.flops);
    printCount(" transcendentals=", nest.perIteration.transcendentals);
    printCount(" int_ops=", nest.perIteration.intOps);
    os << ":";
    for (const NestAccess &access : nest.accesses) {
      os << (access.isWrite ? " store " : " load ");
      printOperand(nest.operands[access.operand], access.operand) << "[";
      llvm::interleaveComma(access.indices, os,
                            [&](const NestIndex &i) { printIndex(i); });
      os << "]";
    }
    os << "\n";
  }

  void printCount(StringRef label, int64_t count) {
    if (count)
      os << label << count;
  }

  raw_ostream &printOperand(const NestOperand &operand, unsigned position) {
    if (!operand.value)
      return os << "tmp" << position;
    for (auto [i, value] : llvm::enumerate(op->getOperands()))
      if (value == operand.value)
        return os << i;
    for (auto [i, value] : llvm::enumerate(op->getResults()))
      if (value == operand.value)
        return i ? os << "out" << i : os << "out";
    return os << "captured";
  }

  void printIndex(const NestIndex &index) {
    if (index.gatherDims) {
      os << "gather(";
      llvm::interleaveComma(*index.gatherDims, os,
                            [&](unsigned dim) { os << "d" << dim; });
      os << ")";
      return;
    }
    StringRef separator = "";
    for (auto [dim, coefficient] : index.terms) {
      os << separator;
      if (coefficient != 1)
        os << coefficient << "*";
      os << "d" << dim;
      separator = " + ";
    }
    for (auto [value, coefficient] : index.outerTerms) {
      os << separator;
      if (coefficient != 1)
        os << coefficient << "*";
      os << "outer";
      separator = " + ";
    }
    if (index.constant || separator.empty())
      os << separator << index.constant;
  }

  Operation *op;
  raw_ostream &os;
};

struct TestDescribeOps : PassWrapper<TestDescribeOps, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestDescribeOps)

  StringRef getArgument() const final { return "test-memwall-describe-ops"; }
  StringRef getDescription() const final {
    return "Print what describeStructuredOp says about every op";
  }

  void runOnOperation() override {
    getOperation().walk<WalkOrder::PreOrder>([](Operation *op) {
      std::optional<StructuredOp> described = describeStructuredOp(op);
      if (described)
        DescriptionPrinter(op, llvm::outs()).print(*described);
      else if (isa_and_nonnull<linalg::LinalgDialect>(op->getDialect()) &&
               !op->hasTrait<OpTrait::IsTerminator>() &&
               !isa<linalg::IndexOp>(op))
        llvm::outs() << op->getName() << " unmodelled\n";
      // A described op was described with its body.
      return described ? WalkResult::skip() : WalkResult::advance();
    });
    markAllAnalysesPreserved();
  }
};

} // namespace

void memwall::test::registerTestDescribeOps() {
  PassRegistration<TestDescribeOps>();
}
