//===- InlineScalars.cpp - One value needs no tensor ----------------------===//
//
//   %h = linalg.fill ins(%half) outs(%e)
//   %y = linalg.generic ins(%x, %h) { linalg.yield (%a * %b) }
//   // becomes
//   %y = linalg.generic ins(%x) { linalg.yield (%a * %half) }
//
//===----------------------------------------------------------------------===//

#include "GenericOperands.h"
#include "NormalForm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Inputs that hold one value
//===----------------------------------------------------------------------===//

/// The scalar that every element of `value` is, made in front of `op`; null
/// when there is none.
static Value findScalar(RewriterBase &rewriter, Operation *op, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return isa<ShapedType>(value.getType()) ? Value() : value;
  while (true) {
    Operation *producer = value.getDefiningOp();
    if (!isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
                         tensor::ExtractSliceOp, tensor::CastOp>(producer))
      break;
    value = producer->getOperand(0);
  }
  if (auto fill = value.getDefiningOp<linalg::FillOp>()) {
    Value scalar = fill.getInputs().front();
    return scalar.getType() == type.getElementType() ? scalar : Value();
  }
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat() ||
      !type.getElementType().isIntOrIndexOrFloat())
    return {};
  rewriter.setInsertionPoint(op);
  return arith::ConstantOp::create(
      rewriter, op->getLoc(),
      cast<TypedAttr>(elements.getSplatValue<Attribute>()));
}

static void inlineInputs(RewriterBase &rewriter, linalg::GenericOp op,
                         SpellingLog &log) {
  for (unsigned number = op.getNumDpsInputs(); number-- > 0;) {
    Value scalar = findScalar(rewriter, op, op.getInputs()[number]);
    if (!scalar)
      continue;
    rewriter.replaceAllUsesWith(op.getBody()->getArgument(number), scalar);
    if (!determineLoops(getMapsWithout(op, number)))
      continue; // A loop has its size from it: it stays, unread.
    if (Operation *producer = op.getInputs()[number].getDefiningOp())
      memwall::log(log, producer,
                   "is one value in the body of " + describeWithPlace(op));
    eraseInput(rewriter, op, number);
  }
}

//===----------------------------------------------------------------------===//
// Results that nothing reads
//===----------------------------------------------------------------------===//

/// Adds to `needed` the results whose initial content goes into the value that
/// is yielded for result `number`.
static void addNeededInits(linalg::GenericOp op, unsigned number,
                           SmallVectorImpl<unsigned> &needed) {
  Block *body = op.getBody();
  SmallVector<Value> pending = {body->getTerminator()->getOperand(number)};
  llvm::DenseSet<Value> seen;
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (argument.getOwner() == body &&
          argument.getArgNumber() >= op.getNumDpsInputs())
        needed.push_back(argument.getArgNumber() - op.getNumDpsInputs());
    } else {
      value.getDefiningOp()->walk([&](Operation *inner) {
        llvm::append_range(pending, inner->getOperands());
      });
    }
  }
}

/// Which results something reads, or the body for another that is read.
static SmallVector<bool> findLiveResults(linalg::GenericOp op) {
  SmallVector<bool> isLive(op->getNumResults());
  SmallVector<unsigned> pending;
  for (auto [number, result] : llvm::enumerate(op->getResults()))
    if (!result.use_empty())
      pending.push_back(number);
  while (!pending.empty()) {
    unsigned number = pending.pop_back_val();
    if (std::exchange(isLive[number], true))
      continue;
    addNeededInits(op, number, pending);
  }
  return isLive;
}

