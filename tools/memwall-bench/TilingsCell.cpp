//===- TilingsCell.cpp - The cells of the table of tilings ----------------===//

#include "TilingsCell.h"
#include "llvm/Support/FormatVariadic.h"

using namespace memwall;
using namespace memwall::tilings;

llvm::ArrayRef<Shape> tilings::getShapes() {
  // Layers of public models: Llama-2-7B, Llama-3-8B, BERT-Base, GPT-2; then
  // decode steps, attention by heads, and shapes that are awkward.
  static const Shape shapes[] = {
      {"llama2_7b_qkvo_prefill", 1, 2048, 4096, 4096},
      {"llama2_7b_up_prefill", 1, 2048, 11008, 4096},
      {"llama2_7b_down_prefill", 1, 2048, 4096, 11008},
      {"llama3_8b_up_prefill", 1, 2048, 14336, 4096},
      {"bert_base_proj", 1, 512, 768, 768},
      {"bert_base_ffn_up", 1, 512, 3072, 768},
      {"bert_base_ffn_down", 1, 512, 768, 3072},
      {"gpt2_lm_head", 1, 1024, 50257, 768},
      {"decode_b1", 1, 1, 4096, 4096},
      {"decode_b8", 1, 8, 4096, 4096},
      {"decode_b64", 1, 64, 4096, 4096},
      {"qk_scores", 32, 2048, 2048, 128},
      {"pv_context", 32, 2048, 128, 2048},
      {"odd", 1, 509, 1021, 769},
      {"small", 1, 128, 128, 128},
      {"tall", 1, 65536, 64, 64},
  };
  return shapes;
}

llvm::ArrayRef<Widths> tilings::getWidths() {
  static const Widths widths[] = {
      {"f32", 32, 32, 32, 32},
      {"bf16", 16, 16, 32, 16},
      {"i8", 8, 8, 32, 32},
      {"i4 weights", 16, 4, 32, 16},
  };
  return widths;
}

llvm::ArrayRef<int64_t> tilings::getCapacities() {
  static const int64_t capacities[] = {32 << 10, 256 << 10, 2 << 20, 32 << 20};
  return capacities;
}

std::string tilings::toString(int64_t capacityBytes) {
  if (capacityBytes >= 1 << 20)
    return llvm::formatv("{0} MiB", capacityBytes >> 20).str();
  return llvm::formatv("{0} KiB", capacityBytes >> 10).str();
}

Target tilings::makeTarget(int64_t capacityBytes, bool isExplicit) {
  Target target;
  target.name = isExplicit ? "explicit" : "lru";
  Level level;
  level.name = isExplicit ? "scratchpad" : "cache";
  level.capacityBytes = capacityBytes;
  level.kind = isExplicit ? LevelKind::Explicit : LevelKind::Cached;
  level.storePolicy = StorePolicy::Allocate;
  if (isExplicit)
    level.lineBytes = level.sectorBytes = 1;
  Level memory;
  memory.name = "dram";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  target.levels = {level, memory};
  return target;
}

namespace {

class Builder {
public:
  Builder() {
    tree.nodes.emplace_back();
    tree.nodes[0].loop = addLoop(1, false);
  }

  LoopId addLoop(int64_t extent, bool isReduction) {
    Loop loop;
    loop.extent = {AffineForm{extent, {}}};
    loop.maxTripCount = extent;
    loop.isReduction = isReduction;
    tree.loops.push_back(loop);
    return tree.loops.size() - 1;
  }

  BufferId addBuffer(const char *name, int64_t elements, int64_t bits,
                     BufferKind kind, bool isResult = false) {
    Buffer buffer;
    buffer.name = name;
    buffer.kind = kind;
    buffer.elements = elements;
    buffer.elementBits = bits;
    buffer.liveOut = isResult;
    tree.buffers.push_back(buffer);
    return tree.buffers.size() - 1;
  }

  Nest &addNest(const char *name, OpKind kind) {
    OpRecord record;
    record.name = name;
    record.kind = kind;
    tree.ops.push_back(record);
    tree.nodes[0].children.push_back(tree.nodes.size());
    tree.nodes.emplace_back();
    tree.nodes.back().kind = Node::Kind::Nest;
    tree.nodes.back().nest.op = tree.ops.size() - 1;
    return tree.nodes.back().nest;
  }

  LoopTree tree;
};

} // namespace

LoopTree tilings::makeTree(const Shape &shape, const Widths &widths) {
  auto [name, batch, m, n, k] = shape;
  Builder builder;
  // B is a weight, unless every head has its own; A comes from another op.
  BufferKind rightKind =
      batch > 1 ? BufferKind::Intermediate : BufferKind::Argument;
  BufferId a =
      builder.addBuffer("A", batch * m * k, widths.a, BufferKind::Intermediate);
  BufferId b = builder.addBuffer("B", batch * k * n, widths.b, rightKind);
  BufferId c = builder.addBuffer("C", batch * m * n, widths.accumulator,
                                 BufferKind::Intermediate, true);
  // 1. The fill.
  LoopId h = builder.addLoop(batch, false), i = builder.addLoop(m, false),
         j = builder.addLoop(n, false);
  Nest &fill = builder.addNest("linalg.fill", OpKind::Fill);
  builder.tree.ops.back().isInitFill = true;
  fill.loops = {h, i, j};
  Access store;
  store.buffer = c;
  store.isWrite = true;
  store.element.terms = {{h, m * n}, {i, n}, {j, 1}};
  fill.accesses = {store};
  // 2. The matmul.
  h = builder.addLoop(batch, false);
  i = builder.addLoop(m, false);
  j = builder.addLoop(n, false);
  LoopId p = builder.addLoop(k, true);
  Nest &matmul = builder.addNest(
      batch > 1 ? "linalg.batch_matmul" : "linalg.matmul", OpKind::Contraction);
  matmul.loops = {h, i, j, p};
  matmul.perIteration.flops = 2;
  Access left, right, old;
  left.buffer = a;
  left.element.terms = {{h, m * k}, {i, k}, {p, 1}};
  right.buffer = b;
  right.element.terms = {{h, k * n}, {p, n}, {j, 1}};
  old.buffer = c;
  old.readsFill = true;
  old.element.terms = store.element.terms = {{h, m * n}, {i, n}, {j, 1}};
  matmul.accesses = {left, right, old, store};
  if (batch == 1)
    matmul.loops.erase(matmul.loops.begin());
  if (batch == 1)
    for (Access &access : matmul.accesses)
      access.element.terms.erase(access.element.terms.begin());
  return std::move(builder.tree);
}

int64_t tilings::countNarrowing(const Shape &shape, const Widths &widths) {
  return shape.batch * shape.m * shape.n *
         (widths.accumulator - widths.output) / 8;
}
