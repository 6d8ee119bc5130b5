//===- MemWallTransformOps.cpp - transform.memwall.* ----------------------===//

#include "memwall/TransformOps/MemWallTransformOps.h"
#include "PayloadTraffic.h"
#include "memwall/Transforms/ApplySchedule.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/ScopeExit.h"

#define GET_OP_CLASSES
#include "memwall/TransformOps/MemWallTransformOps.cpp.inc"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// TileForTrafficOp
//===----------------------------------------------------------------------===//

namespace {
/// Passes everything on, and remembers what was erased: a fill that moves into
/// loops may be one of the ops that were given.
struct ErasedOps : public RewriterBase::ForwardingListener {
  using ForwardingListener::ForwardingListener;
  void notifyOperationInserted(Operation *op,
                               OpBuilder::InsertPoint previous) override {
    erased.erase(op); // Another op in its place in memory.
    ForwardingListener::notifyOperationInserted(op, previous);
  }
  void notifyOperationErased(Operation *op) override {
    erased.insert(op);
    ForwardingListener::notifyOperationErased(op);
  }
  llvm::SmallDenseSet<Operation *> erased;
};
} // namespace

DiagnosedSilenceableFailure
TileForTrafficOp::apply(transform::TransformRewriter &rewriter,
                        transform::TransformResults &results,
                        transform::TransformState &state) {
  SmallVector<Operation *> ops = llvm::to_vector(state.getPayloadOps(getOps()));
  // Every schedule is chosen in the program as it is, before anything changes.
  FailureOr<SmallVector<std::optional<Schedule>, 0>> schedules =
      choosePayloadSchedules(ops, getTarget());
  if (failed(schedules))
    return DiagnosedSilenceableFailure::definiteFailure();
  OpBuilder::Listener *listener = rewriter.getListener();
  ErasedOps tracker(listener);
  rewriter.setListener(&tracker);
  llvm::scope_exit restore([&] { rewriter.setListener(listener); });
  SmallVector<Operation *> tiled, loops;
  for (auto [op, schedule] : llvm::zip(ops, *schedules)) {
    if (tracker.erased.contains(op))
      continue;
    auto tileable = dyn_cast<TilingInterface>(op);
    if (!tileable || !schedule || schedule->empty()) {
      tiled.push_back(op);
      continue;
    }
    FailureOr<ScheduledLoops> made =
        applySchedule(rewriter, tileable, *schedule);
    if (failed(made))
      return DiagnosedSilenceableFailure::definiteFailure();
    tiled.push_back(made->tiledOp);
    llvm::append_range(loops, made->loops);
  }
  llvm::erase_if(tiled,
                 [&](Operation *op) { return tracker.erased.contains(op); });
  results.set(cast<OpResult>(getTiled()), tiled);
  results.set(cast<OpResult>(getLoops()), loops);
  return DiagnosedSilenceableFailure::success();
}

void TileForTrafficOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  transform::consumesHandle(getOpsMutable(), effects);
  transform::producesHandle(getOperation()->getOpResults(), effects);
  transform::modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// FuseForTrafficOp
//===----------------------------------------------------------------------===//

DiagnosedSilenceableFailure
FuseForTrafficOp::apply(transform::TransformRewriter &rewriter,
                        transform::TransformResults &results,
                        transform::TransformState &state) {
  SmallVector<Operation *> ops = llvm::to_vector(state.getPayloadOps(getOps()));
  FailureOr<SmallVector<Operation *>> functions =
      schedulePayload(ops, getTarget());
  if (failed(functions))
    return DiagnosedSilenceableFailure::definiteFailure();
  SmallVector<Operation *> loops;
  for (Operation *function : *functions)
    if (failed(applyScheduleAttributes(rewriter, function, loops)))
      return DiagnosedSilenceableFailure::definiteFailure();
  results.set(cast<OpResult>(getLoops()), loops);
  return DiagnosedSilenceableFailure::success();
}

void FuseForTrafficOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  transform::consumesHandle(getOpsMutable(), effects);
  transform::producesHandle(getOperation()->getOpResults(), effects);
  transform::modifiesPayload(effects);
}

//===----------------------------------------------------------------------===//
// PredictedBytesOp
//===----------------------------------------------------------------------===//

DiagnosedSilenceableFailure
PredictedBytesOp::apply(transform::TransformRewriter &rewriter,
                        transform::TransformResults &results,
                        transform::TransformState &state) {
  SmallVector<Attribute> bytes;
  for (Operation *op : state.getPayloadOps(getOps())) {
    FailureOr<Target> machine = findPayloadTarget(op, getTarget());
    if (failed(machine))
      return DiagnosedSilenceableFailure::definiteFailure();
    const Level *level = machine->findLevel(getLevel());
    if (!level)
      return emitDefiniteFailure() << "expected a level of " << getTarget()
                                   << ", found '" << getLevel() << "'";
    FailureOr<LoopTree> tree = buildPayloadTree(op);
    if (failed(tree))
      return DiagnosedSilenceableFailure::definiteFailure();
    std::optional<int64_t> found = computePayloadBytes(
        *tree, op, *machine, level - machine->levels.begin());
    if (!found)
      return emitDefiniteFailure()
             << "'" << op->getName() << "' is nothing that memwall counts";
    bytes.push_back(rewriter.getI64IntegerAttr(*found));
  }
  results.setParams(cast<OpResult>(getBytes()), bytes);
  return DiagnosedSilenceableFailure::success();
}

void PredictedBytesOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  transform::onlyReadsHandle(getOpsMutable(), effects);
  transform::producesHandle(getOperation()->getOpResults(), effects);
  transform::onlyReadsPayload(effects);
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

namespace {
class MemWallTransformExtension
    : public transform::TransformDialectExtension<MemWallTransformExtension> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MemWallTransformExtension)

  void init() {
    declareGeneratedDialect<affine::AffineDialect>();
    declareGeneratedDialect<arith::ArithDialect>();
    declareGeneratedDialect<linalg::LinalgDialect>();
    declareGeneratedDialect<scf::SCFDialect>();
    declareGeneratedDialect<tensor::TensorDialect>();
    registerTransformOps<
#define GET_OP_LIST
#include "memwall/TransformOps/MemWallTransformOps.cpp.inc"
        >();
  }
};
} // namespace

void memwall::registerMemWallTransformOps(DialectRegistry &registry) {
  registry.addExtensions<MemWallTransformExtension>();
}
