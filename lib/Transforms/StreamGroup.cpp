//===- StreamGroup.cpp - One pass over what a group reduces ---------------===//
//
// The members stand in the body of the group's innermost loop, each over its
// whole streamed dimension. They become loops over tiles of it (the plan says
// what runs where), which carry sums and rows in place:
//
//   %r:3 = scf.for %t iter_args(%m, %l, %acc) {
//     %s = scores of the tile
//     %e = -%m
//     %m1 = max(%m, %s)                     // the member, on the tile
//     %p = exp(%s - %m1)                    // likewise
//     %c = exp(-%m1 - %e)
//     %l1 = sum %p onto (%l * %c)
//     %a1 = %p * v onto (%acc * %c)
//     scf.yield %m1, %l1, %a1 }
//   %o = %r#2 / %r#1
//
// Room Schedule has the same as a loop tree, nest by nest (RewriteStream.cpp).
//
//===----------------------------------------------------------------------===//

#include "StreamGroup.h"
#include "FillsAndBroadcasts.h"
#include "LocalEmpties.h"
#include "PackOperands.h"
#include "StreamEnd.h"
#include "StreamRows.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Work/BodyExpression.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace memwall;

/// The number of a scalar in its body while loops are made.
static constexpr llvm::StringLiteral kScalarAttrName = "memwall.scalar";

void memwall::numberScalars(const GroupInIR &group) {
  if (!group.plan.stream)
    return;
  for (auto [op, body] : llvm::zip_equal(group.members, group.bodies)) {
    if (!body)
      continue;
    for (auto [number, node] : llvm::enumerate(body->nodes))
      if (node.operation && op->isProperAncestor(node.operation))
        node.operation->setAttr(
            kScalarAttrName,
            Builder(op->getContext()).getI64IntegerAttr(number));
  }
}

void memwall::forgetScalars(Operation *op) {
  op->walk([](Operation *each) { each->removeAttr(kScalarAttrName); });
}

namespace {

/// Makes the stream of one group.
class GroupStreamer {
public:
  GroupStreamer(RewriterBase &rewriter, const GroupInIR &group,
                const LoopsInIR &loops, ArrayRef<Operation *> members,
                Block *block)
      : rewriter(rewriter), plan(group.plan), bodies(group.bodies),
        loops(loops), members(members), block(block) {}

  LogicalResult run();

private:
  /// Maps values in `block` to what they are in the loop.
  using Tiles = llvm::DenseMap<Value, Value>;

  Value createStart(unsigned member);
  LogicalResult makeFirstLoop();
  LogicalResult makeSecondLoop();
  LogicalResult packOperands();
  LogicalResult fillFirstLoop(scf::ForOp loop);
  LogicalResult addStreamed(unsigned member, Value iv, Tiles &tiles);
  FailureOr<linalg::LinalgOp> tile(unsigned member, Value iv, Tiles &tiles);
  Operation *cloneRow(unsigned member, Tiles &tiles);
  FailureOr<Value> correct(unsigned member, Value sum, Tiles &tiles,
                           bool onlyClamped = false);
  LogicalResult releaseRows(Tiles &finals);
  Value insertTile(linalg::LinalgOp tiled, Value into);
  linalg::LinalgOp leaveOut(unsigned member, linalg::LinalgOp tiled);
  FailureOr<ExponentOfRow> findExponent(const StreamKernel &kernel) const;
  LogicalResult keepExponents(unsigned member, Value row);
  LogicalResult applyFactors(unsigned member, Value sum);
  scf::ForOp createLoop(ValueRange inits, bool isLimited);
  void eraseMembers();

