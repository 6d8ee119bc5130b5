//===- SetParts.cpp - The parts of a function, one after another ----------===//
//
// What the walk of a set does between loop nests: every part of the function
// gets its share of the steps, equal layers are skipped, and buffers die.
//
//===----------------------------------------------------------------------===//

#include "SetWalk.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

static constexpr int64_t kAnyPeriod = std::numeric_limits<int64_t>::max();

void SetWalk::run() {
  walkRoot();
  state.forEach([&](uint32_t slot) {
    const CachedLine &line = state[slot];
    if (line.dirty)
      counts[line.writer].written += line.pending;
  });
}

/// Whether child `i` of the function is one of the repeated blocks that the
/// second block stands for.
static bool isSkipped(const SetProgram &program, unsigned i) {
  return llvm::any_of(program.repeats, [i](const RepeatedBlock &block) {
    return i >= block.first + 2 * block.length && i < block.end();
  });
}

void SetWalk::countParts() {
  for (auto [i, n] : llvm::enumerate(program.nodes.front().children))
    if (!isSkipped(program, i)) {
      bodies += program.nodes[n].bodies;
      wholeSteps += program.nodes[n].wholeSteps;
    }
}

/// The steps that a part of the function may take. A part takes the more the
/// more it touches, but for its stretches that recur, which are not known
/// before: so half of the steps go by touches, half by bodies.
double SetWalk::shareOf(const SetNode &part) const {
  double touches = wholeSteps > 0 ? part.wholeSteps / wholeSteps : 0;
  return effort.work * (part.bodies / bodies + touches) / 2;
}

/// What is not dealt out to units runs on the first of them.
void SetWalk::walkRoot() {
  countParts();
  steps += double(program.accesses.size());
  llvm::SmallVector<unsigned, 0> active;
  for (unsigned a = 0; a < program.accesses.size(); ++a)
    if (instance == 0 || program.accesses[a].isDealt)
      active.push_back(a);
  const SetNode &root = program.nodes.front();
  double unspent = 0; // What a part of the function leaves is for the next.
  auto repeat = program.repeats.begin();
  for (unsigned i = 0; i < root.children.size();) {
    while (repeat != program.repeats.end() && repeat->end() <= i)
      ++repeat;
    if (repeat != program.repeats.end() &&
        i == repeat->first + 2 * repeat->length) {
      skipRepeats(*repeat);
      i = repeat->end();
      continue;
    }
    unsigned n = root.children[i++];
    const SetNode &child = program.nodes[n];
    Active mine = Active(active).slice(
        llvm::lower_bound(active, child.firstAccess) - active.begin());
    mine = mine.take_while([&](unsigned a) { return a < child.endAccess; });
    double before = steps;
    unspent += shareOf(child);
    if (child.isAccess && !mine.empty())
      touch(child.access, address[child.access], 0, 1);
    else if (!mine.empty())
      walkRange(n, mine, 0, child.tripCount, kAnyPeriod, unspent);
    unspent = std::max(0.0, unspent - (steps - before));
    die(child);
  }
}

/// The second block stands for all that follow it: the lines of its buffers
/// become those of the last block, at the nearest places in the set.
void SetWalk::skipRepeats(const RepeatedBlock &block) {
  for (const auto &[from, to] : block.renamed) {
    int64_t lines =
        (program.bufferBegin[to] - program.bufferBegin[from]) >> lineShift;
    int64_t rounds = lines / geometry.sets;
    moveOf[from] = rounds * geometry.sets;
  }
  state.move(moveOf, 1);
  llvm::SmallDenseMap<BufferId, BufferId> names(block.renamed.begin(),
                                                block.renamed.end());
  for (uint32_t slot = 0; slot < state.size(); ++slot)
    if (auto name = names.find(state[slot].buffer); name != names.end())
      state.change(slot).buffer = name->second;
  for (const auto &[from, to] : block.renamed)
    moveOf[from] = 0;
}

/// Buffers that are not needed after `child` lose what was stored to them.
void SetWalk::die(const SetNode &child) {
  for (BufferId buffer : child.deaths) {
    int64_t first = program.bufferBegin[buffer] >> lineShift;
    int64_t last = (program.bufferEnd[buffer] - 1) >> lineShift;
    if (last - first < int64_t(state.size())) {
      for (int64_t line = first; line <= last; ++line)
        if (uint32_t slot = state.find(line); slot != SetState::none)
          state.clean(slot);
      continue;
    }
    for (uint32_t slot = 0; slot < state.size(); ++slot)
      if (state[slot].number >= first && state[slot].number <= last)
        state.clean(slot);
  }
}
