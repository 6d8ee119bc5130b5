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

#include "FillsAndBroadcasts.h"
#include "GroupStreamer.h"
#include "LocalEmpties.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace memwall;

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

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// A loop over tiles, of part number `part` where there is one.
scf::ForOp GroupStreamer::createLoop(ValueRange inits, bool isLimited,
                                     Value part) {
  Location loc = members[plan.stream->carrier]->getLoc();
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(rewriter, loc, value);
  };
  Value begin = part ? createPartBegin(rewriter, loc, plan, part) : index(0);
  Value step = index(plan.stream->size);
  Value end =
      createStreamEnd(rewriter, loc, plan, loops, extent, isLimited, part);
  auto loop = scf::ForOp::create(rewriter, loc, begin, end, step, inits);
  return loop;
}

/// One member in the first loop.
LogicalResult GroupStreamer::addStreamed(unsigned member, Value iv,
                                         Tiles &tiles) {
  auto *slot = llvm::find(carried, member);
  Value *carries =
      slot == carried.end() ? nullptr : &current[slot - carried.begin()];
  if (role(member).isReference) {
    Tiles rows; // As they are in this tile, or still are.
    for (auto [each, value] : llvm::zip_equal(carried, current))
      rows[result(each)] = value;
    if (failed(keepExponents(member, rows)))
      return failure();
  }
  // 1. A row.
  if (!plan.members[member].streamDim) {
    Operation *row = cloneRow(member, tiles);
    holdRows(member, row);
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
  holdRows(member, *tiled);
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

void memwall::eraseUnread(RewriterBase &rewriter, Block *block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
    if (isFillOrBroadcast(&op))
      eraseIfUnread(rewriter, &op);
    else if (isOpTriviallyDead(&op))
      rewriter.eraseOp(&op);
}

/// A loop of at most one iteration around what `loop` does, for tiles that
/// masks may hide; null where they hide none. Of a loop, unlike of a branch,
/// bufferization sees that it changes what it carries in place. It counts from
/// the begin of the tile, so that nothing on the tile can be moved out of it.
scf::ForOp GroupStreamer::createVisibleLoop(scf::ForOp loop) {
  rewriter.setInsertionPointToEnd(loop.getBody());
  Location loc = loop.getLoc();
  Value begin = loop.getInductionVar();
  Value end = createVisibleEnd(rewriter, loc, plan, loops, begin);
  if (!end)
    return scf::ForOp();
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  auto inner = scf::ForOp::create(rewriter, loc, begin, end, one,
                                  loop.getRegionIterArgs());
  scf::YieldOp::create(rewriter, loc, inner.getResults());
  return inner;
}

LogicalResult GroupStreamer::fillFirstLoop(scf::ForOp outer) {
  scf::ForOp inner = createVisibleLoop(outer);
  scf::ForOp loop = inner ? inner : outer;
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

Value memwall::createOwnStorage(RewriterBase &rewriter, Value init) {
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

/// `storage` with the lowest number of a row in it.
Value GroupStreamer::fillLowest(unsigned member, Value storage) {
  Location loc = op(member).getLoc();
  if (role(member).keepsInfinity)
    return fillWithMinusInfinity(rewriter, loc, storage);
  return fillWithLowest(rewriter, loc, storage, role(member).lowestDivisor);
}

/// What a row or a sum starts from, with storage of its own.
Value GroupStreamer::createStart(unsigned member) {
  Value init = op(member).getDpsInits()[0];
  if (!plan.members[member].streamDim)
    return fillLowest(member, createOwnStorage(rewriter, init));
  Operation *fill = init.getDefiningOp();
  if (!fill || fill->getBlock() != block || !isFillOrBroadcast(fill))
    return init;
  Value storage =
      createOwnStorage(rewriter, cast<linalg::LinalgOp>(fill).getDpsInits()[0]);
  // A row that may stay infinite starts as it did, if that is a number.
  bool isKept = role(member).keepsInfinity &&
                !matchPattern(fill->getOperand(0), m_NaNFloat());
  if (role(member).startsFinite && !isKept)
    return fillLowest(member, storage);
  auto start = cast<linalg::LinalgOp>(rewriter.clone(*fill));
  start.getDpsInitsMutable()[0].set(storage);
  return start->getResult(0);
}

LogicalResult GroupStreamer::makeWhole(Tiles &finals) {
  rewriter.setInsertionPoint(block->getTerminator());
  SmallVector<Value> inits;
  for (unsigned member : carried)
    inits.push_back(isTile(member) ? op(member).getDpsInits()[0]
                                   : createStart(member));
  scf::ForOp loop = createLoop(inits, /*isLimited=*/true);
  if (failed(fillFirstLoop(loop)))
    return failure();
  for (auto [member, value] : llvm::zip_equal(carried, loop.getResults()))
    finals[result(member)] = value;
  return success();
}

void GroupStreamer::findCarried() {
  for (unsigned member = 0; member < members.size(); ++member)
    if (isInside(member) && (!isTile(member) || (plan.members[member].isSink &&
                                                 !role(member).isInSecondLoop)))
      carried.push_back(member);
}

LogicalResult GroupStreamer::makeFirstLoop() {
  findCarried();
  Tiles finals; // Results of members, after the loop.
  bool isInParts = plan.stream->parts > 1;
  if (failed(isInParts ? makeParts(finals) : makeWhole(finals)))
    return failure();
  rewriter.setInsertionPoint(behind->getTerminator());
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
    if (role(member).isClamped || role(member).keepsInfinity)
      if (failed(keepExponents(member, finals)))
        return failure();
    if (role(member).isClamped) {
      Operation *row = cloneRow(member, finals);
      Value &final = finals[result(member)];
      cast<linalg::LinalgOp>(row).getDpsInitsMutable()[0].set(final);
      final = row->getResult(0);
    }
    FailureOr<Value> sum = correct(member, finals[result(member)], finals,
                                   /*isReleased=*/true);
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
    Value scaled = applyFactor(rewriter, sum, term, factor, rows);
    rewriter.replaceAllUsesExcept(sum, scaled, scaled.getDefiningOp());
    sum = scaled;
  }
  return success();
}

/// The members that make what is read outside of the second loop.
SmallVector<unsigned> GroupStreamer::findSecondSinks() const {
  SmallVector<unsigned> sinks;
  for (unsigned member = 0; member < members.size(); ++member)
    if (role(member).isInSecondLoop && plan.members[member].isSink)
      sinks.push_back(member);
  return sinks;
}

/// What needs final rows, tile by tile.
LogicalResult GroupStreamer::makeSecondLoop() {
  SmallVector<unsigned> sinks = findSecondSinks();
  if (sinks.empty())
    return success();
  rewriter.setInsertionPoint(behind->getTerminator());
  Value part;
  if (secondParts)
    part = secondParts.getInductionVars().front();
  SmallVector<PartSlice> slices;
  SmallVector<Value> inits;
  for (auto [number, member] : llvm::enumerate(sinks)) {
    Value init = op(member).getDpsInits()[0];
    if (part) {
      init = secondParts.getRegionIterArgs()[number];
      slices.push_back(createSecondSlice(member, init));
      const PartSlice &slice = slices.back();
      init = tensor::ExtractSliceOp::create(rewriter, init.getLoc(), init,
                                            slice.offsets, slice.sizes,
                                            slice.strides);
    }
    inits.push_back(init);
  }
  scf::ForOp loop = createLoop(inits, /*isLimited=*/false, part);
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
    if (sink == sinks.end())
      continue;
    Value &into = yielded[sink - sinks.begin()];
    if (part)
      moveToPart(member, *tiled, slices[sink - sinks.begin()]);
    into = insertTile(*tiled, into);
  }
  rewriter.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(rewriter, loop.getLoc(), yielded);
  makeEmptiesLocal(rewriter, loop.getBody());
  if (secondParts)
    return endSecondParts(sinks, slices, loop);
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

FailureOr<Operation *> GroupStreamer::run() {
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
  if (secondParts)
    finishSecondParts();
  sortTopologically(block);
  return partLoop;
}

FailureOr<Operation *> memwall::streamGroup(RewriterBase &rewriter,
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