  const StreamRole &role(unsigned member) const {
    return plan.members[member].role;
  }
  linalg::LinalgOp op(unsigned member) const {
    return cast<linalg::LinalgOp>(members[member]);
  }
  Value result(unsigned member) const { return members[member]->getResult(0); }
  bool isReduction(unsigned member) const {
    const std::optional<unsigned> &dim = plan.members[member].streamDim;
    return dim && op(member).getIteratorTypesArray()[*dim] ==
                      utils::IteratorType::reduction;
  }
  bool isInside(unsigned member) const {
    return role(member).place == StreamPlace::Inside;
  }
  Value findScalar(linalg::LinalgOp at, unsigned member, unsigned number) const;
  Operation *findNumbered(linalg::LinalgOp at, unsigned number) const;
  OpOperand *findRow(unsigned reader, Value row) const;
  AffineMap mapRow(unsigned reader, OpOperand *row, unsigned sum) const;

  RewriterBase &rewriter;
  const GroupPlan &plan;
  ArrayRef<std::shared_ptr<const BodyExpression>> bodies;
  const LoopsInIR &loops;
  ArrayRef<Operation *> members;
  Block *block;
  int64_t extent = 0;                            ///< Of the streamed dimension.
  SmallVector<SmallVector<PackedSource>> packed; ///< By member.
  /// Members whose results the first loop carries: sums, rows, and tiles that
  /// others read, in this order of the program.
  SmallVector<unsigned> carried;
  SmallVector<Value> current; ///< By carried member, in the loop.
  /// By (member, number) of an exponential: its exponent at the old row, and
  /// then what corrects sums of it.
  llvm::DenseMap<std::pair<unsigned, unsigned>, Value> exponents, corrections;
};

} // namespace

//===----------------------------------------------------------------------===//
// Scalars and rows
//===----------------------------------------------------------------------===//

Operation *GroupStreamer::findNumbered(linalg::LinalgOp at,
                                       unsigned number) const {
  for (Operation &scalar : *at.getBlock())
    if (auto mine = scalar.getAttrOfType<IntegerAttr>(kScalarAttrName))
      if (mine.getInt() == number)
        return &scalar;
  return nullptr;
}

/// Scalar `number` of the member in the body of `at`, a copy of it: what an op
/// computes, or an input, which is found through an op that reads it.
Value GroupStreamer::findScalar(linalg::LinalgOp at, unsigned member,
                                unsigned number) const {
  if (Operation *scalar = findNumbered(at, number))
    return scalar->getResult(0);
  for (auto [user, node] : llvm::enumerate(bodies[member]->nodes))
    for (auto [position, operand] : llvm::enumerate(node.operands))
      if (operand == number)
        if (Operation *scalar = findNumbered(at, user))
          return scalar->getOperand(position);
  return Value();
}

/// The operand by which a member reads `row`; null when it does not.
OpOperand *GroupStreamer::findRow(unsigned reader, Value row) const {
  for (OpOperand *operand : op(reader).getDpsInputOperands())
    if (operand->get() == row)
      return operand;
  return nullptr;
}

/// From the elements of what `sum` makes to those of a row, which another
/// member reads.
AffineMap GroupStreamer::mapRow(unsigned reader, OpOperand *row,
                                unsigned sum) const {
  const GroupMember &from = plan.members[reader], &to = plan.members[sum];
  AffineMap made = op(sum).getMatchingIndexingMap(op(sum).getDpsInitOperand(0));
  SmallVector<AffineExpr> results;
  for (AffineExpr result :
       op(reader).getMatchingIndexingMap(row).getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    const unsigned *mine =
        dim ? llvm::find(to.dimClasses, from.dimClasses[dim.getPosition()])
            : to.dimClasses.end();
    // A dimension that the sum does not have is one iteration long.
    AffineExpr expr = rewriter.getAffineConstantExpr(0);
    if (mine != to.dimClasses.end())
      if (std::optional<unsigned> position = made.getResultPosition(
              rewriter.getAffineDimExpr(mine - to.dimClasses.begin())))
        expr = rewriter.getAffineDimExpr(*position);
    results.push_back(expr);
  }
  return AffineMap::get(made.getNumResults(), 0, results,
                        rewriter.getContext());
}

