//===- PairDot.cpp - Two steps of a reduction at once ---------------------===//

#include "PairDot.h"
#include "VectorTypes.h"
#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace memwall;

/// What is in front of the bits of a register.
static constexpr llvm::StringLiteral bf16Name = "llvm.x86.avx512bf16.dpbf16ps.";
static constexpr llvm::StringLiteral i16Name = "llvm.x86.avx512.vpdpwssd.";
static constexpr llvm::StringLiteral tableName = "llvm.x86.avx512.permvar.hi.";

/// A register of so many bits has fewer than 16 elements of 16 bits.
static constexpr int64_t leastBitsOfTable = 128;

/// Whether all numbers of an integer type are numbers of i16.
static bool fitsI16(PairSource source) {
  if (!source.element.isSignlessInteger())
    return false;
  unsigned bits = source.element.getIntOrFloatBitWidth();
  return bits < 16 || (bits == 16 && !source.isUnsigned);
}

Type memwall::choosePairType(PairSource left, PairSource right, Type sumType,
                             const VectorRegisters &registers) {
  MLIRContext *context = sumType.getContext();
  if (!llvm::is_contained({128, 256, 512}, registers.bits))
    return {};
  auto isBF16 = [&](Type element) {
    return element.isBF16() ||
           (element.isInteger(4) && registers.bits > leastBitsOfTable);
  };
  if (registers.dots.bf16 && sumType.isF32() && isBF16(left.element) &&
      isBF16(right.element))
    return BFloat16Type::get(context);
  // Sums of 32 bits wrap around in the instruction as they do in plain code.
  if (registers.dots.i16 && sumType.isInteger(32) && fitsI16(left) &&
      fitsI16(right))
    return IntegerType::get(context, 16);
  return {};
}

Value memwall::buildPairs(OpBuilder &builder, Location location, Value low,
                          Value high, Type pairType, bool isUnsigned) {
  low = convertElements(builder, location, low, pairType, isUnsigned);
  high = convertElements(builder, location, high, pairType, isUnsigned);
  int64_t pairs = cast<VectorType>(low.getType()).getNumElements();
  return vector::BitCastOp::create(
      builder, location, VectorType::get(pairs, builder.getI32Type()),
      vector::InterleaveOp::create(builder, location, low, high));
}

/// Says of a vector.contract that an instruction does it.
static constexpr llvm::StringLiteral isInstructionName = "memwall.pair_dot";

Value memwall::buildPairDot(OpBuilder &builder, Location location, Value left,
                            Value right, Value sums, Type pairType) {
  int64_t lanes = cast<VectorType>(sums.getType()).getNumElements();
  auto flat = VectorType::get(2 * lanes, pairType);
  Type sumType = getElementTypeOrSelf(sums.getType());
  auto pairs = VectorType::get({lanes, 2}, sumType);
  for (Value *operand : {&left, &right}) {
    if (operand->getType() != flat)
      *operand = vector::BitCastOp::create(builder, location, flat, *operand);
    *operand = convertElements(builder, location, *operand, sumType);
    *operand = vector::ShapeCastOp::create(builder, location, pairs, *operand);
  }
  AffineExpr lane, step;
  bindDims(builder.getContext(), lane, step);
  auto contract = vector::ContractionOp::create(
      builder, location, left, right, sums,
      ArrayRef<ArrayRef<AffineExpr>>{{lane, step}, {lane, step}, {lane}},
      {vector::IteratorType::parallel, vector::IteratorType::reduction});
  contract->setAttr(isInstructionName, builder.getUnitAttr());
  return contract;
}

/// A call of an intrinsic that returns what its first argument is.
static Value callIntrinsic(OpBuilder &builder, Location location,
                           const Twine &name, ValueRange arguments) {
  return LLVM::CallIntrinsicOp::create(builder, location,
                                       arguments.front().getType(),
                                       builder.getStringAttr(name), arguments)
      ->getResult(0);
}

