//===- TestPasses.cpp - Passes that only tests use ------------------------===//

#include "TestPasses.h"
#include "LoopTreeParser.h"
#include "LoopTreePrinter.h"
#include "TestDescribeOps.h"
#include "TestExplicitLevels.h"
#include "TestInPlace.h"
#include "TestScheduleTree.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace {

/// Prints the checked loop tree of every entry function to standard output. The
/// text has to read back as a tree that prints the same.
struct PrintLoopTreePass
    : PassWrapper<PrintLoopTreePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintLoopTreePass)

  StringRef getArgument() const final { return "test-memwall-print-loop-tree"; }
  StringRef getDescription() const final {
    return "Print the loop tree of every entry function";
  }
  static std::string print(const memwall::LoopTree &tree) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    memwall::printLoopTree(tree, stream);
    return text;
  }
  void runOnOperation() final {
    for (FunctionOpInterface function :
         memwall::getEntryFunctions(getOperation())) {
      FailureOr<memwall::LoopTree> tree = memwall::buildLoopTree(function);
      if (failed(tree))
        return signalPassFailure();
      if (llvm::Error error = tree->check()) {
        function.emitError() << llvm::toString(std::move(error));
        return signalPassFailure();
      }
      std::string text = print(*tree);
      llvm::outs() << text;
      llvm::Expected<memwall::LoopTree> again =
          memwall::parseLoopTree(text, function.getName());
      if (!again || print(*again) != text) {
        function.emitError("the text does not read back: ")
            << (again ? print(*again) : llvm::toString(again.takeError()));
        return signalPassFailure();
      }
    }
  }
};

} // namespace

void memwall::test::registerTestPasses() {
  registerTestDescribeOps();
  PassRegistration<PrintLoopTreePass>();
  registerTestExplicitLevelsPass();
  registerTestInPlacePass();
  registerTestScheduleTreePass();
}
