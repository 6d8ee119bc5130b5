//===- RegisterBand.cpp - The innermost tile of vector code ---------------===//

#include "RegisterBand.h"
#include "memwall/Target/RegisterTile.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// Of 1024x1024x1024 f32 on one core with AVX-512, tiles of 10 steps ran at
/// 0.67 of OpenBLAS's rate, of 512 at 0.94. Reading and writing sums costs 4 /
/// k of the time of k steps, so that 256 leave 2 % of that.
static constexpr int64_t fewestSteps = 256;

/// Registers hold no less than this per lane: sums of narrower floats are f32,
/// those of 8-bit integers i32.
static constexpr int64_t leastSumBits = 32;

const RegisterDim *RegisterBand::find(unsigned dim) const {
  for (const RegisterDim *each : {&row, &column, &depth})
    if (each->dim == dim)
      return each;
  return nullptr;
}

/// The longest dimension of the op that `belongs` holds for.
static std::optional<unsigned>
findLongest(const OpShape &op, llvm::function_ref<bool(unsigned)> belongs) {
  std::optional<unsigned> longest;
  for (unsigned d = 0; d < op.rank(); ++d)
    if (op.extents[d] > 1 && belongs(d) &&
        (!longest || op.extents[d] >= op.extents[*longest]))
      longest = d;
  return longest;
}

std::optional<RegisterBand> memwall::findRegisterBand(const OpShape &op,
                                                      const Target &target) {
  if (!target.vectorRegisters || !target.vectorBits ||
      target.levels.size() < 3 || op.operands.size() != 3 ||
      op.hasInnerTiles() || op.partDims != 0)
    return std::nullopt;
  const OperandShape *out = llvm::find_if(
      op.operands, [](const OperandShape &each) { return each.isWritten; });
  llvm::SmallVector<const OperandShape *, 2> inputs;
  for (const OperandShape &each : op.operands)
    if (&each != out && !each.isWritten)
      inputs.push_back(&each);
  if (inputs.size() != 2 || !out->isRead)
    return std::nullopt;
  // The column is innermost in the result, and one input moves with it.
  auto column = llvm::find_if(out->terms, [&](const OperandTerm &term) {
    return op.extents[term.dim] > 1;
  });
  if (column == out->terms.end() || column->strideBits != out->elementBits ||
      inputs[0]->movesWith(column->dim) == inputs[1]->movesWith(column->dim))
    return std::nullopt;
  if (inputs[0]->movesWith(column->dim))
    std::swap(inputs[0], inputs[1]);
  std::optional<unsigned> row = findLongest(op, [&](unsigned d) {
    return out->movesWith(d) && inputs[0]->movesWith(d) &&
           !inputs[1]->movesWith(d);
  });
  std::optional<unsigned> depth = findLongest(op, [&](unsigned d) {
    return op.isReduction[d] && !out->movesWith(d) && inputs[0]->movesWith(d) &&
           inputs[1]->movesWith(d);
  });
  if (!row || !depth || !op.canCut(*row) || !op.canCut(*depth) ||
      !op.canCut(column->dim))
    return std::nullopt;
  VectorRegisters registers = getVectorRegisters(target);
  int64_t lanes = registers.getLanes(std::max(out->elementBits, leastSumBits));
  RegisterTile tile = chooseRegisterTile(
      op.extents[*row], op.extents[column->dim], lanes, registers);
  int64_t width = tile.vectors * lanes;
  // A dot instruction takes as many steps as 32 bits have elements.
  int64_t inputBits =
      std::max<int64_t>({8, inputs[0]->elementBits, inputs[1]->elementBits});
  int64_t steps = registers.dots.any() && inputBits <= 16 ? 32 / inputBits : 1;
  // Few rows are not cut: that would read the other operand once more.
  int64_t leastRows =
      std::min(kFewestUsesOfPacked * tile.rows, op.extents[*row]);
  if (op.extents[*row] <= kMostRowsOfDot)
    return std::nullopt;
  return RegisterBand{{*row, tile.rows, leastRows},
                      {column->dim, width, kFewestUsesOfPacked * width},
                      {*depth, steps, fewestSteps}};
}

/// The tile of `dim` that the bands leave.
static int64_t getTile(const OpShape &op, llvm::ArrayRef<TileBand> bands,
                       unsigned dim) {
  for (const TileBand &band : llvm::reverse(bands))
    if (band.sizes[dim] != 0)
      return band.sizes[dim];
  return op.extents[dim];
}

Schedule RegisterBand::addTo(Schedule schedule, const OpShape &op,
                             const Target &target) const {
  TileBand band;
  band.level = target.levels.front().name;
  band.sizes.assign(op.tiledRank, 0);
  for (const RegisterDim *each : {&column, &row})
    if (getTile(op, schedule.bands, each->dim) > each->step) {
      band.sizes[each->dim] = each->step;
      band.order.push_back(each->dim);
    }
  if (!band.order.empty())
    schedule.bands.push_back(std::move(band));
  schedule.leafOrder.clear();
  for (unsigned d = 0; d < op.rank(); ++d)
    if (!find(d))
      schedule.leafOrder.push_back(d);
  for (const RegisterDim *each : {&depth, &row, &column})
    schedule.leafOrder.push_back(each->dim);
  return schedule;
}

double RegisterBand::computeCost(const OpShape &op,
                                 llvm::ArrayRef<TileBand> bands) const {
  return 4.0 / double(getTile(op, bands, depth.dim));
}

Target memwall::ignoreSets(Target target) {
  for (Level &level : target.levels) {
    level.associativity = 0;
    level.index = SetIndex::Modulo;
  }
  return target;
}
