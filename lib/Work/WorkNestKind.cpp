//===- WorkNestKind.cpp - What an op is, from its structure ---------------===//

#include "Describe.h"
#include "memwall/Work/CountArithmetic.h"
#include "memwall/Work/ElementType.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallBitVector.h"

#include "mlir/IR/TypeUtilities.h"
using namespace mlir;

namespace memwall {

namespace {

bool isCast(Operation *op) {
  return isa<CastOpInterface>(op) && op->getNumOperands() == 1;
}

Value skipCasts(Value value) {
  for (Operation *op = value.getDefiningOp(); op && isCast(op);
       op = value.getDefiningOp())
    value = op->getOperand(0);
  return value;
}

bool isProduct(Operation *op) {
  return isa_and_nonnull<arith::MulFOp, arith::MulIOp, arith::AndIOp,
                         complex::MulOp>(op);
}

/// The structure of one body: which inputs a value is computed from. Inputs are
/// the arguments of the body and, numbered after them, its loads (experts that
/// are picked by data).
class BodyStructure {
public:
  explicit BodyStructure(linalg::LinalgOp op)
      : maps(op.getIndexingMapsArray()), iterators(op.getIteratorTypesArray()),
        inputCount(op.getNumDpsInputs()), body(*op.getBlock()) {
    for (Operation &scalar : body)
      if (isa<tensor::ExtractOp, memref::LoadOp>(scalar))
        loads.push_back(&scalar);
  }

  /// For out = out + x * y * ..., casts anywhere, of every result: the element
  /// types of the inputs that make it a contraction. Two factors must each
  /// depend on an input that the other does not depend on and that a reduction
  /// dimension indexes. Else empty.
  SmallVector<Type> findFactorTypes() const;
  /// Bit r: result r depends on block argument `input`.
  uint32_t findResults(unsigned input) const;
  /// Some such input is indexed by a sum of dims, one of them a reduction: a
  /// sliding window.
  bool hasWindow() const;

private:
  SmallVector<unsigned> findFactorInputs() const;
  llvm::SmallBitVector findFactorInputs(Operation *product) const;
  bool indexesReduction(unsigned input) const;
  bool hasWindow(unsigned input) const;
  /// The load that is input `input`, or null.
  Operation *getLoad(unsigned input) const {
    unsigned arguments = body.getNumArguments();
    return input < arguments ? nullptr : loads[input - arguments];
  }
  bool isAccumulator(Value value, unsigned result) const {
    auto argument = dyn_cast<BlockArgument>(skipCasts(value));
    return argument && argument.getArgNumber() == inputCount + result;
  }
  Operation *findProduct(unsigned result) const;
  SmallVector<llvm::SmallBitVector> getFactors(Operation *product) const;
  llvm::SmallBitVector getInputsOf(Value value) const;
  static bool isReduction(utils::IteratorType iterator) {
    return iterator != utils::IteratorType::parallel;
  }

  SmallVector<AffineMap> maps;
  SmallVector<utils::IteratorType> iterators;
  unsigned inputCount;
  Block &body;
  SmallVector<Operation *> loads;
};

} // namespace

/// The op x * y of yield(out + x * y), or of a fused multiply-add.
Operation *BodyStructure::findProduct(unsigned result) const {
  auto isAccumulator = [&](Value value) {
    return this->isAccumulator(value, result);
  };
  Value yielded = body.getTerminator()->getOperand(result);
  Operation *sum = skipCasts(yielded).getDefiningOp();
  if (auto fma = dyn_cast_or_null<math::FmaOp>(sum))
    return isAccumulator(fma.getC()) ? sum : nullptr;
  // i1 contractions are or of and; out - x * y updates like out + x * y.
  if (isa_and_nonnull<arith::SubFOp>(sum) && !isAccumulator(sum->getOperand(0)))
    return nullptr;
  if (!isa_and_nonnull<arith::AddFOp, arith::SubFOp, arith::AddIOp,
                       arith::OrIOp, complex::AddOp>(sum))
    return nullptr;
  Value addend = isAccumulator(sum->getOperand(1))   ? sum->getOperand(0)
                 : isAccumulator(sum->getOperand(0)) ? sum->getOperand(1)
                                                     : Value();
  if (!addend)
    return nullptr;
  Operation *product = skipCasts(addend).getDefiningOp();
  return isProduct(product) ? product : nullptr;
}

llvm::SmallBitVector BodyStructure::getInputsOf(Value value) const {
  llvm::SmallBitVector inputs(body.getNumArguments() + loads.size());
  SmallVector<Value> worklist = {value};
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (auto argument = dyn_cast<BlockArgument>(next)) {
      if (argument.getOwner() == &body)
        inputs.set(argument.getArgNumber());
      continue;
    }
    Operation *op = next.getDefiningOp();
    if (op->getBlock() != &body || !seen.insert(op).second)
      continue;
    // Where a load looks is not what it gives.
    if (auto *load = llvm::find(loads, op); load != loads.end())
      inputs.set(body.getNumArguments() + (load - loads.begin()));
    else
      llvm::append_range(worklist, op->getOperands());
  }
  return inputs;
}

