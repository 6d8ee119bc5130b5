//===- CountArithmetic.cpp - FLOPs of operations --------------------------===//

#include "memwall/Work/CountArithmetic.h"
#include "memwall/Work/BodySlice.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "mlir/IR/TypeUtilities.h"
using namespace mlir;

namespace memwall {

namespace {

using Rule = llvm::DenseMap<TypeID, Arithmetic>;

template <typename... OpTys>
void add(Rule &rule, Arithmetic perElement) {
  (rule.try_emplace(TypeID::get<OpTys>(), perElement), ...);
}

void addFloatRules(Rule &rule) {
  add<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, arith::RemFOp,
      arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
      arith::MinNumFOp, arith::CmpFOp, math::AbsFOp, math::SqrtOp, math::CeilOp,
      math::FloorOp, math::RoundOp, math::RoundEvenOp, math::TruncOp,
      math::CopySignOp, math::IsFiniteOp, math::IsInfOp, math::IsNaNOp,
      math::IsNormalOp>(rule, {1, 0, 0});
  add<math::FmaOp, math::ClampFOp, vector::FMAOp>(rule, {2, 0, 0});
  add<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log2Op,
      math::Log10Op, math::Log1pOp, math::RsqrtOp, math::CbrtOp, math::PowFOp,
      math::FPowIOp, math::ErfOp, math::ErfcOp, math::SinOp, math::CosOp,
      math::TanOp, math::AsinOp, math::AcosOp, math::AtanOp, math::Atan2Op,
      math::SinhOp, math::CoshOp, math::TanhOp, math::AsinhOp, math::AcoshOp,
      math::AtanhOp>(rule, {1, 1, 0});
  add<math::SincosOp>(rule, {2, 2, 0});
}

void addIntegerRules(Rule &rule) {
  add<arith::AddIOp, arith::AddUIExtendedOp, arith::SubIOp, arith::MulIOp,
      arith::MulSIExtendedOp, arith::MulUIExtendedOp, arith::DivSIOp,
      arith::DivUIOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
      arith::FloorDivSIOp, arith::RemSIOp, arith::RemUIOp, arith::AndIOp,
      arith::OrIOp, arith::XOrIOp, arith::ShLIOp, arith::ShRSIOp,
      arith::ShRUIOp, arith::MaxSIOp, arith::MaxUIOp, arith::MinSIOp,
      arith::MinUIOp, arith::CmpIOp, math::AbsIOp, math::CountLeadingZerosOp,
      math::CountTrailingZerosOp, math::CtPopOp, math::IPowIOp>(rule,
                                                                {0, 0, 1});
}

void addComplexRules(Rule &rule) {
  add<complex::AddOp, complex::SubOp, complex::NegOp, complex::EqualOp,
      complex::NotEqualOp>(rule, {2, 0, 0});
  add<complex::MulOp>(rule, {6, 0, 0});
  add<complex::DivOp>(rule, {11, 0, 0});
  add<complex::AbsOp>(rule, {4, 0, 0});
  add<complex::ConjOp>(rule, {1, 0, 0});
  add<complex::AngleOp, complex::Atan2Op, complex::CosOp, complex::ExpOp,
      complex::Expm1Op, complex::Log1pOp, complex::LogOp, complex::PowOp,
      complex::PowiOp, complex::RsqrtOp, complex::SignOp, complex::SinOp,
      complex::SqrtOp, complex::TanOp, complex::TanhOp>(rule, {1, 1, 0});
  add<complex::BitcastOp, complex::ConstantOp, complex::CreateOp, complex::ImOp,
      complex::ReOp>(rule, {});
}

void addFreeRules(Rule &rule) {
  add<arith::ConstantOp, arith::SelectOp, arith::BitcastOp, arith::ExtFOp,
      arith::ExtSIOp, arith::ExtUIOp, arith::TruncFOp, arith::TruncIOp,
      arith::ScalingExtFOp, arith::ScalingTruncFOp, arith::SIToFPOp,
      arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp, arith::IndexCastOp,
      arith::IndexCastUIOp, affine::AffineApplyOp, affine::AffineMinOp,
      affine::AffineMaxOp, affine::AffineDelinearizeIndexOp,
      affine::AffineLinearizeIndexOp, linalg::IndexOp, tensor::ExtractOp,
      tensor::DimOp, memref::LoadOp, memref::DimOp, ub::PoisonOp>(rule, {});
}

const Rule &getRule() {
  static const Rule rule = [] {
    Rule rule;
    addFloatRules(rule);
    addIntegerRules(rule);
    addComplexRules(rule);
    addFreeRules(rule);
    return rule;
  }();
  return rule;
}

int64_t getLanes(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

/// `operations` operations on elements of `type`.
Arithmetic countOn(Type type, int64_t operations) {
  Type element = getElementTypeOrSelf(type);
  if (isa<FloatType>(element))
    return {operations, 0, 0};
  return {0, 0, isa<IndexType>(element) ? 0 : operations};
}

/// Vector ops that are more than one operation per lane of their result.
Arithmetic countVectorOp(Operation *op) {
  if (auto reduction = dyn_cast<vector::ReductionOp>(op))
    return countOn(reduction.getVector().getType(),
                   getLanes(reduction.getVector().getType()));
  if (auto reduction = dyn_cast<vector::MultiDimReductionOp>(op))
    return countOn(reduction.getSource().getType(),
                   getLanes(reduction.getSource().getType()));
  if (auto scan = dyn_cast<vector::ScanOp>(op))
    return countOn(scan.getSource().getType(),
                   getLanes(scan.getSource().getType()));
  if (auto product = dyn_cast<vector::OuterProductOp>(op)) {
    Type type = product.getType();
    return countOn(type, getLanes(type) * (product.getAcc() ? 2 : 1));
  }
  if (auto contract = dyn_cast<vector::ContractionOp>(op)) {
    SmallVector<int64_t> box;
    contract.getIterationBounds(box);
    int64_t operations = 2;
    for (int64_t extent : box)
      operations *= extent;
    return countOn(contract.getResultType(), operations);
  }
  return {};
}

} // namespace

std::optional<Arithmetic> countArithmetic(Operation *op) {
  auto known = getRule().find(op->getName().getTypeID());
  if (known == getRule().end()) {
    Dialect *dialect = op->getDialect();
    if (isa_and_nonnull<vector::VectorDialect>(dialect))
      return countVectorOp(op);
    if (dialect && dialect->getNamespace() == "index")
      return Arithmetic();
    return std::nullopt;
  }
  Arithmetic count = known->second;
  if (op->getNumOperands() == 0)
    return count;
  Type type = op->getOperand(0).getType();
  if (isa<IndexType>(getElementTypeOrSelf(type)))
    count.intOps = 0;
  int64_t lanes = getLanes(type);
  return Arithmetic{count.flops * lanes, count.transcendentals * lanes,
                    count.intOps * lanes};
}

std::optional<Arithmetic> countBody(Block &body) {
  std::optional<BodySlice> slice = sliceBody(body);
  if (!slice)
    return std::nullopt;
  Arithmetic sum;
  for (Operation *op : slice->arithmetic) {
    std::optional<Arithmetic> count = countArithmetic(op);
    if (!count)
      return std::nullopt;
    sum.flops += count->flops;
    sum.transcendentals += count->transcendentals;
    sum.intOps += count->intOps;
  }
  return sum;
}

} // namespace memwall
