//===- InsertChecks.cpp - Programs that stop before they do harm ----------===//

#include "RuntimeChecks.h"
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlow/Utils.h"
#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Interfaces/VectorInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Inserts the checks of all functions of a module.
class CheckInserter {
public:
  explicit CheckInserter(ModuleOp module) : module(module) {
    dataflow::loadBaselineAnalyses(ranges);
    ranges.load<dataflow::IntegerRangeAnalysis>();
    // Where the analysis fails, no range is known and everything is checked.
    (void)ranges.initializeAndRun(module);
  }

  void check(Operation *op);
  std::vector<RuntimeCheck> takeChecks() { return std::move(checks); }

private:
  void checkDivision(Operation *op);
  void checkAssert(cf::AssertOp op);
  void checkView(memref::SubViewOp op);
  /// Buffers have no negative sizes.
  void checkAllocation(memref::AllocOp op);
  /// A loop that does not step forward never ends.
  void checkSteps(LoopLikeOpInterface op);
  /// `index` ... `index + elements - 1` have to be elements of a dimension.
  void checkIndex(Operation *op, Value memref, int64_t dim, Value index,
                  int64_t elements);
  void checkTransfer(VectorTransferOpInterface op);

  /// From now on the program stops before `op` where `fails` is true.
  void stopWhere(ImplicitLocOpBuilder &b, Value fails, Operation *op,
                 std::string complaint, Value found = {}, Value limit = {});
  /// The signed values that `value` is known to have; nullopt: any.
  std::optional<ConstantIntRanges> getRange(Value value) const {
    auto *state = ranges.lookupState<dataflow::IntegerValueRangeLattice>(value);
    if (!state || state->getValue().isUninitialized())
      return std::nullopt;
    return state->getValue().getValue();
  }
  bool isWithin(Value value, int64_t begin, int64_t end) const {
    std::optional<ConstantIntRanges> range = getRange(value);
    return range && range->smin().sge(begin) && range->smax().slt(end);
  }

  /// Whether `elements` of them, `stride` apart from `offset` on, are certainly
  /// elements of a dimension of `extent`.
  bool isViewWithin(OpFoldResult offset, int64_t elements, int64_t stride,
                    int64_t extent) const {
    std::optional<int64_t> span = llvm::checkedMul(elements - 1, stride);
    if (!span || elements < 0 || stride < 0 || *span >= extent)
      return false;
    if (std::optional<int64_t> from = getConstantIntValue(offset))
      return *from >= 0 && *from < extent - *span;
    return isWithin(cast<Value>(offset), 0, extent - *span);
  }

  ModuleOp module;
  DataFlowSolver ranges;
  std::vector<RuntimeCheck> checks;
};

} // namespace

/// Where the program says what `op` does: bodies of named linalg ops have no
/// location of their own.
static Location findLocation(Operation *op) {
  while (isa<UnknownLoc>(op->getLoc()) && op->getParentOp())
    op = op->getParentOp();
  return op->getLoc();
}

void CheckInserter::stopWhere(ImplicitLocOpBuilder &b, Value fails,
                              Operation *op, std::string complaint, Value found,
                              Value limit) {
  Type i64 = b.getI64Type();
  auto callback = module.lookupSymbol<func::FuncOp>("memwall_fail");
  if (!callback) {
    OpBuilder atStart(module.getBodyRegion());
    callback =
        func::FuncOp::create(atStart, module.getLoc(), "memwall_fail",
                             b.getFunctionType({i64, i64, i64}, TypeRange{}));
    callback.setPrivate();
  }
  auto toI64 = [&](Value value) -> Value {
    if (!value)
      return arith::ConstantOp::create(b, b.getI64IntegerAttr(0));
    return getValueOrCreateCastToIndexLike(b, b.getLoc(), i64, value);
  };
  auto branch = scf::IfOp::create(b, fails, /*withElseRegion=*/false);
  branch->setAttr(runtimeCheckName, b.getUnitAttr());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value number =
      arith::ConstantOp::create(b, b.getI64IntegerAttr(checks.size()));
  func::CallOp::create(b, callback,
                       ValueRange{number, toI64(found), toI64(limit)});
  checks.push_back({findLocation(op), std::move(complaint)});
}

/// "argument 2", or "a buffer" where `memref` is not simply one of them.
static std::string nameBuffer(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  auto argument = dyn_cast<BlockArgument>(memref);
  if (argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()))
    return "argument " + std::to_string(argument.getArgNumber());
  return "a buffer";
}

/// A comparison with a constant, of a number or of any lane of a vector.
static Value buildIsAny(ImplicitLocOpBuilder &b, Value value, APInt constant) {
  Type type = value.getType();
  TypedAttr attribute = b.getIntegerAttr(getElementTypeOrSelf(type), constant);
  auto vector = dyn_cast<VectorType>(type);
  if (vector)
    attribute = DenseElementsAttr::get(vector, attribute);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, value,
                               arith::ConstantOp::create(b, attribute));
}

