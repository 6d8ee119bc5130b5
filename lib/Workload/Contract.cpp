//===- Contract.cpp - Sums of products, in three spellings ----------------===//

#include "WeightFormat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace memwall;

/// result[...] = sum of lhs[...] * rhs[...], and what its letters are.
struct Emitter::Contraction {
  Lettered lhs, rhs;
  StringRef result;
  Value init;
  Type type;
  std::string batch; ///< Letters of both operands and the result.
  std::string m;     ///< Of lhs and the result.
  std::string n;     ///< Of rhs and the result.
  std::string k;     ///< Of both operands, summed over.

  int64_t size(char letter) const {
    size_t position = lhs.letters.find(letter);
    return position != StringRef::npos
               ? getShape(lhs.value)[position]
               : getShape(rhs.value)[rhs.letters.find(letter)];
  }
  int64_t size(StringRef letters) const {
    int64_t product = 1;
    for (char letter : letters)
      product *= size(letter);
    return product;
  }
  SmallVector<int64_t> sizes(StringRef letters) const {
    SmallVector<int64_t> result;
    for (char letter : letters)
      result.push_back(size(letter));
    return result;
  }
  void classify() {
    for (char letter : result) {
      bool inLhs = lhs.letters.contains(letter);
      bool inRhs = rhs.letters.contains(letter);
      (inLhs && inRhs ? batch : inLhs ? m : n) += letter;
    }
    for (char letter : lhs.letters)
      if (!result.contains(letter))
        k += letter;
  }
};

Value Emitter::contract(Lettered lhs, Lettered rhs, StringRef result, Type type,
                        Value destination) {
  Contraction op{lhs, rhs, result, destination, type, {}, {}, {}, {}};
  op.classify();
  if (style == Style::TorchLike) {
    Value value = contractTorchLike(op);
    return destination ? convert({value, result}, result, type, destination)
                       : value;
  }
  op.init = destination ? fill(destination, 0) : zeros(op.sizes(result), type);
  return style == Style::Named ? contractNamed(op) : contractGeneric(op);
}

Value Emitter::contractGeneric(const Contraction &op) {
  llvm::SaveAndRestore keep(widens, false);
  std::string loops = op.result.str() + op.k;
  return generic(loops, {op.lhs, op.rhs}, {{op.init, op.result}},
                 [&](ScalarBuilder &s, ValueRange x) {
                   Type type = x[2].getType();
                   Value lhs = castElement(builder, loc, x[0], type);
                   Value rhs = castElement(builder, loc, x[1], type);
                   return SmallVector<Value>{s.add(x[2], s.mul(lhs, rhs))};
                 })
      .getResult(0);
}

Value Emitter::addProduct(Value lhs, Value rhs, Value sum) {
  if (style == Style::Generic)
    return contractGeneric({{lhs, "mk"},
                            {rhs, "kn"},
                            "mn",
                            sum,
                            getElementType(sum),
                            /*batch=*/"",
                            /*m=*/"m",
                            /*n=*/"n",
                            /*k=*/"k"});
  SmallVector<Value, 2> inputs = {lhs, rhs};
  return mark(linalg::MatmulOp::create(builder, loc, inputs, sum)).getResult(0);
}

/// linalg.matmul and linalg.batch_matmul where there is one letter of a kind,
/// with maps for transposed operands; else linalg.contract.
Value Emitter::contractNamed(const Contraction &op) {
  std::string loops = op.result.str() + op.k;
  SmallVector<AffineMap> maps;
  for (StringRef letters : {op.lhs.letters, op.rhs.letters, op.result}) {
    SmallVector<AffineExpr> results;
    for (char letter : letters)
      results.push_back(builder.getAffineDimExpr(loops.find(letter)));
    maps.push_back(
        AffineMap::get(loops.size(), 0, results, builder.getContext()));
  }
  ArrayAttr mapsAttr = builder.getAffineMapArrayAttr(maps);
  bool isMatrix = op.m.size() == 1 && op.n.size() == 1 && op.k.size() == 1 &&
                  op.result == op.batch + op.m + op.n &&
                  StringRef(op.lhs.letters).starts_with(op.batch) &&
                  StringRef(op.rhs.letters).starts_with(op.batch);
  SmallVector<Value, 2> inputs = {op.lhs.value, op.rhs.value};
  if (isMatrix && op.batch.empty()) {
    auto matmul = mark(linalg::MatmulOp::create(builder, loc, inputs, op.init));
    matmul.setIndexingMapsAttr(mapsAttr);
    return matmul.getResult(0);
  }
  if (isMatrix && op.batch.size() == 1) {
    auto matmul =
        mark(linalg::BatchMatmulOp::create(builder, loc, inputs, op.init));
    matmul.setIndexingMapsAttr(mapsAttr);
    return matmul.getResult(0);
  }
  return mark(linalg::ContractOp::create(builder, loc, inputs, op.init,
                                         mapsAttr))
      .getResult(0);
}

