//===- StreamTiles.cpp - Members on the tiles of a stream -----------------===//

#include "FillsAndBroadcasts.h"
#include "GroupStreamer.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace memwall;

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

/// The argument that access `access` of a member is in its body; null where the
/// body loads it itself.
BlockArgument GroupStreamer::findArgument(unsigned reader,
                                          unsigned access) const {
  for (auto [number, node] : llvm::enumerate(bodies[reader]->nodes))
    if (node.kind == ScalarKind::Input && node.access == access)
      return dyn_cast_or_null<BlockArgument>(
          findScalar(op(reader), reader, number));
  return BlockArgument();
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
  for (const RowFactor &factor : role(member).dropped)
    if (Operation *product = findNumbered(tiled, factor.product))
      rewriter.replaceOp(product, product->getOperand(factor.kept));
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

/// Holds what a member in the first loop reads of rows that may be infinite.
void GroupStreamer::holdRows(unsigned member, Operation *tiled) {
  if (role(member).heldAccesses.empty())
    return;
  auto linalgOp = cast<linalg::LinalgOp>(tiled);
  for (auto [from, to] : llvm::zip_equal(op(member).getDpsInputOperands(),
                                         linalgOp.getDpsInputOperands()))
    for (unsigned row = 0; row < members.size(); ++row)
      if (role(row).keepsInfinity && from->get() == result(row))
        holdRow(rewriter, linalgOp, *to, role(row).lowestDivisor);
}

/// `sum` at the rows of this tile; or, after the loop, at rows that are not
/// held any more.
FailureOr<Value> GroupStreamer::correct(unsigned member, Value sum,
                                        Tiles &tiles, bool isReleased) {
  for (const StreamKernel &inLoop : role(member).kernels) {
    std::optional<StreamKernel> kernel = inLoop;
    if (isReleased)
      kernel = releaseKernel(
          [&](unsigned row) -> const StreamRole & { return role(row); },
          inLoop);
    if (!kernel)
      continue;
    FailureOr<ExponentOfRows> exponent = findExponent(*kernel);
    if (failed(exponent))
      return failure();
    Value &correction = corrections[{kernel->op, kernel->node}];
    if (!correction)
      correction = createCorrection(
          rewriter, *exponent, exponents.lookup({kernel->op, kernel->node}),
          findRows(*kernel, tiles));
    sum = scaleSum(rewriter, sum, correction, mapMainRow(*kernel, member));
  }
  return sum;
}

/// From the elements of what `sum` makes to those of the main row of a kernel.
AffineMap GroupStreamer::mapMainRow(const StreamKernel &kernel,
                                    unsigned sum) const {
  const KernelInput &main = kernel.inputs.front();
  return mapRow(
      main.op,
      op(main.op).getMatchingOpOperand(findArgument(main.op, main.access)),
      sum);
}

FailureOr<ExponentOfRows>
GroupStreamer::findExponent(const StreamKernel &kernel) const {
  ExponentOfRows exponent;
  exponent.exponential = findNumbered(op(kernel.op), kernel.node);
  exponent.isHeld = kernel.isHeld;
  exponent.isSignUnknown = kernel.isSignUnknown;
  exponent.isReleased = kernel.isReleased;
  unsigned main = kernel.getMainRow();
  bool isFound = exponent.exponential != nullptr;
  for (const KernelInput &read : kernel.inputs) {
    ExponentInput input;
    input.argument = findArgument(read.op, read.access);
    if (!input.argument) {
      isFound &= !read.row;
      continue;
    }
    input.map =
        mapRow(read.op, op(read.op).getMatchingOpOperand(input.argument), main);
    input.isRow = read.row.has_value();
    input.isHeld = read.isHeld;
    if (read.row)
      input.lowestDivisor = role(*read.row).lowestDivisor;
    exponent.inputs.push_back(input);
  }
  for (const KernelColumn &column : kernel.columns) {
    BlockArgument argument = findArgument(column.op, column.access);
    isFound &= argument != nullptr;
    exponent.columns.push_back(
        {argument, op(column.made).getBlock()->getTerminator()->getOperand(0)});
  }
  if (!isFound)
    return members[kernel.op]->emitOpError(
        "does not read its row in the stream of its group");
  return exponent;
}

/// What the exponent of a kernel reads, with rows as they are in `rows`.
SmallVector<Value> GroupStreamer::findRows(const StreamKernel &kernel,
                                           const Tiles &rows) const {
  SmallVector<Value> values;
  for (const KernelInput &read : kernel.inputs) {
    BlockArgument argument = findArgument(read.op, read.access);
    if (!argument)
      continue;
    Value value = op(read.op).getMatchingOpOperand(argument)->get();
    Value known = rows.lookup(value);
    values.push_back(known ? known : value);
  }
  return values;
}

/// Exponents that refer to what `member` makes, with rows as they are in
/// `rows`, before it changes.
LogicalResult GroupStreamer::keepExponents(unsigned member, const Tiles &rows) {
  for (unsigned sum = 0; sum < members.size(); ++sum)
    for (const StreamKernel &kernel : role(sum).kernels) {
      Value &exponent = exponents[{kernel.op, kernel.node}];
      if (!kernel.reads(member) || exponent)
        continue;
      FailureOr<ExponentOfRows> read = findExponent(kernel);
      if (failed(read))
        return failure();
      SmallVector<Value> values = findRows(kernel, rows);
      exponent =
          createExponent(rewriter, *read, values,
                         createExponentStorage(rewriter, values.front()));
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
