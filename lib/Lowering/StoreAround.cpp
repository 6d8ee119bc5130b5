//===- StoreAround.cpp - Vector stores past the caches --------------------===//

#include "StoreAround.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include <numeric>

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// What numbers are multiples of
//===----------------------------------------------------------------------===//

static int64_t findDivisor(Value value);

/// A number that `value` is a multiple of; 0 of zero, 1 where nothing is known.
static int64_t findDivisor(OpFoldResult value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant == INT64_MIN ? 1 : std::abs(*constant);
  return isa<Value>(value) ? findDivisor(cast<Value>(value)) : 1;
}

static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return llvm::MulOverflow(a, b, product) ? 1 : product;
}

static int64_t findDivisor(AffineExpr expression,
                           ArrayRef<OpFoldResult> operands, unsigned dims) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return std::abs(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expression))
    return findDivisor(operands[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    return findDivisor(operands[dims + symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expression);
  int64_t left = findDivisor(binary.getLHS(), operands, dims);
  int64_t right = findDivisor(binary.getRHS(), operands, dims);
  if (binary.getKind() == AffineExprKind::Add)
    return std::gcd(left, right);
  return binary.getKind() == AffineExprKind::Mul ? multiply(left, right) : 1;
}

/// An induction variable is its lower bound and so many steps.
static int64_t findDivisorOfArgument(BlockArgument argument) {
  auto loop = dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp());
  std::optional<SmallVector<Value>> variables =
      loop ? loop.getLoopInductionVars() : std::nullopt;
  if (!variables)
    return 1;
  auto place = llvm::find(*variables, argument);
  if (place == variables->end())
    return 1;
  size_t dim = place - variables->begin();
  return std::gcd(findDivisor((*loop.getLoopLowerBounds())[dim]),
                  findDivisor((*loop.getLoopSteps())[dim]));
}

static int64_t findDivisor(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return findDivisorOfArgument(argument);
  if (auto apply = value.getDefiningOp<affine::AffineApplyOp>())
    return findDivisor(apply.getAffineMap().getResult(0),
                       getAsOpFoldResult(apply.getMapOperands()),
                       apply.getAffineMap().getNumDims());
  Operation *op = value.getDefiningOp();
  auto operand = [&](unsigned number) {
    return findDivisor(OpFoldResult(op->getOperand(number)));
  };
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return std::gcd(operand(0), operand(1));
  return isa<arith::MulIOp>(op) ? multiply(operand(0), operand(1)) : 1;
}

//===----------------------------------------------------------------------===//
// Where memrefs begin
//===----------------------------------------------------------------------===//

/// Cache lines of all CPUs that are described are no longer, and neither are
/// their registers.
static constexpr int64_t alignmentBytes = 64;

namespace {
/// A memref in an allocation of the program.
struct Place {
  memref::AllocOp allocation;
  int64_t divisor = 0; ///< Of the offset of its first element, in elements.
};
} // namespace

static std::optional<Place> findPlace(Value memref) {
  if (auto allocation = memref.getDefiningOp<memref::AllocOp>())
    return Place{allocation, 0};
  if (auto subview = memref.getDefiningOp<memref::SubViewOp>()) {
    std::optional<Place> place = findPlace(subview.getSource());
    SmallVector<int64_t> strides;
    int64_t offset;
    if (!place ||
        failed(subview.getSourceType().getStridesAndOffset(strides, offset)))
      return std::nullopt;
    for (auto [stride, moved] :
         llvm::zip_equal(strides, subview.getMixedOffsets()))
      place->divisor = std::gcd(
          place->divisor, ShapedType::isDynamic(stride)
                              ? findDivisor(moved) == 0 ? 0 : 1
                              : multiply(std::abs(stride), findDivisor(moved)));
    return place;
  }
  if (memref.getDefiningOp<memref::CastOp>() ||
      memref.getDefiningOp<memref::ExpandShapeOp>() ||
      memref.getDefiningOp<memref::CollapseShapeOp>())
    return findPlace(memref.getDefiningOp()->getOperand(0));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

/// Whether every row of the vector is stored where a multiple of its size is.
/// Aligns the allocation.
static bool isAligned(vector::TransferWriteOp write) {
  auto type = dyn_cast<MemRefType>(write.getBase().getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type || failed(type.getStridesAndOffset(strides, offset)) ||
      strides.empty() || strides.back() != 1)
    return false;
  std::optional<Place> place = findPlace(write.getBase());
  if (!place)
    return false;
  VectorType vector = write.getVectorType();
  unsigned rows = vector.getRank() - 1;
  int64_t divisor = place->divisor;
  for (auto [dim, stride] : llvm::enumerate(strides)) {
    int64_t index = findDivisor(OpFoldResult(write.getIndices()[dim]));
    bool isRow = dim + 1 < strides.size() && dim + 1 + rows >= strides.size();
    if (isRow)
      index = 1;
    if (ShapedType::isDynamic(stride) && index != 0)
      return false;
    if (index != 0)
      divisor = std::gcd(divisor, multiply(std::abs(stride), index));
  }
  int64_t lanes = vector.getShape().back();
  int64_t bytes = lanes * vector.getElementTypeBitWidth() / 8;
  if (!llvm::isPowerOf2_64(bytes) || bytes > alignmentBytes || bytes < 16 ||
      divisor % lanes != 0)
    return false;
  place->allocation.setAlignment(std::max<uint64_t>(
      place->allocation.getAlignment().value_or(1), alignmentBytes));
  return true;
}

/// Stores the rows of `value`, `rank` dimensions of which are left.
static void storeRows(OpBuilder &builder, vector::TransferWriteOp write,
                      Value value, SmallVector<Value> indices) {
  Location location = write.getLoc();
  auto type = cast<VectorType>(value.getType());
  if (type.getRank() == 1) {
    auto store = vector::StoreOp::create(builder, location, value,
                                         write.getBase(), indices,
                                         /*nontemporal=*/true);
    store.setAlignment(type.getNumElements() * type.getElementTypeBitWidth() /
                       8);
    return;
  }
  size_t dim = indices.size() - type.getRank();
  Value first = indices[dim];
  for (int64_t row = 0; row < type.getDimSize(0); ++row) {
    indices[dim] =
        row == 0 ? first
                 : arith::AddIOp::create(
                       builder, location, first,
                       arith::ConstantIndexOp::create(builder, location, row));
    storeRows(builder, write,
              vector::ExtractOp::create(builder, location, value, row),
              indices);
  }
}

void memwall::storeAround(ModuleOp module) {
  SmallVector<Operation *> loops;
  module.walk([&](Operation *op) {
    if (op->hasAttr(storesAroundName))
      loops.push_back(op);
  });
  for (Operation *loop : loops) {
    loop->removeAttr(storesAroundName);
    SmallVector<vector::TransferWriteOp> writes;
    loop->walk([&](vector::TransferWriteOp write) {
      if (!write.getMask() && !write.hasOutOfBoundsDim() &&
          write.getVectorType().getRank() > 0 &&
          write.getPermutationMap().isMinorIdentity() && isAligned(write))
        writes.push_back(write);
    });
    for (vector::TransferWriteOp write : writes) {
      OpBuilder builder(write);
      storeRows(builder, write, write.getVector(),
                llvm::to_vector(write.getIndices()));
      write.erase();
    }
  }
}