/// `op` without the inputs that its body does not read.
static linalg::LinalgOp dropUnreadInputs(RewriterBase &rewriter,
                                         linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic)
    return op;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  llvm::BitVector unread(generic.getBody()->getNumArguments());
  for (OpOperand *input : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(input);
    if (argument.use_empty()) {
      unread.set(argument.getArgNumber());
      continue;
    }
    inputs.push_back(input->get());
    maps.push_back(op.getMatchingIndexingMap(input));
  }
  for (OpOperand &init : op.getDpsInitsMutable())
    maps.push_back(op.getMatchingIndexingMap(&init));
  auto smaller = linalg::GenericOp::create(
      rewriter, op.getLoc(), generic.getResultTypes(), inputs,
      generic.getOutputs(), maps, op.getIteratorTypesArray());
  smaller->setDiscardableAttrs(generic->getDiscardableAttrDictionary());
  generic.getBody()->eraseArguments(unread);
  smaller.getRegion().takeBody(generic.getRegion());
  rewriter.replaceOp(generic, smaller);
  return smaller;
}

/// What is left of a tiled op when its row factors are left out.
linalg::LinalgOp GroupStreamer::leaveOut(unsigned member,
                                         linalg::LinalgOp tiled) {
  if (role(member).dropped.empty())
    return tiled;
  const BodyExpression &body = *bodies[member];
  for (const RowFactor &factor : role(member).dropped)
    for (auto [number, node] : llvm::enumerate(body.nodes)) {
      bool isProduct =
          node.kind == ScalarKind::Multiply || node.kind == ScalarKind::Divide;
      const unsigned *position = llvm::find(node.operands, factor.term.node);
      Operation *scalar = findNumbered(tiled, number);
      if (!isProduct || position == node.operands.end() || !scalar)
        continue;
      unsigned other = 1 - (position - node.operands.begin());
      if (body.nodes[node.operands[other]].kind != ScalarKind::Constant)
        rewriter.replaceOp(scalar, scalar->getOperand(other));
    }
  return dropUnreadInputs(rewriter, tiled);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// The member on the tile of iteration `iv`.
FailureOr<linalg::LinalgOp> GroupStreamer::tile(unsigned member, Value iv,
                                                Tiles &tiles) {
  linalg::LinalgOp original = op(member);
  unsigned streamed = *plan.members[member].streamDim;
  auto tileable = cast<TilingInterface>(original.getOperation());
  SmallVector<OpFoldResult> offsets, sizes;
  Location loc = original.getLoc();
  for (auto [dim, range] :
       llvm::enumerate(tileable.getIterationDomain(rewriter))) {
    bool isCut = dim == streamed;
    offsets.push_back(isCut ? OpFoldResult(iv) : range.offset);
    OpFoldResult size = range.size;
    if (isCut) {
      size = rewriter.getIndexAttr(plan.stream->size);
      if (extent % plan.stream->size != 0) {
        AffineExpr left = rewriter.getAffineConstantExpr(extent) -
                          rewriter.getAffineDimExpr(0);
        AffineExpr whole = rewriter.getAffineConstantExpr(plan.stream->size);
        size = affine::makeComposedFoldedAffineMin(
            rewriter, loc,
            AffineMap::get(1, 0, {whole, left}, rewriter.getContext()),
            OpFoldResult(iv));
      }
    }
    sizes.push_back(size);
  }
  FailureOr<TilingResult> result =
      tileable.getTiledImplementation(rewriter, offsets, sizes);
  if (failed(result))
    return original->emitOpError("cannot be tiled by the stream of its group");
  auto tiled = cast<linalg::LinalgOp>(result->tiledOps.front());
  for (auto [from, to] :
       llvm::zip_equal(original->getOpOperands(), tiled->getOpOperands())) {
    if (Value known = tiles.lookup(from.get())) {
      to.set(known);
      continue;
    }
    bool isCut =
        original.getMatchingIndexingMap(&from).isFunctionOfDim(streamed);
    if (!isCut && from.get().getType() == to.get().getType()) {
      to.set(from.get());
      continue;
    }
    auto slice = to.get().getDefiningOp<tensor::ExtractSliceOp>();
    Operation *producer = from.get().getDefiningOp();
    if (!slice || !producer || producer->getBlock() != block ||
        !isFillOrBroadcast(producer))
      continue;
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(slice);
    FailureOr<TilingResult> start =
        tensor::replaceExtractSliceWithTiledProducer(
            rewriter, slice, cast<OpResult>(from.get()));
    if (failed(start))
      return original->emitOpError("cannot start in the stream of its group");
    for (Operation *made : start->tiledOps)
      made->setAttr(kTiledAttrName, rewriter.getUnitAttr());
    to.set(start->tiledValues.front());
  }
  Operation *reader = tiled;
  if (failed(readPackedSources(rewriter, reader, packed[member])))
    return failure();
  rewriter.setInsertionPointAfter(reader);
  return cast<linalg::LinalgOp>(reader);
}

/// The row op `member` on the rows of the loop, onto the row that it carries.
Operation *GroupStreamer::cloneRow(unsigned member, Tiles &tiles) {
  IRMapping mapping;
  for (Value operand : members[member]->getOperands())
    if (Value known = tiles.lookup(operand))
      mapping.map(operand, known);
  Operation *clone = rewriter.clone(*members[member], mapping);
  return clone;
}

/// `sum` at the rows of this tile.
FailureOr<Value> GroupStreamer::correct(unsigned member, Value sum,
                                        Tiles &tiles, bool onlyClamped) {
  for (const StreamKernel &kernel : role(member).kernels) {
    if (onlyClamped && (!role(kernel.row).isClamped || kernel.isMasked))
      continue;
    FailureOr<ExponentOfRow> exponent = findExponent(kernel);
    if (failed(exponent))
      return failure();
    // A row that is released may be infinite.
    exponent->isHeld &= !onlyClamped;
    Value &correction = corrections[{kernel.op, kernel.node}];
    if (!correction)
      correction = createCorrection(rewriter, *exponent,
                                    exponents.lookup({kernel.op, kernel.node}),
                                    tiles.lookup(result(kernel.row)));
    OpOperand *row = findRow(kernel.op, result(kernel.row));
    sum = scaleSum(rewriter, sum, correction, mapRow(kernel.op, row, member));
  }
  return sum;
}

FailureOr<ExponentOfRow>
GroupStreamer::findExponent(const StreamKernel &kernel) const {
  OpOperand *row = findRow(kernel.op, result(kernel.row));
  Operation *exponential = findNumbered(op(kernel.op), kernel.node);
  if (!row || !exponential)
    return members[kernel.op]->emitOpError(
        "does not read its row in the stream of its group");
  return ExponentOfRow{exponential, op(kernel.op).getMatchingBlockArgument(row),
                       kernel.isHeld};
}

/// Exponents that refer to what `member` makes, at its old value.
LogicalResult GroupStreamer::keepExponents(unsigned member, Value row) {
  for (unsigned sum = 0; sum < members.size(); ++sum)
    for (const StreamKernel &kernel : role(sum).kernels) {
      Value &exponent = exponents[{kernel.op, kernel.node}];
      if (kernel.row != member || exponent)
        continue;
      FailureOr<ExponentOfRow> read = findExponent(kernel);
      if (failed(read))
        return failure();
      exponent = createExponent(rewriter, *read, row);
    }
  return success();
}

/// Puts a tile of what is read outside of the group where it belongs in `into`.
Value GroupStreamer::insertTile(linalg::LinalgOp tiled, Value into) {
  auto slice = tiled.getDpsInits()[0].getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice)
    return tiled->getResult(0); // The tile is all of it.
  slice.getSourceMutable().assign(into);
  return tensor::InsertSliceOp::create(
      rewriter, tiled.getLoc(), tiled->getResult(0), into,
      slice.getMixedOffsets(), slice.getMixedSizes(), slice.getMixedStrides());
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

scf::ForOp GroupStreamer::createLoop(ValueRange inits, bool isLimited) {
  Location loc = members[plan.stream->carrier]->getLoc();
  rewriter.setInsertionPoint(block->getTerminator());
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(rewriter, loc, value);
  };
  Value begin = index(0), step = index(plan.stream->size);
  Value end = isLimited ? createStreamEnd(rewriter, loc, plan, loops, extent)
                        : index(extent);
  auto loop = scf::ForOp::create(rewriter, loc, begin, end, step, inits);
  return loop;
}

