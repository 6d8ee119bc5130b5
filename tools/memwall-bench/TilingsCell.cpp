//===- TilingsCell.cpp - The cells of the table of tilings ----------------===//

#include "TilingsCell.h"
#include "LoopTreeParser.h"
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

LoopTree tilings::makeTree(const Shape &shape, const Widths &widths) {
  auto [name, batch, m, n, k] = shape;
  // B is a weight, unless every head has its own; A comes from another op.
  std::string text = llvm::formatv(
      R"(
A intermediate {0} bits={1}
B {2} {3} bits={4}
C intermediate {5} bits={6} live-out
fill linalg.fill fill init-fill
product {7} contraction
)",
      batch * m * k, widths.a, batch > 1 ? "intermediate" : "argument",
      batch * k * n, widths.b, batch * m * n, widths.accumulator,
      batch > 1 ? "linalg.batch_matmul" : "linalg.matmul");
  text +=
      llvm::formatv(R"(
nest fill (h in {0}, i in {1}, j in {2})
  write C[{4}*h+{2}*i+j]
nest product ({5}i in {1}, j in {2}, p in {3} reduction) flops=2
  read A[{6}{3}*i+p]
  read B[{7}{2}*p+j]
  read-fill C[{8}{2}*i+j]
  write C[{8}{2}*i+j]
)",
                    batch, m, n, k, m * n,
                    batch > 1 ? llvm::formatv("h in {0}, ", batch).str() : "",
                    batch > 1 ? llvm::formatv("{0}*h+", m * k).str() : "",
                    batch > 1 ? llvm::formatv("{0}*h+", k * n).str() : "",
                    batch > 1 ? llvm::formatv("{0}*h+", m * n).str() : "");
  return llvm::cantFail(parseLoopTree(text, name));
}

int64_t tilings::countNarrowing(const Shape &shape, const Widths &widths) {
  return shape.batch * shape.m * shape.n *
         (widths.accumulator - widths.output) / 8;
}
