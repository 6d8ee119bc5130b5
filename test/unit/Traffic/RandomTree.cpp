//===- RandomTree.cpp - Random loop trees for sweeps ----------------------===//

#include "RandomTree.h"
#include "TreeBuilder.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;
using namespace memwall::test;

int64_t memwall::test::pick(Random &random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

namespace {

/// A tensor of an op, one dimension of the op for each of its own.
struct Tensor {
  BufferId buffer;
  llvm::SmallVector<unsigned, 4> dims;
};

/// A TreeBuilder for one op after the other over the same dimensions.
class Maker : public TreeBuilder {
public:
  explicit Maker(llvm::ArrayRef<int64_t> sizes) : dims(sizes) {}

  Tensor add(llvm::ArrayRef<unsigned> indices, int64_t bits, BufferKind kind,
             bool liveOut = false) {
    int64_t elements = 1;
    for (unsigned dim : indices)
      elements *= dims.sizes[dim];
    return {addBuffer(kind, elements, bits, liveOut),
            llvm::to_vector<4>(indices)};
  }
  void tile(unsigned dim, int64_t size, LoopKind kind = LoopKind::Serial) {
    parent = addTileLoop(parent, dims, dim, size, kind);
  }
  void addOpOver(llvm::ArrayRef<unsigned> order,
                 llvm::ArrayRef<NestTensor> tensors) {
    addNest(parent, addOp(), dims, order, tensors);
  }

  TiledDims dims;

private:
  NodeId parent = LoopTree::root;
};

NestTensor use(const Tensor &tensor, bool isRead, bool isWritten) {
  NestTensor used{tensor.buffer, {}, isRead, isWritten};
  for (unsigned dim : tensor.dims)
    used.indices.push_back({{dim, 1}});
  return used;
}
NestTensor read(const Tensor &tensor) { return use(tensor, true, false); }
NestTensor write(const Tensor &tensor) { return use(tensor, false, true); }
NestTensor update(const Tensor &tensor) { return use(tensor, true, true); }

int64_t randomBits(Random &random) {
  constexpr int64_t bits[] = {4, 8, 16, 32, 32, 64};
  return bits[pick(random, 0, 5)];
}

/// C[b,m,n] += A[b,m,k] * B[b,k,n], layouts permuted, tiled `levels` deep.
LoopTree makeContraction(Random &random, int levels, bool divisible) {
  bool batched = pick(random, 0, 3) == 0;
  bool decode = pick(random, 0, 3) == 0;
  auto size = [&](int64_t low, int64_t high) {
    int64_t value = pick(random, low, high);
    return divisible ? std::max<int64_t>(8, value / 8 * 8) : value;
  };
  llvm::SmallVector<int64_t, 4> sizes = {
      batched ? pick(random, 2, 4) : 1,
      decode ? pick(random, 1, 3) : size(8, 64), size(8, 72), size(8, 72)};
  Maker maker(sizes);
  int64_t bitsIn = randomBits(random), bitsOut = randomBits(random);
  auto permuted = [&](llvm::SmallVector<unsigned, 4> dims) {
    if (pick(random, 0, 2) == 0)
      std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    return dims;
  };
  Tensor a = maker.add(permuted({0, 1, 3}), bitsIn, BufferKind::Argument);
  Tensor b = maker.add(permuted({0, 3, 2}), bitsIn, BufferKind::Argument);
  Tensor c =
      maker.add(permuted({0, 1, 2}), bitsOut, BufferKind::Argument, true);
  llvm::SmallVector<unsigned, 4> order = {0, 1, 2, 3};
  for (int level = 0; level < levels; ++level) {
    order = {0, 1, 2, 3};
    std::shuffle(order.begin(), order.end(), random);
    for (unsigned d : order) {
      if (sizes[d] < 4 || pick(random, 0, 3) == 0)
        continue;
      int64_t t = divisible
                      ? sizes[d] / (sizes[d] % 4 == 0 ? 4 : 2)
                      : pick(random, 2, std::max<int64_t>(2, sizes[d] / 2));
      if (divisible && sizes[d] % t != 0)
        continue;
      maker.tile(d, t);
      sizes[d] = t;
    }
  }
  order = {0, 1, 2, 3};
  std::shuffle(order.begin(), order.end(), random);
  maker.addOpOver(order, {read(a), read(b), update(c)});
  return std::move(maker.tree);
}

/// C[m,n] += A[m,k] * B[k,n].
LoopTree buildParallel(Random &random) {
  llvm::SmallVector<int64_t, 4> sizes = {
      pick(random, 8, 48), pick(random, 8, 64), pick(random, 8, 48)};
  Maker maker(sizes);
  Tensor a = maker.add({0, 2}, 32, BufferKind::Argument);
  Tensor b = maker.add({2, 1}, 32, BufferKind::Argument);
  Tensor c = maker.add({0, 1}, 32, BufferKind::Argument, true);
  int first = pick(random, 0, 1), count = pick(random, 1, 2);
  for (int i = 0; i < count; ++i) {
    int dim = i == 0 ? first : 1 - first;
    maker.tile(dim, pick(random, 1, sizes[dim] / 2), LoopKind::Parallel);
  }
  llvm::SmallVector<unsigned, 3> order = {0, 1, 2};
  std::shuffle(order.begin(), order.end(), random);
  maker.addOpOver(order, {read(a), read(b), update(c)});
  return std::move(maker.tree);
}

/// Chains of elementwise ops, broadcasts and row reductions on one shape.
LoopTree makeChain(Random &random) {
  Maker maker({pick(random, 4, 64), pick(random, 4, 100)});
  int64_t bits = randomBits(random);
  int length = pick(random, 2, 6);
  Tensor full = maker.add({0, 1}, bits, BufferKind::Argument);
  Tensor second = maker.add({0, 1}, bits, BufferKind::Argument);
  Tensor row = maker.add({0}, bits, BufferKind::Argument);
  for (int i = 0; i < length; ++i) {
    bool last = i + 1 == length;
    int kind = pick(random, 0, 4);
    llvm::SmallVector<NestTensor, 3> tensors = {read(full)};
    if (kind == 0) { // reduction to a row
      row = maker.add({0}, bits, BufferKind::Intermediate, last);
      tensors.push_back(update(row));
    } else if (kind == 3) { // in place
      tensors[0].isWritten = true;
      maker.tree.buffers[full.buffer].liveOut |= last;
    } else {
      if (kind == 1)
        tensors.push_back(read(row));
      else if (kind == 2)
        tensors.push_back(read(second));
      second = full;
      full = maker.add({0, 1}, bits, BufferKind::Intermediate, last);
      tensors.push_back(write(full));
    }
    llvm::SmallVector<unsigned, 2> order = {0, 1};
    if (pick(random, 0, 4) == 0)
      std::swap(order[0], order[1]);
    maker.addOpOver(order, tensors);
  }
  return std::move(maker.tree);
}

LoopTree makeConvolution(Random &random) {
  int64_t h = pick(random, 3, 14), w = pick(random, 3, 14),
          f = pick(random, 1, 12), c = pick(random, 1, 12),
          r = pick(random, 1, 4), s = pick(random, 1, 4);
  llvm::SmallVector<int64_t, 6> sizes = {h, w, f, r, s, c};
  Maker maker(sizes);
  int64_t bits = randomBits(random);
  NestTensor input;
  input.indices = {{{0, 1}, {3, 1}}, {{1, 1}, {4, 1}}, {{5, 1}}};
  input.buffer = maker.addBuffer(BufferKind::Argument,
                                 (h + r - 1) * (w + s - 1) * c, bits);
  Tensor filter = maker.add({2, 3, 4, 5}, bits, BufferKind::Argument);
  Tensor out = maker.add({0, 1, 2}, bits, BufferKind::Argument, true);
  if (pick(random, 0, 1))
    for (int d : {0, 1, 2})
      if (sizes[d] > 3 && pick(random, 0, 1))
        maker.tile(d, pick(random, 2, sizes[d] / 2));
  llvm::SmallVector<unsigned, 6> order = {0, 1, 2, 3, 4, 5};
  if (pick(random, 0, 2) == 0)
    std::shuffle(order.begin(), order.end(), random);
  maker.addOpOver(order, {input, read(filter), update(out)});
  return std::move(maker.tree);
}

/// Softmax, or a two-pass norm, over rows: reductions and elementwise ops, with
/// or without a fused row loop.
LoopTree makeRows(Random &random) {
  Maker maker({pick(random, 2, 48), pick(random, 8, 300)});
  int64_t bits = randomBits(random);
  bool fused = pick(random, 0, 1);
  Tensor x = maker.add({0, 1}, bits, BufferKind::Argument);
  if (fused)
    maker.tile(0, pick(random, 1, 8));
  Tensor max = maker.add({0}, bits, BufferKind::Intermediate);
  Tensor e = maker.add({0, 1}, bits, BufferKind::Intermediate);
  Tensor sum = maker.add({0}, bits, BufferKind::Intermediate);
  Tensor y = maker.add({0, 1}, bits, BufferKind::Intermediate, true);
  maker.addOpOver({0, 1}, {read(x), update(max)});
  maker.addOpOver({0, 1}, {read(x), read(max), write(e)});
  maker.addOpOver({0, 1}, {read(e), update(sum)});
  maker.addOpOver({0, 1}, {read(e), read(sum), write(y)});
  return std::move(maker.tree);
}

/// D = (A B) C, fused on rows of the intermediate or one after the other.
LoopTree makeFusedPair(Random &random) {
  // m, k, n, l
  Maker maker({pick(random, 8, 40), pick(random, 4, 32), pick(random, 8, 40),
               pick(random, 4, 32)});
  int64_t bits = randomBits(random);
  Tensor a = maker.add({0, 1}, bits, BufferKind::Argument);
  Tensor b = maker.add({1, 2}, bits, BufferKind::Argument);
  Tensor p = maker.add({0, 2}, bits, BufferKind::Intermediate);
  Tensor c = maker.add({2, 3}, bits, BufferKind::Argument);
  Tensor d = maker.add({0, 3}, bits, BufferKind::Intermediate, true);
  if (pick(random, 0, 2))
    maker.tile(0, pick(random, 2, 12));
  if (pick(random, 0, 2) == 0)
    maker.tile(2, pick(random, 2, 12));
  maker.addOpOver({0, 2}, {write(p)});
  maker.addOpOver({0, 2, 1}, {read(a), read(b), update(p)});
  maker.addOpOver({0, 3, 2}, {read(p), read(c), update(d)});
  return std::move(maker.tree);
}

/// Nests of words on [m, n] matrices, one after the other.
class PairMaker {
public:
  using Dims = llvm::SmallVector<unsigned, 4>;

  explicit PairMaker(Random &random)
      : random(random),
        maker({pick(random, 2, 9), pick(random, 2, 9), pick(random, 2, 6)}) {}

  /// An operand on some of the dimensions m, n, k, which is read.
  NestTensor argument(const Dims &dims) {
    return read(maker.add(dims, 32, BufferKind::Argument));
  }
  NestTensor intermediate(const Dims &dims) {
    return read(maker.add(dims, 32, BufferKind::Intermediate));
  }
  NestTensor result(const Dims &dims) {
    return read(maker.add(dims, 32, BufferKind::Argument, /*liveOut=*/true));
  }

  static NestTensor store(NestTensor operand) {
    operand.isRead = false;
    operand.isWritten = true;
    return operand;
  }
  static NestTensor update(NestTensor operand) {
    operand.isWritten = true;
    return operand;
  }

  void nest(Dims order, llvm::ArrayRef<NestTensor> operands) {
    std::shuffle(order.begin(), order.end(), random);
    maker.addOpOver(order, operands);
  }

  LoopTree take() { return std::move(maker.tree); }

private:
  Random &random;
  Maker maker;
};

/// t = f(x); y = g(t) or g(t, x).
LoopTree makeElementwisePair(Random &random) {
  PairMaker maker(random);
  NestTensor x = maker.argument({0, 1}), t = maker.intermediate({0, 1}),
             y = maker.result({0, 1});
  maker.nest({0, 1}, {x, maker.store(t)});
  if (pick(random, 0, 1))
    maker.nest({0, 1}, {t, maker.store(y)});
  else
    maker.nest({0, 1}, {t, x, maker.store(y)});
  return maker.take();
}

/// t = f(x); r[m] += t[m, n].
LoopTree makeReductionPair(Random &random) {
  PairMaker maker(random);
  NestTensor x = maker.argument({0, 1}), t = maker.intermediate({0, 1}),
             r = maker.result({0});
  maker.nest({0, 1}, {x, maker.store(t)});
  maker.nest({0, 1}, {t, maker.update(r)});
  return maker.take();
}

/// t[n, m] = x[m, n]; y[n, m] = g(t).
LoopTree makeTransposePair(Random &random) {
  PairMaker maker(random);
  NestTensor x = maker.argument({0, 1}), t = maker.intermediate({1, 0}),
             y = maker.result({1, 0});
  maker.nest({0, 1}, {x, maker.store(t)});
  maker.nest({0, 1}, {t, maker.store(y)});
  return maker.take();
}

/// c = 0; c += a b; y = g(c).
LoopTree makeContractionPair(Random &random) {
  PairMaker maker(random);
  NestTensor a = maker.argument({0, 2}), b = maker.argument({2, 1}),
             c = maker.intermediate({0, 1}), y = maker.result({0, 1});
  maker.nest({0, 1}, {maker.store(c)});
  maker.nest({0, 1, 2}, {a, b, maker.update(c)});
  maker.nest({0, 1}, {c, maker.store(y)});
  return maker.take();
}

/// (s, t) = f(x); y = g(s, t), or y = g(s) and z = h(t).
LoopTree makeResultsPair(Random &random) {
  PairMaker maker(random);
  NestTensor x = maker.argument({0, 1}), s = maker.intermediate({0, 1}),
             t = maker.intermediate({0, 1}), y = maker.result({0, 1});
  maker.nest({0, 1}, {x, maker.store(s), maker.store(t)});
  if (pick(random, 0, 1)) {
    maker.nest({0, 1}, {s, t, maker.store(y)});
  } else {
    maker.nest({0, 1}, {s, maker.store(y)});
    maker.nest({0, 1}, {t, maker.store(maker.result({0, 1}))});
  }
  return maker.take();
}

/// t = f(x); y = g(t); z = h(t): two readers.
LoopTree makeReadersPair(Random &random) {
  PairMaker maker(random);
  NestTensor x = maker.argument({0, 1}), t = maker.intermediate({0, 1});
  maker.nest({0, 1}, {x, maker.store(t)});
  maker.nest({0, 1}, {t, maker.store(maker.result({0, 1}))});
  maker.nest({0, 1}, {t, maker.store(maker.result({0, 1}))});
  return maker.take();
}

} // namespace

llvm::SmallVector<Family, 0> memwall::test::getFamilies() {
  llvm::SmallVector<Family, 0> families;
  families.push_back(
      {"gemm", [](Random &r) { return makeContraction(r, 0, false); }});
  families.push_back(
      {"gemm tiled", [](Random &r) { return makeContraction(r, 1, true); }});
  families.push_back({"gemm tiled, remainders",
                      [](Random &r) { return makeContraction(r, 1, false); }});
  families.push_back({"gemm tiled twice, remainders",
                      [](Random &r) { return makeContraction(r, 2, false); }});
  families.push_back({"convolution", makeConvolution});
  families.push_back({"chain", makeChain});
  families.push_back({"rows", makeRows});
  families.push_back({"fused pair", makeFusedPair});
  return families;
}

llvm::SmallVector<Family, 0> memwall::test::getPairFamilies() {
  llvm::SmallVector<Family, 0> families;
  families.push_back({"elementwise, elementwise", makeElementwisePair});
  families.push_back({"elementwise, reduction", makeReductionPair});
  families.push_back({"transpose, elementwise", makeTransposePair});
  families.push_back({"contraction, elementwise", makeContractionPair});
  families.push_back({"two results", makeResultsPair});
  families.push_back({"two readers", makeReadersPair});
  return families;
}

LoopTree memwall::test::makeParallel(Random &random) {
  return buildParallel(random);
}
