//===- MergeElementwise.cpp - Two ops become one pass ---------------------===//
//
//   %d = linalg.generic {(i, j), (i), (i, j)} ins(%x, %m) {a - b}
//   %p = linalg.generic {(i, j), (i, j)} ins(%d) {exp(a)}
//   // becomes
//   %p = linalg.generic {(i, j), (i), (i, j)} ins(%x, %m) {exp(a - b)}
//
//   %t = linalg.generic {(k, n) -> (n, k), (k, n)} ins(%w) {a}
//   %c = linalg.matmul ins(%a, %t)
//   // becomes
//   %c = linalg.generic {(m, k), (n, k), (m, n)} ins(%a, %w) {c + a * b}
//
//===----------------------------------------------------------------------===//

#include "MergeElementwise.h"
#include "GenericOperands.h"
#include "NormalForm.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace memwall;

/// The op as linalg.generic, with its attributes.
static linalg::GenericOp getAsGeneric(RewriterBase &rewriter,
                                      linalg::LinalgOp op,
                                      Overwrites &overwrites) {
  if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation()))
    return generic;
  rewriter.setInsertionPoint(op);
  DictionaryAttr attributes = op->getDiscardableAttrDictionary();
  overwrites.forget(op);
  auto generic = *linalg::generalizeNamedOp(rewriter, op);
  overwrites.add(generic);
  generic->setDiscardableAttrs(attributes);
  return generic;
}

/// Index `op` of a producer in terms of the loops of the consumer.
static Value translateIndex(RewriterBase &rewriter, linalg::IndexOp op,
                            AffineMap toProducer) {
  AffineExpr loop = toProducer.getResult(op.getDim());
  if (auto dim = dyn_cast<AffineDimExpr>(loop))
    return linalg::IndexOp::create(rewriter, op.getLoc(), dim.getPosition());
  auto constant = cast<AffineConstantExpr>(loop);
  return arith::ConstantIndexOp::create(rewriter, op.getLoc(),
                                        constant.getValue());
}

/// Copies the body of the producer to the front of that of the consumer;
/// `arguments` stand for the operands that it reads. Returns what it yields.
static Value copyBody(RewriterBase &rewriter, Merge merge,
                      linalg::GenericOp consumer, ValueRange arguments) {
  IRMapping mapping;
  for (auto [operand, argument] :
       llvm::zip(getReadOperands(merge.producer), arguments))
    mapping.map(merge.producer.getMatchingBlockArgument(operand), argument);
  rewriter.setInsertionPointToStart(consumer.getBody());
  for (Operation &inner : merge.producer.getBody()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      mapping.map(index.getResult(),
                  translateIndex(rewriter, index, merge.toProducer));
    else
      rewriter.clone(inner, mapping);
  }
  return mapping.lookupOrDefault(
      merge.producer.getBody()->getTerminator()->getOperand(0));
}

/// Gives the consumer the attributes of the producer that it has not.
static void passOnAttributes(Merge merge, Operation *consumer) {
  for (NamedAttribute attribute : merge.producer->getDiscardableAttrs())
    if (!consumer->hasAttr(attribute.getName()))
      consumer->setDiscardableAttr(attribute.getName(), attribute.getValue());
}

/// Moves the producer into input `number`; erases it if nothing else reads it.
static void apply(RewriterBase &rewriter, Merge merge,
                  linalg::GenericOp consumer, unsigned number,
                  Overwrites &overwrites, SpellingLog &log) {
  memwall::log(log, merge.producer,
               (merge.kind == MergeKind::Move ? "is read in place by "
                                              : "is computed in ") +
                   describeWithPlace(consumer));
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (OpOperand *read : getReadOperands(merge.producer)) {
    values.push_back(read->get());
    maps.push_back(
        merge.producer.getMatchingIndexingMap(read).compose(merge.toProducer));
  }
  insertInputs(rewriter, consumer, number + 1, values, maps);
  Value yielded = copyBody(
      rewriter, merge, consumer,
      consumer.getBody()->getArguments().slice(number + 1, values.size()));
  rewriter.replaceAllUsesWith(consumer.getBody()->getArgument(number), yielded);
  eraseInput(rewriter, consumer, number);
  passOnAttributes(merge, consumer);
  if (merge.producer->use_empty()) {
    overwrites.forget(merge.producer);
    rewriter.eraseOp(merge.producer);
  }
}