bool BodyStructure::indexesReduction(unsigned input) const {
  if (Operation *load = getLoad(input))
    return llvm::any_of(load->getOperands(), [&](Value index) {
      auto position = index.getDefiningOp<linalg::IndexOp>();
      return position && position->getBlock() == &body &&
             isReduction(iterators[position.getDim()]);
    });
  for (auto [d, iterator] : llvm::enumerate(iterators))
    if (isReduction(iterator) && maps[input].isFunctionOfDim(d))
      return true;
  return false;
}

bool BodyStructure::hasWindow(unsigned input) const {
  if (getLoad(input))
    return false;
  return llvm::any_of(maps[input].getResults(), [&](AffineExpr result) {
    bool reduction = false, parallel = false;
    for (auto [d, iterator] : llvm::enumerate(iterators))
      if (result.isFunctionOfDim(d))
        (isReduction(iterator) ? reduction : parallel) = true;
    return reduction && parallel;
  });
}

bool BodyStructure::hasWindow() const {
  return llvm::any_of(findFactorInputs(),
                      [&](unsigned input) { return hasWindow(input); });
}

SmallVector<Type> BodyStructure::findFactorTypes() const {
  return llvm::map_to_vector(findFactorInputs(), [&](unsigned input) {
    Operation *load = getLoad(input);
    return getElementTypeOrSelf(load ? load->getResult(0).getType()
                                     : body.getArgument(input).getType());
  });
}

/// What each factor of a tree of multiplications depends on.
SmallVector<llvm::SmallBitVector>
BodyStructure::getFactors(Operation *product) const {
  SmallVector<llvm::SmallBitVector> factors;
  SmallVector<Value> worklist = {product->getOperand(0),
                                 product->getOperand(1)};
  while (!worklist.empty()) {
    Value value = skipCasts(worklist.pop_back_val());
    if (Operation *op = value.getDefiningOp(); isProduct(op))
      worklist.append({op->getOperand(0), op->getOperand(1)});
    else
      factors.push_back(getInputsOf(value));
  }
  return factors;
}

SmallVector<unsigned> BodyStructure::findFactorInputs() const {
  llvm::SmallBitVector all(body.getNumArguments() + loads.size());
  for (unsigned r = 0, e = body.getTerminator()->getNumOperands(); r < e; ++r) {
    Operation *product = findProduct(r);
    llvm::SmallBitVector inputs(all.size());
    if (product)
      inputs = findFactorInputs(product);
    if (inputs.none())
      return {};
    all |= inputs;
  }
  return SmallVector<unsigned>(all.set_bits());
}