static Value reduceLanes(ImplicitLocOpBuilder &b, Value condition) {
  auto vector = dyn_cast<VectorType>(condition.getType());
  if (!vector)
    return condition;
  auto flat = VectorType::get({vector.getNumElements()}, b.getI1Type());
  if (flat != vector)
    condition = vector::ShapeCastOp::create(b, flat, condition);
  return vector::ReductionOp::create(b, vector::CombiningKind::OR, condition);
}

/// Machines trap when they divide by zero, and when the quotient of the least
/// number and -1 does not fit.
void CheckInserter::checkDivision(Operation *op) {
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  Type type = getElementTypeOrSelf(divisor);
  unsigned width = ConstantIntRanges::getStorageBitwidth(type);
  auto vector = dyn_cast<VectorType>(divisor.getType());
  if (vector && vector.isScalable())
    return;
  std::optional<ConstantIntRanges> range = getRange(divisor);
  ImplicitLocOpBuilder b(op->getLoc(), op);
  APInt zero = APInt::getZero(width);
  if (!range || (range->umin().isZero() && !range->smin().isStrictlyPositive()))
    stopWhere(b, reduceLanes(b, buildIsAny(b, divisor, zero)), op,
              "divides an integer by zero");
  APInt minusOne = APInt::getAllOnes(width);
  bool isSigned = !isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp,
                       index::DivUOp, index::RemUOp, index::CeilDivUOp>(op);
  bool mayOverflow =
      !range || (range->smin().sle(minusOne) && range->smax().sge(minusOne));
  if (!isSigned || width == 1 || !mayOverflow)
    return;
  Value least = buildIsAny(b, dividend, APInt::getSignedMinValue(width));
  Value both =
      arith::AndIOp::create(b, least, buildIsAny(b, divisor, minusOne));
  stopWhere(b, reduceLanes(b, both), op,
            "divides the least integer by -1, which overflows");
}

/// Braces are the numbers' in a complaint.
static std::string escapeBraces(StringRef text) {
  std::string escaped;
  for (char c : text) {
    escaped += c;
    if (c == '{')
      escaped += c;
  }
  return escaped;
}

void CheckInserter::checkAssert(cf::AssertOp op) {
  ImplicitLocOpBuilder b(op.getLoc(), op);
  Value isTrue =
      arith::ConstantOp::create(b, b.getIntegerAttr(b.getI1Type(), 1));
  Value fails = arith::XOrIOp::create(b, op.getArg(), isTrue);
  stopWhere(b, fails, op, "failed an assertion: " + escapeBraces(op.getMsg()));
  op.erase();
}

void CheckInserter::checkIndex(Operation *op, Value memref, int64_t dim,
                               Value index, int64_t elements) {
  auto type = cast<MemRefType>(memref.getType());
  bool isDynamic = type.isDynamicDim(dim);
  if (!isDynamic && isWithin(index, 0, type.getDimSize(dim) - elements + 1))
    return;
  using Bounds = ValueBoundsConstraintSet;
  if (isDynamic && elements == 1 && isWithin(index, 0, INT64_MAX) &&
      Bounds::compare(Bounds::Variable(index), Bounds::LT,
                      Bounds::Variable(memref, dim)))
    return;
  ImplicitLocOpBuilder b(op->getLoc(), op);
  Value size =
      isDynamic
          ? memref::DimOp::create(b, memref, dim).getResult()
          : arith::ConstantIndexOp::create(b, type.getDimSize(dim)).getResult();
  // Unsigned: a negative index is a huge one.
  Value last = index;
  Value fails =
      arith::CmpIOp::create(b, arith::CmpIPredicate::uge, index, size);
  if (elements > 1) {
    last = arith::AddIOp::create(
        b, index, arith::ConstantIndexOp::create(b, elements - 1));
    fails = arith::OrIOp::create(
        b, fails,
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, last, size));
  }
  stopWhere(b, fails, op,
            "accesses element {0} in dimension " + std::to_string(dim) +
                " of " + nameBuffer(memref) + ", which has {1}",
            last, size);
}

/// What a view shows has to lie inside of its source.
void CheckInserter::checkView(memref::SubViewOp op) {
  MemRefType source = op.getSourceType();
  for (int64_t dim = 0; dim < source.getRank(); ++dim) {
    OpFoldResult offset = op.getMixedOffsets()[dim];
    OpFoldResult size = op.getMixedSizes()[dim];
    OpFoldResult stride = op.getMixedStrides()[dim];
    std::optional<int64_t> sizeHere = getConstantIntValue(size);
    std::optional<int64_t> by = getConstantIntValue(stride);
    if (sizeHere == 0)
      continue;
    if (sizeHere && by && !source.isDynamicDim(dim) &&
        isViewWithin(offset, *sizeHere, *by, source.getDimSize(dim)))
      continue;
    ImplicitLocOpBuilder b(op.getLoc(), op);
    auto get = [&](OpFoldResult value) {
      return getValueOrCreateConstantIndexOp(b, b.getLoc(), value);
    };
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value zero = arith::ConstantIndexOp::create(b, 0);
    Value extent = memref::DimOp::create(b, op.getSource(), dim);
    Value steps = arith::SubIOp::create(b, get(size), one);
    Value last = arith::AddIOp::create(
        b, get(offset), arith::MulIOp::create(b, steps, get(stride)));
    auto isOutside = [&](Value index) {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::uge, index, extent)
          .getResult();
    };
    Value outside =
        arith::OrIOp::create(b, isOutside(get(offset)), isOutside(last));
    Value isEmpty =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, get(size), zero);
    Value isNegative =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, get(size), zero);
    Value no = arith::ConstantOp::create(b, b.getBoolAttr(false));
    Value fails = arith::OrIOp::create(
        b, isNegative, arith::SelectOp::create(b, isEmpty, no, outside));
    stopWhere(b, fails, op,
              "takes a slice up to element {0} in dimension " +
                  std::to_string(dim) + " of " + nameBuffer(op.getSource()) +
                  ", which has {1}",
              last, extent);
  }
}