/// One member in the first loop.
LogicalResult GroupStreamer::addStreamed(unsigned member, Value iv,
                                         Tiles &tiles) {
  auto *slot = llvm::find(carried, member);
  Value *carries =
      slot == carried.end() ? nullptr : &current[slot - carried.begin()];
  if (role(member).isReference && failed(keepExponents(member, *carries)))
    return failure();
  // 1. A row.
  if (!plan.members[member].streamDim) {
    Operation *row = cloneRow(member, tiles);
    cast<linalg::LinalgOp>(row).getDpsInitsMutable()[0].set(*carries);
    Value made = row->getResult(0);
    if (role(member).isClamped)
      made = clampRow(rewriter, made, role(member).lowestDivisor);
    tiles[result(member)] = *carries = made;
    return success();
  }
  // 2. A tile or a sum.
  FailureOr<Value> sum = Value();
  if (isReduction(member)) {
    sum = correct(member, *carries, tiles);
    if (failed(sum))
      return failure();
  }
  FailureOr<linalg::LinalgOp> tiled = tile(member, iv, tiles);
  if (failed(tiled))
    return failure();
  tiled = leaveOut(member, *tiled);
  Value made = (*tiled)->getResult(0);
  if (isReduction(member)) {
    tiled->getDpsInitsMutable()[0].set(*sum);
    made.setType((*sum).getType());
    *carries = made;
  } else if (carries) {
    *carries = insertTile(*tiled, *carries);
  }
  if (role(member).forwarded) {
    Value yielded = tiled->getBlock()->getTerminator()->getOperand(0);
    made = tiled->getMatchingOpOperand(cast<BlockArgument>(yielded))->get();
    rewriter.eraseOp(*tiled);
  }
  tiles[result(member)] = made;
  return success();
}

