//===- RandomTree.cpp - Random loop trees for sweeps ----------------------===//

#include "RandomTree.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;
using namespace memwall::test;

int64_t memwall::test::pick(Random &random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

namespace {

/// An operand of a projective nest: which dimensions index it, outermost first,
/// with a window partner per dimension (-1: none).
struct Operand {
  BufferId buffer;
  llvm::SmallVector<int, 4> dims;
  bool read = true, write = false;
  llvm::SmallVector<int, 4> windows;
};

/// Builds trees: tiled loops around nests.
class Maker {
public:
  Maker() {
    tree.nodes.emplace_back();
    tree.function = "f";
  }

  BufferId buffer(int64_t elements, int64_t bits, BufferKind kind,
                  bool liveOut) {
    Buffer out;
    out.kind = kind;
    out.elements = elements;
    out.elementBits = bits;
    out.liveOut = liveOut;
    tree.buffers.push_back(out);
    return tree.buffers.size() - 1;
  }

  OpId op() {
    tree.ops.emplace_back();
    return tree.ops.size() - 1;
  }

  NodeId addNode(NodeId parent) {
    NodeId id = tree.nodes.size();
    tree.nodes.emplace_back();
    tree.nodes[id].parent = parent;
    tree.nodes[parent].children.push_back(id);
    return id;
  }

  LoopId loop(llvm::SmallVector<AffineForm, 1> extent, int64_t step,
              int64_t trips, LoopKind kind) {
    Loop out;
    out.extent = std::move(extent);
    out.step = step;
    out.maxTripCount = trips;
    out.kind = kind;
    tree.loops.push_back(out);
    return tree.loops.size() - 1;
  }

  /// One level of tiling: loops over `order` with tile sizes; afterwards
  /// `origin[d]` is the offset of the tile and `extent[d]` its size.
  struct Tile {
    llvm::SmallVector<AffineForm, 8> origin;
    llvm::SmallVector<llvm::SmallVector<AffineForm, 1>, 8> extent;
  };
  static Tile whole(llvm::ArrayRef<int64_t> sizes) {
    Tile tile;
    for (int64_t size : sizes) {
      tile.origin.emplace_back();
      tile.extent.push_back({AffineForm{size, {}}});
    }
    return tile;
  }

  NodeId tileLoop(NodeId parent, Tile &tile, int dim, int64_t size,
                  LoopKind kind = LoopKind::Serial) {
    int64_t bound = tile.extent[dim][0].constant;
    for (const AffineForm &form : tile.extent[dim])
      if (form.terms.empty())
        bound = std::min(bound, form.constant);
    LoopId id = loop(tile.extent[dim], size, (bound + size - 1) / size, kind);
    NodeId node = addNode(parent);
    tree.nodes[node].loop = id;
    for (AffineForm &form : tile.extent[dim])
      form.terms.push_back({id, -size});
    tile.extent[dim].insert(tile.extent[dim].begin(), AffineForm{size, {}});
    tile.origin[dim].terms.push_back({id, size});
    return node;
  }

  void nest(NodeId parent, const Tile &tile, llvm::ArrayRef<int> order,
            llvm::ArrayRef<Operand> operands,
            llvm::ArrayRef<llvm::SmallVector<int64_t, 4>> shapes) {
    NodeId node = addNode(parent);
    Nest out;
    out.op = op();
    llvm::SmallVector<LoopId, 8> loopOf(tile.extent.size());
    for (int d : order) {
      int64_t bound = tile.extent[d][0].constant;
      loopOf[d] = loop(tile.extent[d], 1, bound, LoopKind::Dimension);
      out.loops.push_back(loopOf[d]);
    }
    auto element = [&](const Operand &operand, llvm::ArrayRef<int64_t> shape) {
      AffineForm form;
      int64_t stride = 1;
      for (size_t i = operand.dims.size(); i-- > 0;) {
        auto addDim = [&](int d) {
          for (const Term &term : tile.origin[d].terms)
            form.terms.push_back({term.loop, term.stride * stride});
          form.terms.push_back({loopOf[d], stride});
        };
        addDim(operand.dims[i]);
        if (i < operand.windows.size() && operand.windows[i] >= 0)
          addDim(operand.windows[i]);
        stride *= shape[i];
      }
      return form;
    };
    for (bool write : {false, true})
      for (auto [operand, shape] : llvm::zip(operands, shapes))
        if (write ? operand.write : operand.read) {
          Access access;
          access.buffer = operand.buffer;
          access.isWrite = write;
          access.element = element(operand, shape);
          out.accesses.push_back(access);
        }
    tree.nodes[node].kind = Node::Kind::Nest;
    tree.nodes[node].nest = std::move(out);
  }

  LoopTree tree;
};

int64_t randomBits(Random &random) {
  constexpr int64_t bits[] = {4, 8, 16, 32, 32, 64};
  return bits[pick(random, 0, 5)];
}

/// C[b,m,n] += A[b,m,k] * B[b,k,n], layouts permuted, tiled `levels` deep.
LoopTree makeContraction(Random &random, int levels, bool divisible) {
  Maker maker;
  bool batched = pick(random, 0, 3) == 0;
  bool decode = pick(random, 0, 3) == 0;
  auto size = [&](int64_t low, int64_t high) {
    int64_t value = pick(random, low, high);
    return divisible ? std::max<int64_t>(8, value / 8 * 8) : value;
  };
  llvm::SmallVector<int64_t, 4> sizes = {
      batched ? pick(random, 2, 4) : 1,
      decode ? pick(random, 1, 3) : size(8, 64), size(8, 72), size(8, 72)};
  int64_t bitsIn = randomBits(random), bitsOut = randomBits(random);
  auto permuted = [&](llvm::SmallVector<int, 4> dims) {
    if (pick(random, 0, 2) == 0)
      std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    return dims;
  };
  llvm::SmallVector<int, 4> dimsOf[3] = {
      permuted({0, 1, 3}), permuted({0, 3, 2}), permuted({0, 1, 2})};
  llvm::SmallVector<Operand, 3> operands;
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 3> shapes;
  for (int o = 0; o < 3; ++o) {
    llvm::SmallVector<int64_t, 4> shape;
    int64_t elements = 1;
    for (int d : dimsOf[o]) {
      shape.push_back(sizes[d]);
      elements *= sizes[d];
    }
    BufferId id = maker.buffer(elements, o == 2 ? bitsOut : bitsIn,
                               BufferKind::Argument, o == 2);
    operands.push_back({id, dimsOf[o], true, o == 2, {}});
    shapes.push_back(shape);
  }
  Maker::Tile tile = Maker::whole(sizes);
  NodeId parent = LoopTree::root;
  llvm::SmallVector<int64_t, 4> current = sizes;
  for (int level = 0; level < levels; ++level) {
    llvm::SmallVector<int, 4> order = {0, 1, 2, 3};
    std::shuffle(order.begin(), order.end(), random);
    for (int d : order) {
      if (current[d] < 4 || pick(random, 0, 3) == 0)
        continue;
      int64_t t = divisible
                      ? current[d] / (current[d] % 4 == 0 ? 4 : 2)
                      : pick(random, 2, std::max<int64_t>(2, current[d] / 2));
      if (divisible && current[d] % t != 0)
        continue;
      parent = maker.tileLoop(parent, tile, d, t);
      current[d] = t;
    }
  }
  llvm::SmallVector<int, 4> order = {0, 1, 2, 3};
  std::shuffle(order.begin(), order.end(), random);
  maker.nest(parent, tile, order, operands, shapes);
  return std::move(maker.tree);
}

/// C[m,n] += A[m,k] * B[k,n].
LoopTree buildParallel(Random &random) {
  Maker maker;
  llvm::SmallVector<int64_t, 4> sizes = {
      pick(random, 8, 48), pick(random, 8, 64), pick(random, 8, 48)};
  llvm::SmallVector<int, 2> dimsOf[3] = {{0, 2}, {2, 1}, {0, 1}};
  llvm::SmallVector<Operand, 3> operands;
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 3> shapes;
  for (int o = 0; o < 3; ++o) {
    shapes.push_back({sizes[dimsOf[o][0]], sizes[dimsOf[o][1]]});
    BufferId id = maker.buffer(shapes[o][0] * shapes[o][1], 32,
                               BufferKind::Argument, o == 2);
    operands.push_back({id, {dimsOf[o][0], dimsOf[o][1]}, true, o == 2, {}});
  }
  Maker::Tile tile = Maker::whole(sizes);
  NodeId parent = LoopTree::root;
  int first = pick(random, 0, 1), count = pick(random, 1, 2);
  for (int i = 0; i < count; ++i) {
    int dim = i == 0 ? first : 1 - first;
    parent = maker.tileLoop(parent, tile, dim, pick(random, 1, sizes[dim] / 2),
                            LoopKind::Parallel);
  }
  llvm::SmallVector<int, 3> order = {0, 1, 2};
  std::shuffle(order.begin(), order.end(), random);
  maker.nest(parent, tile, order, operands, shapes);
  return std::move(maker.tree);
}

/// Chains of elementwise ops, broadcasts and row reductions on one shape.
LoopTree makeChain(Random &random) {
  Maker maker;
  llvm::SmallVector<int64_t, 2> sizes = {pick(random, 4, 64),
                                         pick(random, 4, 100)};
  int64_t bits = randomBits(random);
  int length = pick(random, 2, 6);
  BufferId full =
      maker.buffer(sizes[0] * sizes[1], bits, BufferKind::Argument, false);
  BufferId second =
      maker.buffer(sizes[0] * sizes[1], bits, BufferKind::Argument, false);
  BufferId row = maker.buffer(sizes[0], bits, BufferKind::Argument, false);
  Maker::Tile tile = Maker::whole(sizes);
  for (int i = 0; i < length; ++i) {
    bool last = i + 1 == length;
    int kind = pick(random, 0, 4);
    llvm::SmallVector<Operand, 4> operands;
    llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 4> shapes;
    llvm::SmallVector<int64_t, 4> shape(sizes.begin(), sizes.end());
    llvm::SmallVector<int64_t, 4> vec = {sizes[0]};
    operands.push_back({full, {0, 1}, true, false, {}});
    shapes.push_back(shape);
    if (kind == 0) { // reduction to a row
      BufferId next =
          maker.buffer(sizes[0], bits, BufferKind::Intermediate, last);
      operands.push_back({next, {0}, true, true, {}});
      shapes.push_back(vec);
      row = next;
    } else {
      if (kind == 1) {
        operands.push_back({row, {0}, true, false, {}});
        shapes.push_back(vec);
      } else if (kind == 2) {
        operands.push_back({second, {0, 1}, true, false, {}});
        shapes.push_back(shape);
      }
      if (kind == 3) { // in place
        operands[0].write = true;
        maker.tree.buffers[full].liveOut |= last;
      } else {
        BufferId next = maker.buffer(sizes[0] * sizes[1], bits,
                                     BufferKind::Intermediate, last);
        operands.push_back({next, {0, 1}, false, true, {}});
        shapes.push_back(shape);
        second = full;
        full = next;
      }
    }
    llvm::SmallVector<int, 2> order = {0, 1};
    if (pick(random, 0, 4) == 0)
      std::swap(order[0], order[1]);
    maker.nest(LoopTree::root, tile, order, operands, shapes);
  }
  return std::move(maker.tree);
}

LoopTree makeConvolution(Random &random) {
  Maker maker;
  // n, h, w, f, r, s, c
  int64_t h = pick(random, 3, 14), w = pick(random, 3, 14),
          f = pick(random, 1, 12), c = pick(random, 1, 12),
          r = pick(random, 1, 4), s = pick(random, 1, 4);
  llvm::SmallVector<int64_t, 8> sizes = {h, w, f, r, s, c};
  int64_t bits = randomBits(random);
  int64_t ih = h + r - 1, iw = w + s - 1;
  BufferId in = maker.buffer(ih * iw * c, bits, BufferKind::Argument, false);
  BufferId filter =
      maker.buffer(f * r * s * c, bits, BufferKind::Argument, false);
  BufferId out = maker.buffer(h * w * f, bits, BufferKind::Argument, true);
  Operand input{in, {0, 1, 5}, true, false, {3, 4, -1}};
  llvm::SmallVector<Operand, 3> operands = {
      input,
      {filter, {2, 3, 4, 5}, true, false, {}},
      {out, {0, 1, 2}, true, true, {}}};
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 3> shapes = {
      {ih, iw, c}, {f, r, s, c}, {h, w, f}};
  Maker::Tile tile = Maker::whole(sizes);
  NodeId parent = LoopTree::root;
  if (pick(random, 0, 1))
    for (int d : {0, 1, 2})
      if (sizes[d] > 3 && pick(random, 0, 1))
        parent = maker.tileLoop(parent, tile, d, pick(random, 2, sizes[d] / 2));
  llvm::SmallVector<int, 6> order = {0, 1, 2, 3, 4, 5};
  if (pick(random, 0, 2) == 0)
    std::shuffle(order.begin(), order.end(), random);
  maker.nest(parent, tile, order, operands, shapes);
  return std::move(maker.tree);
}

/// Softmax, or a two-pass norm, over rows: reductions and elementwise ops, with
/// or without a fused row loop.
LoopTree makeRows(Random &random) {
  Maker maker;
  llvm::SmallVector<int64_t, 2> sizes = {pick(random, 2, 48),
                                         pick(random, 8, 300)};
  int64_t bits = randomBits(random), n = sizes[0] * sizes[1];
  bool fused = pick(random, 0, 1);
  BufferId x = maker.buffer(n, bits, BufferKind::Argument, false);
  Maker::Tile tile = Maker::whole(sizes);
  NodeId parent = LoopTree::root;
  if (fused)
    parent = maker.tileLoop(parent, tile, 0, pick(random, 1, 8));
  auto temporary = [&](int64_t elements, bool out) {
    BufferId id = maker.buffer(elements, bits, BufferKind::Intermediate, out);
    return id;
  };
  BufferId max = temporary(sizes[0], false), e = temporary(n, false),
           sum = temporary(sizes[0], false), y = temporary(n, true);
  llvm::SmallVector<int64_t, 4> shape(sizes.begin(), sizes.end());
  llvm::SmallVector<int64_t, 4> vec = {sizes[0]};
  auto full = [](BufferId id, bool r, bool w) {
    return Operand{id, {0, 1}, r, w, {}};
  };
  auto row = [](BufferId id, bool r, bool w) {
    return Operand{id, {0}, r, w, {}};
  };
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 3> mat3 = {shape, vec,
                                                              shape},
                                                      mat2 = {shape, vec};
  maker.nest(parent, tile, {0, 1}, {full(x, true, false), row(max, true, true)},
             mat2);
  maker.nest(
      parent, tile, {0, 1},
      {full(x, true, false), row(max, true, false), full(e, false, true)},
      mat3);
  maker.nest(parent, tile, {0, 1}, {full(e, true, false), row(sum, true, true)},
             mat2);
  maker.nest(
      parent, tile, {0, 1},
      {full(e, true, false), row(sum, true, false), full(y, false, true)},
      mat3);
  return std::move(maker.tree);
}

/// D = (A B) C, fused on rows of the intermediate or one after the other.
LoopTree makeFusedPair(Random &random) {
  Maker maker;
  // m, k, n, l
  llvm::SmallVector<int64_t, 4> sizes = {
      pick(random, 8, 40), pick(random, 4, 32), pick(random, 8, 40),
      pick(random, 4, 32)};
  int64_t bits = randomBits(random);
  auto [m, k, n, l] = std::tuple(sizes[0], sizes[1], sizes[2], sizes[3]);
  BufferId a = maker.buffer(m * k, bits, BufferKind::Argument, false),
           b = maker.buffer(k * n, bits, BufferKind::Argument, false),
           p = maker.buffer(m * n, bits, BufferKind::Intermediate, false),
           c = maker.buffer(n * l, bits, BufferKind::Argument, false),
           d = maker.buffer(m * l, bits, BufferKind::Intermediate, true);
  Maker::Tile tile = Maker::whole(sizes);
  NodeId parent = LoopTree::root;
  if (pick(random, 0, 2))
    parent = maker.tileLoop(parent, tile, 0, pick(random, 2, 12));
  if (pick(random, 0, 2) == 0)
    parent = maker.tileLoop(parent, tile, 2, pick(random, 2, 12));
  using Shapes = llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 3>;
  maker.nest(parent, tile, {0, 2}, {{p, {0, 2}, false, true, {}}},
             Shapes{{m, n}});
  maker.nest(parent, tile, {0, 2, 1},
             {{a, {0, 1}, true, false, {}},
              {b, {1, 2}, true, false, {}},
              {p, {0, 2}, true, true, {}}},
             Shapes{{m, k}, {k, n}, {m, n}});
  maker.nest(parent, tile, {0, 3, 2},
             {{p, {0, 2}, true, false, {}},
              {c, {2, 3}, true, false, {}},
              {d, {0, 3}, true, true, {}}},
             Shapes{{m, n}, {n, l}, {m, l}});
  return std::move(maker.tree);
}

/// Nests of words on [m, n] matrices, one after the other.
class PairMaker {
public:
  explicit PairMaker(Random &random)
      : random(random),
        sizes({pick(random, 2, 9), pick(random, 2, 9), pick(random, 2, 6)}) {}

  /// An operand on some of the dimensions m, n, k.
  Operand make(llvm::SmallVector<int, 4> dims, BufferKind kind, bool liveOut) {
    int64_t elements = 1;
    for (int d : dims)
      elements *= sizes[d];
    return {maker.buffer(elements, 32, kind, liveOut),
            std::move(dims),
            true,
            false,
            {}};
  }
  Operand argument(llvm::SmallVector<int, 4> dims) {
    return make(std::move(dims), BufferKind::Argument, false);
  }
  Operand intermediate(llvm::SmallVector<int, 4> dims) {
    return make(std::move(dims), BufferKind::Intermediate, false);
  }
  Operand result(llvm::SmallVector<int, 4> dims) {
    return make(std::move(dims), BufferKind::Argument, true);
  }

  static Operand store(Operand operand) {
    operand.read = false;
    operand.write = true;
    return operand;
  }
  static Operand update(Operand operand) {
    operand.write = true;
    return operand;
  }

  void nest(llvm::SmallVector<int, 3> order, llvm::ArrayRef<Operand> operands) {
    std::shuffle(order.begin(), order.end(), random);
    llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 4> shapes;
    for (const Operand &operand : operands) {
      shapes.emplace_back();
      for (int d : operand.dims)
        shapes.back().push_back(sizes[d]);
    }
    maker.nest(LoopTree::root, Maker::whole(sizes), order, operands, shapes);
  }

  LoopTree take() { return std::move(maker.tree); }

private:
  Random &random;
  llvm::SmallVector<int64_t, 3> sizes;
  Maker maker;
};

/// t = f(x); y = g(t) or g(t, x).
LoopTree makeElementwisePair(Random &random) {
  PairMaker maker(random);
  Operand x = maker.argument({0, 1}), t = maker.intermediate({0, 1}),
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
  Operand x = maker.argument({0, 1}), t = maker.intermediate({0, 1}),
          r = maker.result({0});
  maker.nest({0, 1}, {x, maker.store(t)});
  maker.nest({0, 1}, {t, maker.update(r)});
  return maker.take();
}

/// t[n, m] = x[m, n]; y[n, m] = g(t).
LoopTree makeTransposePair(Random &random) {
  PairMaker maker(random);
  Operand x = maker.argument({0, 1}), t = maker.intermediate({1, 0}),
          y = maker.result({1, 0});
  maker.nest({0, 1}, {x, maker.store(t)});
  maker.nest({0, 1}, {t, maker.store(y)});
  return maker.take();
}

/// c = 0; c += a b; y = g(c).
LoopTree makeContractionPair(Random &random) {
  PairMaker maker(random);
  Operand a = maker.argument({0, 2}), b = maker.argument({2, 1}),
          c = maker.intermediate({0, 1}), y = maker.result({0, 1});
  maker.nest({0, 1}, {maker.store(c)});
  maker.nest({0, 1, 2}, {a, b, maker.update(c)});
  maker.nest({0, 1}, {c, maker.store(y)});
  return maker.take();
}

/// (s, t) = f(x); y = g(s, t), or y = g(s) and z = h(t).
LoopTree makeResultsPair(Random &random) {
  PairMaker maker(random);
  Operand x = maker.argument({0, 1}), s = maker.intermediate({0, 1}),
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
  Operand x = maker.argument({0, 1}), t = maker.intermediate({0, 1});
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
