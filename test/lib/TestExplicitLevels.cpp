//===- TestExplicitLevels.cpp - What explicit levels read back ------------===//
//
// Holds every entry function of a module to the invariant of explicit levels:
// what is read from below was written there before, or came from outside
// (findLostWrite). Looks at the shared memories of an H100, of which each SM
// has one, at the VMEM of a TPU v5e, of which there is one, and at smaller
// levels, which hold less. Prints the buffers that break it, and how many pairs
// of a function and a level hold. With `print-buffers`, prints what every
// intermediate moves, in sectors.
//
//===----------------------------------------------------------------------===//

#include "TestExplicitLevels.h"
#include "ExplicitLevel.h"
#include "memwall/Target/Registry.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace memwall;

namespace {

struct TestExplicitLevelsPass
    : PassWrapper<TestExplicitLevelsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestExplicitLevelsPass)

  TestExplicitLevelsPass() = default;
  TestExplicitLevelsPass(const TestExplicitLevelsPass &other)
      : PassWrapper(other) {}

  StringRef getArgument() const final { return "test-memwall-explicit-levels"; }
  StringRef getDescription() const final {
    return "Check that explicit levels read back only what they wrote";
  }
  void runOnOperation() final {
    llvm::Expected<Registry> registry = createRegistry();
    if (!registry) {
      getOperation().emitError(llvm::toString(registry.takeError()));
      return signalPassFailure();
    }
    unsigned hold = 0;
    for (FunctionOpInterface function : getEntryFunctions(getOperation())) {
      FailureOr<LoopTree> tree = buildLoopTree(function);
      if (failed(tree))
        return signalPassFailure();
      for (StringRef name : {"h100-sxm", "tpu-v5e"}) {
        const Target *target = llvm::cantFail(registry->find(name));
        for (const Level &level : target->levels)
          if (level.kind == LevelKind::Explicit)
            hold += countHolding(*tree, *target, level);
      }
    }
    llvm::outs() << hold << " hold\n";
  }

private:
  /// The level and smaller ones.
  unsigned countHolding(const LoopTree &tree, const Target &target,
                        Level level) {
    ConstantTree shared = distributeLoops(buildConstantTree(tree), target.units,
                                          level.unitsPerInstance);
    std::vector<ReuseClass> classes = findGaps(tree, shared, level);
    unsigned hold = 0;
    for (int64_t part : {1, 16, 256, 4096, 65536}) {
      Level smaller = level;
      smaller.capacityBytes = level.capacityBytes / part;
      hold += holds(tree, target, smaller,
                    chooseRetention(tree, shared, smaller, classes).buffers);
    }
    return hold;
  }

  bool holds(const LoopTree &tree, const Target &target, const Level &level,
             llvm::ArrayRef<BufferFlow> buffers) {
    auto print = [&](BufferId id) {
      llvm::outs() << tree.function << " " << target.name << " " << level.name
                   << " " << level.capacityBytes << " " << tree.buffers[id].name
                   << " read " << llvm::format("%.2f", buffers[id].read)
                   << " read back "
                   << llvm::format("%.2f", buffers[id].readBack) << " written "
                   << llvm::format("%.2f", buffers[id].written) << "\n";
    };
    if (printBuffers)
      for (BufferId id = 0; id < tree.buffers.size(); ++id)
        if (!tree.buffers[id].isLiveIn())
          print(id);
    std::optional<BufferId> lost = findLostWrite(tree, level, buffers);
    if (lost) {
      llvm::outs() << "lost: ";
      print(*lost);
    }
    return !lost;
  }

  Option<bool> printBuffers{
      *this, "print-buffers",
      llvm::cl::desc("Print what every intermediate moves"),
      llvm::cl::init(false)};
};

} // namespace

void memwall::test::registerTestExplicitLevelsPass() {
  PassRegistration<TestExplicitLevelsPass>();
}