void CheckInserter::checkAllocation(memref::AllocOp op) {
  for (Value size : op.getDynamicSizes()) {
    if (isWithin(size, 0, INT64_MAX))
      continue;
    ImplicitLocOpBuilder b(op.getLoc(), op);
    Value zero = arith::ConstantIndexOp::create(b, 0);
    stopWhere(
        b, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, size, zero), op,
        "builds a tensor or buffer with a dimension of {0} elements", size);
  }
}

void CheckInserter::checkSteps(LoopLikeOpInterface op) {
  std::optional<SmallVector<OpFoldResult>> steps = op.getLoopSteps();
  if (!steps)
    return;
  for (OpFoldResult step : *steps) {
    auto value = dyn_cast<Value>(step);
    if (!value || isWithin(value, 1, INT64_MAX))
      continue;
    ImplicitLocOpBuilder b(op.getLoc(), op);
    Type type = value.getType();
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
    stopWhere(b,
              arith::CmpIOp::create(b, arith::CmpIPredicate::sle, value, zero),
              op, "steps a loop by {0}", value);
  }
}

/// Dimensions that a transfer promises to stay in; what leaves the others is
/// masked by its lowering.
void CheckInserter::checkTransfer(VectorTransferOpInterface op) {
  if (!isa<MemRefType>(op.getShapedType()) || op.getMask())
    return;
  AffineMap map = op.getPermutationMap();
  for (int64_t dim = 0, e = op.getShapedType().getRank(); dim < e; ++dim) {
    int64_t elements = 1;
    bool isBounded = true;
    for (auto [position, result] : llvm::enumerate(map.getResults()))
      if (auto used = dyn_cast<AffineDimExpr>(result);
          used && used.getPosition() == dim) {
        elements = op.getVectorType().getDimSize(position);
        isBounded = op.isDimInBounds(position);
      }
    if (isBounded)
      checkIndex(op, op.getBase(), dim, op.getIndices()[dim], elements);
  }
}

void CheckInserter::check(Operation *op) {
  auto checkAll = [&](Value memref, ValueRange indices, int64_t lanes = 1) {
    int64_t last = int64_t(indices.size()) - 1;
    for (auto [dim, index] : llvm::enumerate(indices))
      checkIndex(op, memref, dim, index, int64_t(dim) == last ? lanes : 1);
  };
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
          arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp,
          index::DivSOp, index::DivUOp, index::RemSOp, index::RemUOp,
          index::CeilDivSOp, index::CeilDivUOp, index::FloorDivSOp>(op))
    checkDivision(op);
  else if (auto assertion = dyn_cast<cf::AssertOp>(op))
    checkAssert(assertion);
  else if (auto load = dyn_cast<memref::LoadOp>(op))
    checkAll(load.getMemRef(), load.getIndices());
  else if (auto store = dyn_cast<memref::StoreOp>(op))
    checkAll(store.getMemRef(), store.getIndices());
  else if (auto atomic = dyn_cast<memref::AtomicRMWOp>(op))
    checkAll(atomic.getMemref(), atomic.getIndices());
  else if (auto load = dyn_cast<vector::LoadOp>(op);
           load && load.getVectorType().getRank() == 1)
    checkAll(load.getBase(), load.getIndices(),
             load.getVectorType().getNumElements());
  else if (auto store = dyn_cast<vector::StoreOp>(op);
           store && store.getVectorType().getRank() == 1)
    checkAll(store.getBase(), store.getIndices(),
             store.getVectorType().getNumElements());
  else if (auto transfer = dyn_cast<VectorTransferOpInterface>(op))
    checkTransfer(transfer);
  else if (auto view = dyn_cast<memref::SubViewOp>(op))
    checkView(view);
  else if (auto allocation = dyn_cast<memref::AllocOp>(op))
    checkAllocation(allocation);
  else if (isa<scf::ForOp, scf::ParallelOp>(op))
    checkSteps(cast<LoopLikeOpInterface>(op));
}

std::vector<RuntimeCheck> memwall::insertRuntimeChecks(ModuleOp module) {
  CheckInserter inserter(module);
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops)
    inserter.check(op);
  return inserter.takeChecks();
}
