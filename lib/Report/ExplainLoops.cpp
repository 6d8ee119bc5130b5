//===- ExplainLoops.cpp - Loops around an op, by name ---------------------===//

#include "ExplainLoops.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace memwall;

static double countIterations(const LoopTree &tree, const Nest &nest) {
  double iterations = 1;
  for (LoopId loop : nest.loops)
    iterations *= double(tree.loops[loop].maxTripCount);
  return iterations;
}

/// The loops of the program around an op, a name and a location for each of
/// their induction variables, outermost first.
static llvm::SmallVector<std::pair<std::string, std::string>, 4>
listLoops(const OpRecord &record) {
  llvm::SmallVector<std::pair<std::string, std::string>, 4> names;
  llvm::SmallVector<mlir::Operation *, 4> places(
      llvm::ArrayRef<mlir::Operation *>(record.calls));
  places.push_back(record.operation);
  for (mlir::Operation *place : places) {
    llvm::SmallVector<mlir::LoopLikeOpInterface, 4> loops;
    for (mlir::Operation *op = place ? place->getParentOp() : nullptr; op;
         op = op->getParentOp())
      if (auto loop = llvm::dyn_cast<mlir::LoopLikeOpInterface>(op))
        loops.push_back(loop);
    for (mlir::LoopLikeOpInterface loop : llvm::reverse(loops)) {
      std::string location = printLocation(loop.getLoc());
      std::string name = loop->getName().getStringRef().str();
      size_t variables = 1;
      if (auto inductions = loop.getLoopInductionVars())
        variables = inductions->size();
      for (size_t i = 0; i < variables; ++i)
        names.push_back({"the " + name + " at " + location, location});
    }
  }
  return names;
}

OpLoops::OpLoops(const LoopTree &tree, OpId op) : tree(tree), op(op) {
  NodeId at = 0;
  double most = -1;
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest && node.nest.op == op &&
        countIterations(tree, node.nest) > most) {
      most = countIterations(tree, node.nest);
      nest = &node.nest;
      at = id;
    }
  if (!nest)
    return;
  for (at = tree.nodes[at].parent; at != LoopTree::root;
       at = tree.nodes[at].parent)
    around.insert(around.begin(), tree.nodes[at].loop);
  names = listLoops(tree.ops[op]);
  // Branches are loops of the tree as well: then no name is sure.
  if (names.size() != around.size())
    names.assign(around.size(), {"a loop around it", "unknown"});
}

static int64_t getStride(const Access &access, LoopId loop) {
  int64_t stride = 0;
  for (const Term &term : access.element.terms)
    if (term.loop == loop)
      stride += term.stride;
  return stride;
}

/// Which loop of a matrix product a dimension is: m and n move the result and
/// one input, k both inputs, b all three.
std::string OpLoops::getRole(unsigned d) const {
  if (tree.ops[op].kind != OpKind::Contraction)
    return "";
  llvm::SmallVector<bool, 2> inputs;
  bool movesResult = false;
  for (const Access &access : nest->accesses) {
    bool moves = getStride(access, nest->loops[d]) != 0;
    bool isResult = llvm::any_of(nest->accesses, [&](const Access &other) {
      return other.isWrite && other.buffer == access.buffer;
    });
    if (isResult)
      movesResult |= moves;
    else
      inputs.push_back(moves);
  }
  if (inputs.size() != 2)
    return "";
  if (!movesResult)
    return inputs[0] && inputs[1] ? " (k)" : "";
  return inputs[0] ? inputs[1] ? " (b)" : " (m)" : inputs[1] ? " (n)" : "";
}

std::string OpLoops::getDimName(unsigned d) const {
  return "d" + std::to_string(d) + getRole(d);
}

