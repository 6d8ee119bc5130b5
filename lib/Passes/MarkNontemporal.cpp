//===- MarkNontemporal.cpp - Stores past the caches -----------------------===//

#include "MarkNontemporal.h"
#include "ModuleTrees.h"
#include "Remarks.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Report/Format.h"
#include "memwall/Search/NontemporalResults.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace memwall;

namespace {
/// An operation in all calls of it.
struct StoringOp {
  std::string function;
  int64_t bytes = 0;
  bool mayGoAround = true; ///< In every call so far.
};
} // namespace

static bool readsItsResults(linalg::LinalgOp op) {
  return llvm::any_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.payloadUsesValueFromOperand(&init);
  });
}

LogicalResult memwall::markNontemporal(ModuleOp module, const Target &target) {
  FailureOr<ModuleTrees> trees = buildModuleTrees(module);
  if (failed(trees))
    return failure();
  llvm::MapVector<Operation *, StoringOp> ops;
  for (const LoopTree &tree : trees->trees) {
    SmallVector<NontemporalResult, 0> results =
        findNontemporalResults(tree, target);
    for (auto [id, record] : llvm::enumerate(tree.ops)) {
      auto op = dyn_cast_if_present<linalg::LinalgOp>(record.operation);
      if (!op || op->getNumResults() == 0)
        continue;
      StoringOp &storing = ops[op];
      storing.function = tree.function;
      unsigned found = 0;
      for (const NontemporalResult &result : results)
        if (result.op == id) {
          ++found;
          storing.bytes = addCounts(storing.bytes, result.bytes);
        }
      storing.mayGoAround &= found == op->getNumResults();
    }
  }
  for (const auto &[op, storing] : ops) {
    if (!storing.mayGoAround || readsItsResults(cast<linalg::LinalgOp>(op)))
      continue;
    op->setAttr(kNontemporalAttrName, UnitAttr::get(module.getContext()));
    emitRemark(RemarkKind::Passed, op->getLoc(), "nontemporal",
               storing.function,
               op->getName().getStringRef().str() + " stores " +
                   formatBytes(storing.bytes) + " past the caches of " +
                   target.name + ", which would fetch as much from " +
                   target.dram().name + " first and not keep it");
  }
  return success();
}