/// The first input of `op` that is `value`; null when there is none.
static OpOperand *findInput(linalg::GenericOp op, Value value) {
  for (OpOperand *input : op.getDpsInputOperands())
    if (input->get() == value)
      return input;
  return nullptr;
}

/// Moves `producer` into every input of `reader` that it is.
static void moveTo(RewriterBase &rewriter, linalg::GenericOp producer,
                   linalg::LinalgOp reader, Overwrites &overwrites,
                   SpellingLog &log) {
  linalg::GenericOp generic = getAsGeneric(rewriter, reader, overwrites);
  Value result = producer->getResult(0);
  for (bool isLast = false; !isLast;) {
    OpOperand *input = findInput(generic, result);
    Merge merge = input ? findMerge(*input, overwrites) : Merge();
    if (merge.kind == MergeKind::None)
      break;
    isLast = result.hasOneUse();
    apply(rewriter, merge, generic, input->getOperandNumber(), overwrites, log);
  }
  simplifyInputs(rewriter, generic);
}

/// Moves a producer that only moves data into all ops that read it, if all of
/// them can have it.
static void moveToReaders(RewriterBase &rewriter, linalg::GenericOp producer,
                          Overwrites &overwrites, SpellingLog &log) {
  llvm::SetVector<Operation *> readers;
  for (OpOperand &use : producer->getResult(0).getUses()) {
    if (findMerge(use, overwrites).kind != MergeKind::Move)
      return;
    readers.insert(use.getOwner());
  }
  // Uses are listed last to first.
  for (Operation *reader : llvm::reverse(readers))
    moveTo(rewriter, producer, cast<linalg::LinalgOp>(reader), overwrites, log);
}

/// Moves single-use producers into `op` until there is none left. Returns the
/// op, which is another one if it had a name.
static Operation *mergeInto(RewriterBase &rewriter, linalg::LinalgOp op,
                            Overwrites &overwrites, SpellingLog &log) {
  for (unsigned number = 0; number < op.getNumDpsInputs(); ++number) {
    OpOperand *input = op.getDpsInputOperand(number);
    Merge merge = findMerge(*input, overwrites);
    if (merge.kind == MergeKind::None || !input->get().hasOneUse())
      continue;
    linalg::GenericOp generic = getAsGeneric(rewriter, op, overwrites);
    apply(rewriter, merge, generic, number, overwrites, log);
    simplifyInputs(rewriter, generic);
    // What the producer reads may have one use less now.
    op = generic;
    number = -1;
  }
  return op;
}

/// Readers come before what they read, so that every body is copied once, to
/// where it stays.
static void mergeInBlock(RewriterBase &rewriter, Block &block,
                         Overwrites &overwrites, SpellingLog &log) {
  for (Operation *op = block.empty() ? nullptr : &block.back(); op;
       op = op->getPrevNode())
    if (mayConsume(op))
      op = mergeInto(rewriter, cast<linalg::LinalgOp>(op), overwrites, log);
}

void memwall::mergeElementwise(RewriterBase &rewriter, Operation *root,
                               SpellingLog &log) {
  Overwrites overwrites(root);
  for (linalg::GenericOp producer : collectTensorGenerics(root))
    moveToReaders(rewriter, producer, overwrites, log);
  SmallVector<Block *> blocks;
  root->walk([&](Block *block) {
    if (!isa<linalg::LinalgOp>(block->getParentOp()))
      blocks.push_back(block);
  });
  // A producer that has merged with its own may have fewer inputs, and move
  // where it could not before.
  for (size_t before = -1; before != log.size();) {
    before = log.size();
    for (Block *block : blocks)
      mergeInBlock(rewriter, *block, overwrites, log);
  }
}