/// Erases what nobody reads: what started sums, and slices.
static void eraseUnread(RewriterBase &rewriter, Block *block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
    if (isFillOrBroadcast(&op))
      eraseIfUnread(rewriter, &op);
    else if (isOpTriviallyDead(&op))
      rewriter.eraseOp(&op);
}

LogicalResult GroupStreamer::fillFirstLoop(scf::ForOp loop) {
  Tiles tiles;
  current.assign(loop.getRegionIterArgs().begin(),
                 loop.getRegionIterArgs().end());
  for (unsigned member = 0; member < members.size(); ++member) {
    if (!isInside(member))
      continue;
    rewriter.setInsertionPointToEnd(loop.getBody());
    if (failed(addStreamed(member, loop.getInductionVar(), tiles)))
      return failure();
  }
  rewriter.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(rewriter, loop.getLoc(), current);
  eraseUnread(rewriter, loop.getBody());
  makeEmptiesLocal(rewriter, loop.getBody());
  return success();
}

/// Storage that nothing else uses, like `init`; a part of something larger
/// stays where it is.
static Value createOwnStorage(RewriterBase &rewriter, Value init) {
  if (auto slice = init.getDefiningOp<tensor::ExtractSliceOp>();
      slice && slice.getSource().getDefiningOp<tensor::EmptyOp>()) {
    Value whole = createOwnStorage(rewriter, slice.getSource());
    IRMapping mapping;
    mapping.map(slice.getSource(), whole);
    return rewriter.clone(*slice, mapping)->getResult(0);
  }
  auto empty = init.getDefiningOp<tensor::EmptyOp>();
  if (!empty)
    return init;
  return tensor::EmptyOp::create(rewriter, empty.getLoc(),
                                 empty.getMixedSizes(),
                                 empty.getType().getElementType());
}