/// The op with the results in `isLive` only; itself when that would leave a
/// loop without a size.
static linalg::GenericOp dropDeadResults(RewriterBase &rewriter,
                                         linalg::GenericOp op,
                                         SpellingLog &log) {
  SmallVector<bool> isLive = findLiveResults(op);
  if (llvm::all_of(isLive, [](bool live) { return live; }) ||
      llvm::none_of(isLive, [](bool live) { return live; }))
    return op;
  SmallVector<AffineMap> maps =
      llvm::map_to_vector(op.getDpsInputOperands(), [&](OpOperand *input) {
        return op.getMatchingIndexingMap(input);
      });
  SmallVector<Value> inits, yields;
  SmallVector<Type> types;
  Operation *terminator = op.getBody()->getTerminator();
  for (auto [number, live] : llvm::enumerate(isLive))
    if (live) {
      OpOperand *init = op.getDpsInitOperand(number);
      maps.push_back(op.getMatchingIndexingMap(init));
      inits.push_back(init->get());
      types.push_back(init->get().getType());
      yields.push_back(terminator->getOperand(number));
    }
  if (!determineLoops(maps))
    return op;
  memwall::log(log, op, "has results that nothing reads");
  rewriter.setInsertionPoint(op);
  auto made =
      linalg::GenericOp::create(rewriter, op.getLoc(), types, op.getInputs(),
                                inits, maps, op.getIteratorTypesArray());
  made->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.inlineRegionBefore(op.getRegion(), made.getRegion(),
                              made.getRegion().begin());
  rewriter.modifyOpInPlace(terminator,
                           [&] { terminator->setOperands(yields); });
  // Bodies of dead results only use their own block arguments.
  Block *body = made.getBody();
  unsigned inputs = made.getNumDpsInputs();
  for (Operation &inner : llvm::make_early_inc_range(llvm::reverse(*body)))
    if (isOpTriviallyDead(&inner))
      rewriter.eraseOp(&inner);
  unsigned kept = 0;
  for (auto [number, live] : llvm::enumerate(isLive)) {
    if (!live) {
      body->eraseArgument(inputs + kept);
      continue;
    }
    rewriter.replaceAllUsesWith(op->getResult(number), made->getResult(kept));
    ++kept;
  }
  rewriter.eraseOp(op);
  return made;
}

//===----------------------------------------------------------------------===//
// Initial content that nothing reads
//===----------------------------------------------------------------------===//

/// Sizes of results are sizes of initial tensors, so that asking for them is no
/// use of a result.
static void askInitsForSizes(RewriterBase &rewriter, linalg::GenericOp op) {
  for (auto [result, init] : llvm::zip(op->getResults(), op.getDpsInits()))
    for (Operation *user : llvm::make_early_inc_range(result.getUsers()))
      if (isa<tensor::DimOp>(user))
        rewriter.modifyOpInPlace(
            user, [&, from = init] { user->setOperand(0, from); });
}

/// Whether iterations write every element: each index is a loop of its own, or
/// the only one that there is.
static bool writesWhole(linalg::GenericOp op, OpOperand &init) {
  AffineMap map = op.getMatchingIndexingMap(&init);
  SmallVector<bool> isUsed(map.getNumDims());
  for (auto [index, extent] :
       llvm::zip(map.getResults(),
                 cast<ShapedType>(init.get().getType()).getShape())) {
    if (auto dim = dyn_cast<AffineDimExpr>(index)) {
      if (std::exchange(isUsed[dim.getPosition()], true))
        return false;
    } else if (!isa<AffineConstantExpr>(index) || extent != 1) {
      return false;
    }
  }
  return true;
}

/// What the init was before content was put there that the op overwrites.
static void skipDeadContent(RewriterBase &rewriter, linalg::GenericOp op,
                            SpellingLog &log) {
  for (OpOperand &init : op.getDpsInitsMutable()) {
    if (op.payloadUsesValueFromOperand(&init) || !writesWhole(op, init))
      continue;
    while (auto result = dyn_cast<OpResult>(init.get())) {
      auto producer = dyn_cast<linalg::LinalgOp>(result.getOwner());
      if (!producer || isPinned(producer))
        break;
      memwall::log(log, producer, "is overwritten by " + describeWithPlace(op));
      rewriter.modifyOpInPlace(op, [&] {
        init.set(producer.getDpsInits()[result.getResultNumber()]);
      });
    }
    if (matchPattern(init.get(), m_Constant())) {
      rewriter.setInsertionPoint(op);
      auto type = cast<RankedTensorType>(init.get().getType());
      Value empty = tensor::EmptyOp::create(
          rewriter, op.getLoc(), type.getShape(), type.getElementType());
      rewriter.modifyOpInPlace(op, [&] { init.set(empty); });
    }
  }
}

/// Whether the op fills the tensor or computes it element by element, for
/// nobody else.
static bool isMadeForOneUse(Value value) {
  auto producer = value.getDefiningOp<linalg::LinalgOp>();
  if (!producer || isPinned(producer) || !producer.hasPureTensorSemantics())
    return false;
  return isa<linalg::FillOp>(producer.getOperation()) ||
         (isa<linalg::GenericOp>(producer.getOperation()) &&
          producer.getNumReductionLoops() == 0 &&
          producer->getNumResults() == 1 && value.hasOneUse());
}

