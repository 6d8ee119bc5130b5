//===- TestScheduleTree.cpp - Scheduled trees and rewritten IR ------------===//
//
// Search decides on trees that scheduleTree makes; the program is rewritten by
// Transforms. This pass does both with the schedules on the ops of a module,
// and prints, for every level of the target on it, what each moves (read and
// written as data, read and written by the IR), and what each computes (flops
// and transcendentals).
//
//===----------------------------------------------------------------------===//

#include "TestScheduleTree.h"
#include "LoopTreePrinter.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/ScheduleTree.h"
#include "memwall/Target/Registry.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace memwall;

namespace {

struct TestScheduleTreePass
    : PassWrapper<TestScheduleTreePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestScheduleTreePass)

  TestScheduleTreePass() = default;
  TestScheduleTreePass(const TestScheduleTreePass &other)
      : PassWrapper(other) {}
  Option<bool> trees{*this, "trees",
                     llvm::cl::desc("Print both trees, to see what differs"),
                     llvm::cl::init(false)};

  StringRef getArgument() const final { return "test-memwall-schedule-tree"; }
  StringRef getDescription() const final {
    return "Print what scheduled trees and rewritten functions move";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registerTilingDialects(registry);
  }
  void runOnOperation() final {
    if (failed(compare(getOperation())))
      signalPassFailure();
  }

private:
  /// The first function of the module, scheduled as data.
  FailureOr<LoopTree> scheduleAsData(FunctionOpInterface function) {
    FailureOr<LoopTree> tree = buildLoopTree(function);
    if (failed(tree))
      return failure();
    SmallVector<OpSchedule, 0> schedules;
    for (auto [id, record] : llvm::enumerate(tree->ops))
      if (record.operation)
        if (auto attribute = record.operation->getAttrOfType<ScheduleAttr>(
                kScheduleAttrName))
          schedules.push_back({static_cast<OpId>(id), toSchedule(attribute)});
    llvm::Expected<LoopTree> scheduled = scheduleTree(*tree, schedules);
    if (!scheduled)
      return function.emitError(llvm::toString(scheduled.takeError()));
    if (llvm::Error error = scheduled->check())
      return function.emitError(llvm::toString(std::move(error)));
    return std::move(*scheduled);
  }

  static Arithmetic sumArithmetic(const LoopTree &tree) {
    Arithmetic sum;
    for (const OpRecord &op : tree.ops) {
      sum.flops += op.total.flops;
      sum.transcendentals += op.total.transcendentals;
    }
    return sum;
  }

  LogicalResult compare(ModuleOp module) {
    Registry registry;
    SmallVector<std::string> names;
    if (failed(registry.addModule(module, names)) || names.empty())
      return module.emitError("expected a target");
    const Target *target = llvm::cantFail(registry.find(names.front()));
    FailureOr<LoopTree> scheduled =
        scheduleAsData(getEntryFunctions(module).front());
    if (failed(scheduled) || failed(applyScheduleAttributes(module)))
      return failure();
    FailureOr<LoopTree> rewritten =
        buildLoopTree(getEntryFunctions(module).front());
    if (failed(rewritten))
      return failure();
    if (!rewritten->unmodelled.empty()) {
      llvm::outs() << "unmodelled\n";
      return success();
    }
    if (trees) {
      printLoopTree(*scheduled, llvm::errs());
      printLoopTree(*rewritten, llvm::errs());
    }
    Traffic predicted = computeTraffic(*scheduled, *target);
    Traffic found = computeTraffic(*rewritten, *target);
    for (auto [level, one, other] :
         llvm::zip(target->levels, predicted.levels, found.levels))
      llvm::outs() << level.name << " " << one.total.read << " "
                   << one.total.written << " " << other.total.read << " "
                   << other.total.written << "\n";
    Arithmetic one = sumArithmetic(*scheduled),
               other = sumArithmetic(*rewritten);
    llvm::outs() << "arithmetic " << one.flops << " " << one.transcendentals
                 << " " << other.flops << " " << other.transcendentals << "\n";
    return success();
  }
};

} // namespace

void memwall::test::registerTestScheduleTreePass() {
  PassRegistration<TestScheduleTreePass>();
}
