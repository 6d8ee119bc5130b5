//===- PairDot.cpp - Two steps of a reduction at once ---------------------===//

#include "PairDot.h"
#include "VectorTypes.h"
#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace memwall;

/// What is in front of the bits of a register.
static constexpr llvm::StringLiteral bf16Name = "llvm.x86.avx512bf16.dpbf16ps.";
static constexpr llvm::StringLiteral i16Name = "llvm.x86.avx512.vpdpwssd.";

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
  if (registers.dots.bf16 && sumType.isF32() && left.element.isBF16() &&
      right.element.isBF16())
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
  auto pairs = VectorType::get({lanes, 2}, pairType);
  for (Value *operand : {&left, &right}) {
    if (operand->getType() != flat)
      *operand = vector::BitCastOp::create(builder, location, flat, *operand);
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

void memwall::lowerPairDots(Operation *root) {
  SmallVector<vector::ContractionOp> dots;
  root->walk([&](vector::ContractionOp op) {
    if (op->hasAttr(isInstructionName))
      dots.push_back(op);
  });
  for (vector::ContractionOp op : dots) {
    OpBuilder builder(op);
    auto type = cast<VectorType>(op.getResultType());
    Type element = op.getLhsType().getElementType();
    auto flat = VectorType::get(2 * type.getNumElements(), element);
    SmallVector<Value> operands{op.getAcc()};
    for (Value operand : {op.getLhs(), op.getRhs()})
      operands.push_back(builder.createOrFold<vector::ShapeCastOp>(
          op.getLoc(), flat, operand));
    StringRef start = element.isBF16() ? bf16Name : i16Name;
    std::string name = (start + Twine(32 * type.getNumElements())).str();
    auto call = LLVM::CallIntrinsicOp::create(
        builder, op.getLoc(), type, builder.getStringAttr(name), operands);
    op.replaceAllUsesWith(call->getResult(0));
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
    if (name.starts_with(bf16Name) || name.starts_with(i16Name))
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