Value Emitter::transpose(Value value, StringRef from, StringRef to) {
  if (from == to)
    return value;
  SmallVector<int64_t> permutation, shape;
  for (char letter : to) {
    permutation.push_back(from.find(letter));
    shape.push_back(getShape(value)[permutation.back()]);
  }
  return mark(linalg::TransposeOp::create(builder, loc, value,
                                          empty(shape, getElementType(value)),
                                          permutation))
      ->getResult(0);
}

/// [b, m, k] * [b, k, n], or without b.
Value Emitter::contractMatrices(Value lhs, Value rhs, Type type) {
  SmallVector<int64_t> shape(getShape(lhs).drop_back());
  shape.push_back(getShape(rhs).back());
  Value init = zeros(shape, type);
  SmallVector<Value, 2> inputs = {lhs, rhs};
  if (shape.size() == 2)
    return mark(linalg::MatmulOp::create(builder, loc, inputs, init))
        .getResult(0);
  return mark(linalg::BatchMatmulOp::create(builder, loc, inputs, init))
      .getResult(0);
}

/// Operands are transposed to [batch, m, k] and [batch, k, n], and collapsed.
Value Emitter::contractTorchLike(const Contraction &op) {
  std::string left = op.batch + op.m + op.k, right = op.batch + op.k + op.n;
  std::string product = op.batch + op.m + op.n;
  SmallVector<int64_t> batch;
  if (!op.batch.empty())
    batch.push_back(op.size(op.batch));
  auto matrix = [&](StringRef rows, StringRef columns) {
    SmallVector<int64_t> shape = batch;
    shape.append({op.size(rows), op.size(columns)});
    return shape;
  };
  Value lhs = reshape(transpose(op.lhs.value, op.lhs.letters, left),
                      matrix(op.m, op.k));
  Value rhs = reshape(transpose(op.rhs.value, op.rhs.letters, right),
                      matrix(op.k, op.n));
  Value value = reshape(contractMatrices(lhs, rhs, op.type), op.sizes(product));
  return transpose(value, product, op.result);
}

Value Emitter::contractStored(Lettered lhs, Lettered rhs,
                              const StoredMatrix &stored, StringRef result,
                              Type type) {
  // 1. The inputs that share scales as dimensions of their own.
  char inner = rhs.letters.back();
  InputGroups groups(stored.format, getShape(rhs.value).back(), inner);
  std::string lhsLetters, rhsLetters, partLetters[4];
  if (lhs.letters.back() == inner)
    lhs = groups.split(*this, lhs, lhsLetters);
  StringRef front = rhs.letters.drop_back();
  SmallVector<Lettered> inputs = {lhs, groups.split(*this, rhs, rhsLetters)};
  for (auto [index, part] : llvm::enumerate(stored.parts))
    inputs.push_back(
        groups.splitPart(*this, index, part, front, partLetters[index]));

  // 2. Their sum.
  Contraction op{lhs, inputs[1], result, {}, type, {}, {}, {}, {}};
  op.classify();
  Value init = zeros(op.sizes(result), type);
  return generic(
             result.str() + op.k, inputs, {{init, result}},
             [&](ScalarBuilder &s, ValueRange x) {
               Value weight =
                   stored.format.widen(s, x[1], x.drop_front(2).drop_back());
               return SmallVector<Value>{s.add(x.back(), s.mul(x[0], weight))};
             })
      .getResult(0);
}