/// `value`, a vector of bf16, by way of a table in a register where it is
/// converted from integers of 4 bits: a register is looked up in with the low
/// bits of an index, so that it does not matter what else is in a byte.
static Value convertByTable(OpBuilder &builder, Value value) {
  Operation *conversion = value.getDefiningOp();
  if (!isa_and_nonnull<arith::SIToFPOp, arith::UIToFPOp>(conversion))
    return value;
  Value from = conversion->getOperand(0);
  auto type = cast<VectorType>(value.getType());
  if (!getElementTypeOrSelf(from.getType()).isInteger(4))
    return value;
  if (auto truncation = from.getDefiningOp<arith::TruncIOp>())
    from = truncation.getIn();
  SmallVector<APInt> table;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    APInt bits(4, i % 16);
    APFloat number(APFloat::BFloat());
    number.convertFromAPInt(bits, isa<arith::SIToFPOp>(conversion),
                            APFloat::rmNearestTiesToEven);
    table.push_back(number.bitcastToAPInt());
  }
  Location location = conversion->getLoc();
  VectorType words = type.clone(builder.getIntegerType(16));
  Value entries = arith::ConstantOp::create(
      builder, location, DenseElementsAttr::get(words, table));
  Value indices = arith::ExtUIOp::create(builder, location, words, from);
  Value found = callIntrinsic(builder, location,
                              tableName + Twine(16 * type.getNumElements()),
                              {entries, indices});
  return vector::BitCastOp::create(builder, location, type, found);
}

/// What an operand of a dot is before it is widened to the type of the sums, in
/// one dimension. Widening integers twice may have become widening once.
static Value getNarrow(OpBuilder &builder, Value operand, Type pairType) {
  Location location = operand.getLoc();
  auto type = cast<VectorType>(operand.getType());
  Value flat = builder.createOrFold<vector::ShapeCastOp>(
      location, VectorType::get(type.getNumElements(), type.getElementType()),
      operand);
  Operation *widening = flat.getDefiningOp();
  if (!isa_and_nonnull<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp>(widening))
    return convertElements(builder, location, flat, pairType);
  return convertElements(builder, location, widening->getOperand(0), pairType,
                         isa<arith::ExtUIOp>(widening));
}

void memwall::lowerPairDots(Operation *root) {
  SmallVector<vector::ContractionOp> dots;
  root->walk([&](vector::ContractionOp op) {
    if (op->hasAttr(isInstructionName))
      dots.push_back(op);
  });
  for (vector::ContractionOp op : dots) {
    OpBuilder builder(op);
    auto type = cast<VectorType>(op.getResultType());
    bool isFloat = isa<FloatType>(type.getElementType());
    Type pairType = isFloat ? Type(builder.getBF16Type())
                            : Type(builder.getIntegerType(16));
    SmallVector<Value> operands{op.getAcc()};
    for (Value operand : {op.getLhs(), op.getRhs()})
      operands.push_back(
          convertByTable(builder, getNarrow(builder, operand, pairType)));
    op.replaceAllUsesWith(callIntrinsic(builder, op.getLoc(),
                                        (isFloat ? bf16Name : i16Name) +
                                            Twine(32 * type.getNumElements()),
                                        operands));
    op.erase();
  }
}

namespace {
/// Upstream does not say what memory a call of an intrinsic touches, and
/// buffers are freed only where that is known of all ops.
struct IntrinsicEffects
    : MemoryEffectOpInterface::ExternalModel<IntrinsicEffects,
                                             LLVM::CallIntrinsicOp> {
  void
  getEffects(Operation *op,
             SmallVectorImpl<MemoryEffects::EffectInstance> &effects) const {
    StringRef name = cast<LLVM::CallIntrinsicOp>(op).getIntrin();
    if (name.starts_with(bf16Name) || name.starts_with(i16Name) ||
        name.starts_with(tableName))
      return;
    effects.emplace_back(MemoryEffects::Read::get());
    effects.emplace_back(MemoryEffects::Write::get());
  }
};
} // namespace

void memwall::registerIntrinsicEffects(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LLVM::LLVMDialect *) {
    LLVM::CallIntrinsicOp::attachInterface<IntrinsicEffects>(*context);
  });
}