/// What a row or a sum starts from, with storage of its own.
Value GroupStreamer::createStart(unsigned member) {
  Value init = op(member).getDpsInits()[0];
  Location loc = op(member).getLoc();
  if (!plan.members[member].streamDim)
    return fillWithLowest(rewriter, loc, createOwnStorage(rewriter, init),
                          role(member).lowestDivisor);
  Operation *fill = init.getDefiningOp();
  if (!fill || fill->getBlock() != block || !isFillOrBroadcast(fill))
    return init;
  Value storage =
      createOwnStorage(rewriter, cast<linalg::LinalgOp>(fill).getDpsInits()[0]);
  if (role(member).startsFinite)
    return fillWithLowest(rewriter, loc, storage, role(member).lowestDivisor);
  auto start = cast<linalg::LinalgOp>(rewriter.clone(*fill));
  start.getDpsInitsMutable()[0].set(storage);
  return start->getResult(0);
}

LogicalResult GroupStreamer::makeFirstLoop() {
  SmallVector<Value> inits;
  for (unsigned member = 0; member < members.size(); ++member) {
    bool isRow = !plan.members[member].streamDim;
    bool isTile = !isRow && !isReduction(member);
    if (!isInside(member) || (isTile && (!plan.members[member].isSink ||
                                         role(member).isInSecondLoop)))
      continue;
    carried.push_back(member);
    rewriter.setInsertionPoint(block->getTerminator());
    inits.push_back(isTile ? op(member).getDpsInits()[0] : createStart(member));
  }
  scf::ForOp loop = createLoop(inits, /*isLimited=*/true);
  if (failed(fillFirstLoop(loop)))
    return failure();
  Tiles finals; // Results of members, after the loop.
  for (auto [member, value] : llvm::zip_equal(carried, loop.getResults()))
    finals[result(member)] = value;
  rewriter.setInsertionPoint(block->getTerminator());
  if (failed(releaseRows(finals)))
    return failure();
  for (unsigned member : carried)
    rewriter.replaceAllUsesWith(result(member), finals[result(member)]);
  for (unsigned member : carried)
    if (failed(applyFactors(member, finals[result(member)])))
      return failure();
  return success();
}

/// Takes the bound off rows that the loop held above minus infinity: sums at
/// such a row become what they would have been, which is no number.
LogicalResult GroupStreamer::releaseRows(Tiles &finals) {
  exponents.clear();
  corrections.clear();
  for (unsigned member : carried) {
    Value &final = finals[result(member)];
    if (role(member).isClamped) {
      if (failed(keepExponents(member, final)))
        return failure();
      Operation *row = cloneRow(member, finals);
      cast<linalg::LinalgOp>(row).getDpsInitsMutable()[0].set(final);
      final = row->getResult(0);
    }
    FailureOr<Value> sum = correct(member, final, finals, /*onlyClamped=*/true);
    if (failed(sum))
      return failure();
    finals[result(member)] = *sum;
  }
  return success();
}

/// Whether scalar `value` of a body depends on `argument` of it.
static bool dependsOn(Value value, BlockArgument argument) {
  Operation *scalar = value.getDefiningOp();
  if (!scalar || scalar->getBlock() != argument.getOwner())
    return value == argument;
  return llvm::any_of(scalar->getOperands(), [&](Value operand) {
    return dependsOn(operand, argument);
  });
}

/// Multiplies a sum by what the loop left out.
LogicalResult GroupStreamer::applyFactors(unsigned member, Value sum) {
  for (const RowFactor &factor : role(member).factors) {
    linalg::LinalgOp reader = op(factor.term.op);
    Value term = findScalar(reader, factor.term.op, factor.term.node);
    SmallVector<RowOperand> rows;
    for (OpOperand *operand : reader.getDpsInputOperands()) {
      BlockArgument argument = reader.getMatchingBlockArgument(operand);
      if (term && dependsOn(term, argument))
        rows.push_back({argument, operand->get(),
                        mapRow(factor.term.op, operand, member)});
    }
    if (rows.empty())
      return reader->emitOpError(
          "does not read its row in the stream of its group");
    Value scaled = applyFactor(rewriter, sum, term, factor.isDivided, rows);
    rewriter.replaceAllUsesExcept(sum, scaled, scaled.getDefiningOp());
    sum = scaled;
  }
  return success();
}