LoopFigures OpLoops::describe(LoopId loop) const {
  LoopFigures figures;
  figures.tripCount = tree.loops[loop].maxTripCount;
  const auto *own = llvm::find(nest->loops, loop);
  if (own != nest->loops.end()) {
    figures.name = getDimName(own - nest->loops.begin());
    figures.location = tree.ops[op].location;
    return figures;
  }
  const auto *outer = llvm::find(around, loop);
  if (outer != around.end())
    std::tie(figures.name, figures.location) = names[outer - around.begin()];
  return figures;
}

bool OpLoops::isAround(LoopId loop) const {
  return llvm::is_contained(nest->loops, loop) ||
         llvm::is_contained(around, loop);
}

int64_t OpLoops::getStrideBytes(BufferId buffer, LoopId loop) const {
  int64_t bits = tree.buffers[buffer].elementBits;
  for (const Access &access : nest->accesses)
    if (access.buffer == buffer)
      if (int64_t stride = getStride(access, loop))
        return std::max<int64_t>(1, std::abs(stride) * bits / 8);
  return 0;
}

/// The innermost loop inside of the carrier that moves the operand by several
/// lines at a time: its step decides which sets are met.
void OpLoops::findPitch(BufferId buffer, const Level &cache,
                        CarryingLoop &carrier) const {
  for (LoopId loop : llvm::reverse(nest->loops)) {
    int64_t stride = getStrideBytes(buffer, loop);
    if (stride == 0)
      continue;
    if (stride <= cache.lineBytes)
      return;
    carrier.pitchBytes = stride;
    carrier.sets = cache.sets();
    int64_t lines = std::max<int64_t>(1, stride / cache.lineBytes);
    int64_t met = stride % cache.lineBytes
                      ? carrier.sets
                      : carrier.sets / std::gcd(carrier.sets, lines);
    carrier.setsMet = std::min(met, tree.loops[loop].maxTripCount);
    return;
  }
}

std::optional<CarryingLoop> OpLoops::findCarrier(BufferId buffer,
                                                 llvm::ArrayRef<Reuse> reuses,
                                                 bool hasConflicts,
                                                 const Level &cache) const {
  const Reuse *most = nullptr;
  auto weigh = [&](const Reuse &reuse) {
    return hasConflicts ? reuse.touchedBytes : reuse.missedBytes;
  };
  for (const Reuse &reuse : reuses) {
    bool isCandidate = reuse.buffer == buffer && reuse.isAcrossIterations &&
                       !reuse.isFirst && nest && isAround(reuse.carrier) &&
                       weigh(reuse) > 0;
    // What comes back at once is a register.
    if (hasConflicts && reuse.distanceBytes <= 8 * double(cache.lineBytes))
      isCandidate = false;
    if (isCandidate && (!most || weigh(reuse) > weigh(*most)))
      most = &reuse;
  }
  if (!most)
    return std::nullopt;
  CarryingLoop carrier;
  carrier.loop = describe(most->carrier);
  carrier.strideBytes = getStrideBytes(buffer, most->carrier);
  carrier.distanceBytes = most->distanceBytes;
  findPitch(buffer, cache, carrier);
  return carrier;
}

llvm::SmallVector<Neighbour, 1>
memwall::findNeighbours(llvm::ArrayRef<OpFigures> ops, OpId op, BufferId buffer,
                        llvm::ArrayRef<Reuse> reuses) {
  llvm::MapVector<OpId, Neighbour> found;
  for (const Reuse &reuse : reuses) {
    if (reuse.buffer != buffer || reuse.isFirst || reuse.previous == op)
      continue;
    Neighbour &neighbour = found[reuse.previous];
    neighbour.op = ops[reuse.previous].fullName();
    neighbour.lostBytes += std::llround(std::min(reuse.missedBytes, 0x1p62));
    neighbour.foundBytes +=
        std::llround(std::min(reuse.touchedBytes - reuse.missedBytes, 0x1p62));
    neighbour.distanceBytes =
        std::max(neighbour.distanceBytes, reuse.distanceBytes);
  }
  llvm::SmallVector<Neighbour, 1> result;
  for (auto &[id, neighbour] : found)
    result.push_back(std::move(neighbour));
  return result;
}