uint32_t BodyStructure::findResults(unsigned input) const {
  uint32_t results = 0;
  for (auto [r, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    if (r < 32 && getInputsOf(value).test(input))
      results |= uint32_t(1) << r;
  return results;
}

llvm::SmallBitVector BodyStructure::findFactorInputs(Operation *product) const {
  SmallVector<llvm::SmallBitVector> factors = getFactors(product);
  for (llvm::SmallBitVector &factor : factors)
    for (unsigned input = 0; input < factor.size(); ++input)
      if (!indexesReduction(input))
        factor.reset(input);
  llvm::SmallBitVector inputs(body.getNumArguments() + loads.size());
  for (const llvm::SmallBitVector &lhs : factors)
    for (const llvm::SmallBitVector &rhs : factors)
      if (lhs.test(rhs) && rhs.test(lhs)) {
        inputs |= lhs;
        inputs |= rhs;
      }
  return inputs;
}

SmallVector<uint32_t> findResults(linalg::LinalgOp op) {
  BodyStructure structure(op);
  SmallVector<uint32_t> results;
  for (unsigned i = 0, e = op.getBlock()->getNumArguments(); i < e; ++i)
    results.push_back(structure.findResults(i));
  return results;
}

bool hasGather(const WorkNest &nest) {
  return llvm::any_of(nest.accesses, [](const NestAccess &access) {
    return llvm::any_of(access.indices, [](const NestIndex &index) {
      return index.gatherDims.has_value();
    });
  });
}

/// Every yielded value is a loaded one, unchanged.
static bool yieldsLoads(Block &body) {
  return llvm::all_of(body.getTerminator()->getOperands(), [&](Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return argument.getOwner() == &body;
    Operation *op = value.getDefiningOp();
    return op->getBlock() == &body &&
           isa<tensor::ExtractOp, memref::LoadOp>(op);
  });
}

/// Nothing is read, and the yielded values do not depend on the position.
static bool yieldsInvariants(linalg::LinalgOp op, const BodySlice &slice) {
  return slice.loads.empty() &&
         llvm::none_of(slice.arithmetic, llvm::IsaPred<linalg::IndexOp>) &&
         llvm::none_of(op->getOpOperands(), [&](OpOperand &operand) {
           unsigned argument =
               op.getMatchingBlockArgument(&operand).getArgNumber();
           return slice.usesArgument[argument] && !op.isScalar(&operand);
         });
}

OpKind classifyLinalgOp(linalg::LinalgOp op, const BodySlice &slice,
                        const WorkNest &nest) {
  const Arithmetic &work = nest.perIteration;
  BodyStructure structure(op);
  if (op.getNumReductionLoops() > 0) {
    if (structure.hasWindow())
      return OpKind::Convolution;
    if (!structure.findFactorTypes().empty())
      return OpKind::Contraction;
    bool accumulates = llvm::any_of(op.getRegionOutputArgs(), [&](Value out) {
      return slice.usesArgument[cast<BlockArgument>(out).getArgNumber()];
    });
    if (accumulates)
      return OpKind::Reduction;
    // Some front ends call a dimension of one iteration a reduction.
    if (llvm::any_of(nest.dims, [](const NestDim &dim) {
          return dim.isReduction && dim.size != 1;
        }))
      return OpKind::Other;
  }
  if (hasGather(nest) && work.flops + work.intOps <= 2)
    return OpKind::Gather;
  if (yieldsInvariants(op, slice))
    return OpKind::Fill;
  if (yieldsLoads(*op.getBlock()))
    return OpKind::Copy;
  return OpKind::Elementwise;
}

std::string getComputeType(linalg::LinalgOp op, const BodySlice &slice,
                           OpKind kind) {
  Type result = getElementTypeOrSelf(op.getDpsInits().front().getType());
  if (kind != OpKind::Contraction && kind != OpKind::Convolution) {
    // A compare computes on what it compares, not on its i1.
    if (!isa<FloatType, ComplexType>(result))
      for (Operation *scalar : slice.arithmetic)
        if (countArithmetic(scalar).value_or(Arithmetic()).flops > 0)
          return getElementTypeName(scalar->getOperand(0).getType());
    return getElementTypeName(result);
  }
  // The widest factor: scales and zero points ride along.
  Type widest;
  for (Type type : BodyStructure(op).findFactorTypes())
    if (!widest || getElementBits(type) > getElementBits(widest))
      widest = type;
  return getElementTypeName(widest ? widest : result);
}

} // namespace memwall