/// What needs final rows, tile by tile.
LogicalResult GroupStreamer::makeSecondLoop() {
  SmallVector<unsigned> sinks;
  SmallVector<Value> inits;
  for (unsigned member = 0; member < members.size(); ++member)
    if (role(member).isInSecondLoop && plan.members[member].isSink) {
      sinks.push_back(member);
      inits.push_back(op(member).getDpsInits()[0]);
    }
  if (sinks.empty())
    return success();
  scf::ForOp loop = createLoop(inits, /*isLimited=*/false);
  SmallVector<Value> yielded(loop.getRegionIterArgs());
  Tiles tiles;
  for (unsigned member = 0; member < members.size(); ++member) {
    if (!role(member).isInSecondLoop)
      continue;
    rewriter.setInsertionPointToEnd(loop.getBody());
    FailureOr<linalg::LinalgOp> tiled =
        tile(member, loop.getInductionVar(), tiles);
    if (failed(tiled))
      return failure();
    tiles[result(member)] = (*tiled)->getResult(0);
    auto *sink = llvm::find(sinks, member);
    if (sink != sinks.end())
      yielded[sink - sinks.begin()] =
          insertTile(*tiled, yielded[sink - sinks.begin()]);
  }
  rewriter.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(rewriter, loop.getLoc(), yielded);
  makeEmptiesLocal(rewriter, loop.getBody());
  for (auto [member, value] : llvm::zip_equal(sinks, loop.getResults()))
    rewriter.replaceAllUsesWith(result(member), value);
  return success();
}

/// Erases what runs in loops now.
void GroupStreamer::eraseMembers() {
  for (unsigned member = members.size(); member-- > 0;)
    if (isInside(member) || role(member).isInSecondLoop)
      eraseIfUnread(rewriter, members[member]);
  eraseUnread(rewriter, block);
}

/// Packs what members in the stream read, in front of it.
LogicalResult GroupStreamer::packOperands() {
  packed.resize(members.size());
  for (auto [member, sources] : llvm::enumerate(packed)) {
    const GroupMember &each = plan.members[member];
    if (!each.streamDim || each.inner.packs.empty())
      continue;
    Schedule packs, rest = each.inner;
    packs.packs = std::move(rest.packs);
    rest.packs.clear();
    // To packs, a stream is a band like others.
    TileBand band;
    band.sizes.assign(op(member).getNumLoops(), 0);
    band.sizes[*each.streamDim] = plan.stream->size;
    packs.bands.push_back(std::move(band));
    auto tileable = cast<TilingInterface>(members[member]);
    if (failed(checkPacks(tileable, packs)))
      return failure();
    sources = packSources(rewriter, tileable, packs);
    if (rest.empty())
      members[member]->removeAttr(kScheduleAttrName);
    else
      members[member]->setAttr(kScheduleAttrName,
                               toAttribute(rest, rewriter.getContext()));
  }
  return success();
}

LogicalResult GroupStreamer::run() {
  const StreamLoop &stream = *plan.stream;
  extent = op(stream.carrier)
               .getStaticLoopRanges()[*plan.members[stream.carrier].streamDim];
  LogicalResult made = packOperands();
  if (succeeded(made))
    made = makeFirstLoop();
  if (succeeded(made))
    made = makeSecondLoop();
  if (failed(made))
    return failure();
  eraseMembers();
  sortTopologically(block);
  return success();
}

LogicalResult memwall::streamGroup(RewriterBase &rewriter,
                                   const GroupInIR &group,
                                   const LoopsInIR &loops,
                                   ArrayRef<Operation *> members,
                                   Block *block) {
  for (auto [member, op] : llvm::zip_equal(group.plan.members, members))
    if ((member.streamDim || member.role.place != StreamPlace::Before) &&
        !isa<linalg::LinalgOp>(op))
      return op->emitOpError("cannot be in the stream of its group");
  return GroupStreamer(rewriter, group, loops, members, block).run();
}
