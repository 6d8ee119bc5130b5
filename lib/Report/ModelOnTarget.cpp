//===- ModelOnTarget.cpp - Tokens per second, devices, batch at the ridge -===//

#include "ModelOnTarget.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

RidgeBatch memwall::computeRidgeBatch(double arithmeticPerSequence,
                                      const StepTime &memory) {
  // arithmetic - memory over the batch: a line whose slope grows wherever a
  // part reaches its limit.
  double slope = arithmeticPerSequence - memory.perSequence;
  double start = -memory.constant;
  auto picked = memory.picked;
  llvm::erase_if(picked, [](const StepTime::Picked &part) {
    return part.perSequence <= 0;
  });
  for (const StepTime::Picked &part : picked)
    slope -= part.perSequence;
  llvm::sort(picked, [](const auto &a, const auto &b) {
    return a.limit / a.perSequence < b.limit / b.perSequence;
  });
  auto getRoot = [&] { return slope > 0 ? -start / slope : INFINITY; };
  double root = getRoot();
  for (const StepTime::Picked &part : picked) {
    if (root <= part.limit / part.perSequence)
      break;
    slope += part.perSequence;
    start -= part.limit;
    root = getRoot();
  }
  if (!(root < 0x1p62))
    return {};
  return {true, std::max<int64_t>(1, (int64_t)std::ceil(root))};
}

/// Elements that an access reads in all its executions when no position comes
/// twice; 0 for a position that does not depend on data.
static double countPicked(const LoopTree &tree, const Access &access) {
  if (access.gathers.empty())
    return 0;
  double elements = 1;
  auto addLoop = [&](LoopId loop) {
    elements *= (double)tree.loops[loop].maxTripCount;
  };
  for (const Term &term : access.element.terms)
    addLoop(term.loop);
  for (const GatherTerm &gather : access.gathers)
    llvm::for_each(gather.loops, addLoop);
  return elements;
}

/// By buffer that is only read at positions that depend on data (experts,
/// embeddings): the bytes of all reads. 0 for the others.
static llvm::SmallVector<double, 0> computePickedBytes(const LoopTree &tree) {
  llvm::SmallVector<double, 0> bytes(tree.buffers.size(), 0);
  llvm::SmallVector<bool, 0> isOther(tree.buffers.size(), false);
  for (const Node &node : tree.nodes) {
    if (node.kind != Node::Kind::Nest)
      continue;
    for (const Access &access : node.nest.accesses) {
      bytes[access.buffer] += countPicked(tree, access) *
                              (double)tree.buffers[access.buffer].elementBits /
                              8;
      isOther[access.buffer] |= access.gathers.empty();
    }
  }
  for (auto [picked, other] : llvm::zip_equal(bytes, isOther))
    picked = other ? 0 : picked;
  return bytes;
}

/// What grows with the batch and what does not, when `step` moves at DRAM,
/// `buffers` of it for each buffer.
static std::optional<StepTime> splitStep(const ModelInput &input, Bytes step,
                                         llvm::ArrayRef<Bytes> buffers) {
  double sequences = (double)input.facts.sequences;
  auto getSeconds = [&](Bytes bytes) {
    return computeLevelSeconds(bytes, input.target.dram(), input.bandwidth);
  };
  std::optional<double> all = getSeconds(step);
  if (!all)
    return std::nullopt;
  StepTime time;
  double growing = *all;
  auto picked = computePickedBytes(input.tree);
  for (auto [id, buffer] : llvm::enumerate(input.tree.buffers)) {
    llvm::StringRef role = input.facts.getRole(buffer);
    if (role != "weight" && role != "table")
      continue;
    double moved = getSeconds(buffers[id]).value_or(0);
    growing -= moved;
    double whole = getSeconds({buffer.bytes(), 0}).value_or(0);
    if (picked[id] > 0)
      time.picked.push_back(
          {whole * picked[id] / (double)buffer.bytes() / sequences, whole});
    else
      time.constant += moved;
  }
  time.perSequence = std::max(growing, 0.0) / sequences;
  return time;
}

/// Sets the batches at the ridge of a program that decodes.
static void setRidge(ModelOnTarget &model, const ModelInput &input,
                     std::optional<double> arithmetic) {
  bool hasCache = llvm::is_contained(input.facts.roles, "kv");
  if (!hasCache || input.facts.sequences == 0 || !arithmetic)
    return;
  double perSequence = *arithmetic / (double)input.facts.sequences;
  auto compute =
      [&](Bytes step,
          llvm::ArrayRef<Bytes> buffers) -> std::optional<RidgeBatch> {
    if (auto time = splitStep(input, step, buffers))
      return computeRidgeBatch(perSequence, *time);
    return std::nullopt;
  };
  model.ridgeAtBound =
      compute(input.work.bounds.back(), input.buffers.compulsory);
  model.ridgeAtFloor = compute(input.function.floor, input.buffers.floor);
}

ModelOnTarget memwall::computeModelOnTarget(const ModelInput &input) {
  ModelOnTarget model;
  const Level &dram = input.target.dram();
  model.devices = std::max<int64_t>(
      1, llvm::divideCeil(input.function.residentBytes, dram.capacityBytes));
  sumByRole(input.tree, input.facts, input.dram, model.scheduled);
  model.boundByAtFloor = input.figures.boundByAtFloor;
  setRidge(model, input,
           computeRoofline(input.work.work, {}, input.target, input.bandwidth)
               .computeSeconds);
  double tokens = (double)input.facts.tokens;
  if (tokens == 0)
    return model;
  auto getRate = [&](std::optional<double> seconds) -> std::optional<double> {
    if (!seconds || *seconds <= 0)
      return std::nullopt;
    return tokens / *seconds;
  };
  model.tokensPerSecondAtBound = getRate(input.figures.secondsAtBound);
  model.tokensPerSecondAtFloor = getRate(input.figures.secondsAtFloor);
  if (input.figures.dram().hasTooManyAtBound())
    return model;
  model.bytesPerToken = (double)input.figures.dram().boundBytes / tokens;
  if (dram.picojoulesPerBit)
    model.joulesPerToken =
        *model.bytesPerToken * 8 * *dram.picojoulesPerBit * 1e-12;
  return model;
}
