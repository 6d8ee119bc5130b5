//===- DotLanes.cpp - Several steps of a reduction at once ----------------===//

#include "DotLanes.h"
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
static constexpr llvm::StringLiteral i8Name = "llvm.x86.avx512.vpdpbusd.";
static constexpr llvm::StringLiteral tableName = "llvm.x86.avx512.permvar.hi.";

/// A register of so many bits has fewer than 16 elements of 16 bits.
static constexpr int64_t leastBitsOfTable = 128;

/// Whether all numbers of an integer type are numbers of i16.
static bool fitsI16(DotSource source) {
  if (!source.element.isSignlessInteger())
    return false;
  unsigned bits = source.element.getIntOrFloatBitWidth();
  return bits < 16 || (bits == 16 && !source.isUnsigned);
}

DotType memwall::chooseDotType(DotSource left, DotSource right, Type sumType,
                               const VectorRegisters &registers,
                               int64_t mostSteps) {
  MLIRContext *context = sumType.getContext();
  if (!llvm::is_contained({128, 256, 512}, registers.bits))
    return {};
  auto isBF16 = [&](Type element) {
    return element.isBF16() ||
           (element.isInteger(4) && registers.bits > leastBitsOfTable);
  };
  if (registers.dots.bf16 && sumType.isF32() && isBF16(left.element) &&
      isBF16(right.element))
    return {BFloat16Type::get(context)};
  // Sums of 32 bits wrap around in the instructions as they do in plain code.
  if (!registers.dots.integers || !sumType.isInteger(32))
    return {};
  if (mostSteps >= 4 && left.element.isInteger(8) &&
      right.element.isInteger(8) && !(left.isUnsigned && right.isUnsigned))
    return {IntegerType::get(context, 8), right.isUnsigned,
            !left.isUnsigned && !right.isUnsigned};
  if (fitsI16(left) && fitsI16(right))
    return {IntegerType::get(context, 16)};
  return {};
}

Value memwall::buildLanes(OpBuilder &builder, Location location,
                          ArrayRef<Value> rows, const DotType &type,
                          bool isUnsigned) {
  assert(int64_t(rows.size()) == type.steps() && "one row per step");
  SmallVector<Value> parts;
  for (Value row : rows)
    parts.push_back(
        convertElements(builder, location, row, type.element, isUnsigned));
  // Of rows 0 to 3: 0 with 2 and 1 with 3, and then both.
  while (parts.size() > 1) {
    size_t half = parts.size() / 2;
    for (size_t i = 0; i < half; ++i)
      parts[i] = vector::InterleaveOp::create(builder, location, parts[i],
                                              parts[i + half]);
    parts.resize(half);
  }
  int64_t lanes = cast<VectorType>(rows[0].getType()).getNumElements();
  return vector::BitCastOp::create(builder, location,
                                   VectorType::get(lanes, builder.getI32Type()),
                                   parts[0]);
}

Value memwall::raiseLanes(OpBuilder &builder, Location location, Value lanes) {
  // Adding 128 to a byte changes its highest bit and no other.
  TypedAttr highest = builder.getI32IntegerAttr(int32_t(0x80808080));
  if (auto type = dyn_cast<VectorType>(lanes.getType()))
    highest = DenseElementsAttr::get(type, Attribute(highest));
  return arith::XOrIOp::create(
      builder, location, lanes,
      arith::ConstantOp::create(builder, location, highest));
}

/// Says of a vector.contract which instruction does it.
static constexpr llvm::StringLiteral instructionName = "memwall.dot";

/// What is in front of the bits of a register, for elements of a type.
static llvm::StringLiteral getIntrinsic(Type element) {
  if (element.isBF16())
    return bf16Name;
  return element.isInteger(8) ? i8Name : i16Name;
}

Value memwall::buildDot(OpBuilder &builder, Location location, Value left,
                        Value right, Value sums, const DotType &type) {
  if (type.isRightUnsigned)
    std::swap(left, right);
  int64_t lanes = cast<VectorType>(sums.getType()).getNumElements();
  int64_t steps = type.steps();
  auto flat = VectorType::get(steps * lanes, type.element);
  Type sumType = getElementTypeOrSelf(sums.getType());
  auto grouped = VectorType::get({lanes, steps}, sumType);
  bool isUnsigned = type.element.isInteger(8); // The first operand.
  for (Value *operand : {&left, &right}) {
    if (operand->getType() != flat)
      *operand = vector::BitCastOp::create(builder, location, flat, *operand);
    *operand =
        convertElements(builder, location, *operand, sumType, isUnsigned);
    *operand =
        vector::ShapeCastOp::create(builder, location, grouped, *operand);
    isUnsigned = false;
  }
  AffineExpr lane, step;
  bindDims(builder.getContext(), lane, step);
  auto contract = vector::ContractionOp::create(
      builder, location, left, right, sums,
      ArrayRef<ArrayRef<AffineExpr>>{{lane, step}, {lane, step}, {lane}},
      {vector::IteratorType::parallel, vector::IteratorType::reduction});
  contract->setAttr(instructionName, TypeAttr::get(type.element));
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
static Value getNarrow(OpBuilder &builder, Value operand, Type element) {
  Location location = operand.getLoc();
  auto type = cast<VectorType>(operand.getType());
  Value flat = builder.createOrFold<vector::ShapeCastOp>(
      location, VectorType::get(type.getNumElements(), type.getElementType()),
      operand);
  Operation *widening = flat.getDefiningOp();
  if (!isa_and_nonnull<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp>(widening))
    return convertElements(builder, location, flat, element);
  return convertElements(builder, location, widening->getOperand(0), element,
                         isa<arith::ExtUIOp>(widening));
}

void memwall::lowerDots(Operation *root) {
  SmallVector<vector::ContractionOp> dots;
  root->walk([&](vector::ContractionOp op) {
    if (op->hasAttr(instructionName))
      dots.push_back(op);
  });
  for (vector::ContractionOp op : dots) {
    OpBuilder builder(op);
    Type element = op->getAttrOfType<TypeAttr>(instructionName).getValue();
    int64_t lanes = cast<VectorType>(op.getResultType()).getNumElements();
    SmallVector<Value> operands{op.getAcc()};
    for (Value operand : {op.getLhs(), op.getRhs()})
      operands.push_back(
          convertByTable(builder, getNarrow(builder, operand, element)));
    op.replaceAllUsesWith(
        callIntrinsic(builder, op.getLoc(),
                      getIntrinsic(element) + Twine(32 * lanes), operands));
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
        name.starts_with(i8Name) || name.starts_with(tableName))
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
