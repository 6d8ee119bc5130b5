//===- TestInPlace.cpp - Compare with One-Shot Bufferize ------------------===//
//
// Runs upstream's analysis on a clone of the module and compares its decision
// for every tensor operand with ours. Prints every difference and one line
// `operands=N different=N`.
//
//===----------------------------------------------------------------------===//

#include "TestInPlace.h"
#include "memwall/Work/InPlace.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace {

/// What upstream's test-analysis-only leaves on an op: per operand "true",
/// "false" or "none".
constexpr StringLiteral attributeName = "__inplace_operands_attr__";

SmallVector<Operation *> collectOps(Operation *root) {
  SmallVector<Operation *> ops;
  root->walk([&](Operation *op) { ops.push_back(op); });
  return ops;
}

LogicalResult runUpstream(ModuleOp module) {
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.allowReturnAllocsFromLoops = true;
  options.allowUnknownOps = true;
  options.testAnalysisOnly = true;
  options.setFunctionBoundaryTypeConversion(
      bufferization::LayoutMapOption::IdentityLayoutMap);
  bufferization::BufferizationState state;
  return bufferization::runOneShotModuleBufferize(module, options, state);
}

struct TestInPlacePass : PassWrapper<TestInPlacePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestInPlacePass)

  StringRef getArgument() const final { return "test-memwall-in-place"; }
  StringRef getDescription() const final {
    return "Compare in-place decisions with One-Shot Bufferize";
  }
  /// Without the dialect upstream's analysis finds nothing in place.
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<bufferization::BufferizationDialect>();
  }
  void runOnOperation() final {
    // 1. Ours, on the module; theirs, on a clone of it.
    memwall::InPlaceAnalysis inPlace;
    getOperation().walk<WalkOrder::PreOrder>([&](FunctionOpInterface function) {
      inPlace.analyze(function);
      return WalkResult::skip();
    });
    OwningOpRef<ModuleOp> clone = getOperation().clone();
    if (failed(runUpstream(*clone)))
      return signalPassFailure();
    // 2. Operand by operand.
    SmallVector<Operation *> ours = collectOps(getOperation());
    SmallVector<Operation *> theirs = collectOps(*clone);
    if (ours.size() != theirs.size()) {
      getOperation().emitError("upstream's analysis changed the module");
      return signalPassFailure();
    }
    int64_t compared = 0, different = 0;
    for (auto [op, other] : llvm::zip_equal(ours, theirs))
      compareOp(inPlace, op, other, compared, different);
    llvm::outs() << "operands=" << compared << " different=" << different
                 << "\n";
  }

  static void compareOp(const memwall::InPlaceAnalysis &inPlace, Operation *op,
                        Operation *other, int64_t &compared,
                        int64_t &different) {
    auto decisions = other->getAttrOfType<ArrayAttr>(attributeName);
    // Upstream decides nothing for ops without its interface.
    if (!decisions || !isa<bufferization::BufferizableOpInterface>(other))
      return;
    for (auto [operand, attribute] :
         llvm::zip(op->getOpOperands(), decisions.getAsRange<StringAttr>())) {
      if (attribute.getValue() == "none")
        continue;
      ++compared;
      bool theirsShared = attribute.getValue() == "true";
      bool oursShared = inPlace.get(operand) == memwall::Storage::Shared;
      if (oursShared == theirsShared)
        continue;
      ++different;
      llvm::outs() << op->getName() << " operand " << operand.getOperandNumber()
                   << ": upstream "
                   << (theirsShared ? "in place" : "out of place") << " at "
                   << op->getLoc() << "\n";
    }
  }
};

} // namespace

void memwall::test::registerTestInPlacePass() {
  PassRegistration<TestInPlacePass>();
}