/// An elementwise op that goes on with what another made in its init reads that
/// as an input, so that both can be one op. Not where iterations share
/// elements, each of which goes on with what the one before made.
static void readInitAsInput(RewriterBase &rewriter, linalg::GenericOp op) {
  if (op->getNumResults() != 1 || op.getNumReductionLoops() != 0)
    return;
  OpOperand *init = op.getDpsInitOperand(0);
  Value value = init->get();
  if (!op.payloadUsesValueFromOperand(init) || !isMadeForOneUse(value) ||
      !op.getMatchingIndexingMap(init).isPermutation())
    return;
  Value storage = value.getDefiningOp<linalg::LinalgOp>().getDpsInits().front();
  rewriter.setInsertionPoint(op);
  Value empty = tensor::EmptyOp::create(
      rewriter, op.getLoc(),
      tensor::getMixedSizes(rewriter, op.getLoc(), storage),
      getElementTypeOrSelf(value.getType()));
  unsigned number = op.getNumDpsInputs();
  insertInputs(rewriter, op, number, value, op.getMatchingIndexingMap(init));
  rewriter.replaceAllUsesWith(op.getRegionOutputArgs().front(),
                              op.getBody()->getArgument(number));
  rewriter.modifyOpInPlace(op, [&] { op.getDpsInitOperand(0)->set(empty); });
}

//===----------------------------------------------------------------------===//
// Generics that are something simpler
//===----------------------------------------------------------------------===//

static bool usesIndices(linalg::GenericOp op) {
  return op.getBody()
      ->walk([](linalg::IndexOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// Whether the op writes one value per iteration to an element of its own,
/// whatever was there.
static bool isOverwrite(linalg::GenericOp op) {
  return op->getNumResults() == 1 && op.getNumReductionLoops() == 0 &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation() &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0));
}

/// A generic that yields one value everywhere as a fill; its arithmetic is done
/// once, in front of it.
static bool spellAsFill(RewriterBase &rewriter, linalg::GenericOp op,
                        SpellingLog &log) {
  if (op.getNumDpsInputs() != 0 || !isOverwrite(op) || usesIndices(op) ||
      !llvm::all_of(op.getBody()->without_terminator(),
                    [](Operation &inner) { return isPure(&inner); }))
    return false;
  memwall::log(log, op, "is written as linalg.fill");
  Operation *terminator = op.getBody()->getTerminator();
  for (Operation &inner :
       llvm::make_early_inc_range(op.getBody()->without_terminator()))
    rewriter.moveOpBefore(&inner, op);
  rewriter.setInsertionPoint(op);
  auto fill =
      linalg::FillOp::create(rewriter, op.getLoc(), terminator->getOperand(0),
                             op.getDpsInits().front());
  fill->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, fill);
  return true;
}

/// A copy from a tensor to one of the same type is that tensor.
static bool skipCopy(RewriterBase &rewriter, linalg::GenericOp op,
                     SpellingLog &log) {
  if (op.getNumDpsInputs() != 1 || !isOverwrite(op) ||
      op.getBody()->getTerminator()->getOperand(0) !=
          op.getBody()->getArgument(0) ||
      op.getIndexingMapsArray()[0] != op.getIndexingMapsArray()[1] ||
      op.getInputs().front().getType() != op.getResultTypes().front())
    return false;
  memwall::log(log, op, "copies a tensor and is left out");
  rewriter.replaceOp(op, op.getInputs());
  return true;
}

//===----------------------------------------------------------------------===//
// The step
//===----------------------------------------------------------------------===//

void memwall::inlineScalars(RewriterBase &rewriter, Operation *root,
                            SpellingLog &log) {
  for (linalg::GenericOp op : collectTensorGenerics(root)) {
    askInitsForSizes(rewriter, op);
    op = dropDeadResults(rewriter, op, log);
    readInitAsInput(rewriter, op);
    inlineInputs(rewriter, op, log);
    simplifyInputs(rewriter, op);
    skipDeadContent(rewriter, op, log);
    if (!spellAsFill(rewriter, op, log))
      skipCopy(rewriter, op, log);
  }
}
