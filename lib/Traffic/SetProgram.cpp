//===- SetProgram.cpp - A program as the sets of a cache see it -----------===//

#include "SetProgram.h"
#include "SetState.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>
#include <random>

using namespace memwall;

namespace {

/// The loops inside of some place, as one access sees them.
struct InnerLoops {
  struct Step {
    int64_t strideBits; ///< Positive.
    int64_t tripCount;
    bool operator<(const Step &other) const {
      return strideBits < other.strideBits;
    }
  };
  llvm::SmallVector<Step, 8> steps; ///< By stride.
  int64_t least = 0;                ///< Sum of what negative strides reach.
  int64_t divisor;                  ///< Of the sector and all strides.

  void add(int64_t strideBits, int64_t tripCount) {
    if (strideBits == 0 || tripCount <= 1)
      return;
    Step step{std::abs(strideBits), tripCount};
    steps.insert(llvm::upper_bound(steps, step), step);
    if (strideBits < 0)
      least += strideBits * (tripCount - 1);
    divisor = std::gcd(divisor, step.strideBits);
  }
};

class Builder {
public:
  Builder(const LoopTree &source, const ConstantTree &tree,
          const SetGeometry &geometry)
      : source(source), tree(tree) {
    program.geometry = geometry;
  }

  SetProgram build(int64_t units, int64_t unitsPerInstance) {
    for (auto [base, buffer] :
         llvm::zip_equal(source.computeAddresses(), source.buffers)) {
      program.bufferBegin.push_back(base * 8);
      program.bufferEnd.push_back((base + buffer.bytes()) * 8);
    }
    program.storageEnd = source.countStorageBytes() * 8;
    addNodes();
    addAccesses();
    for (unsigned n = tree.nodes.size(); n-- > 0;)
      describeBody(n);
    if (units > unitsPerInstance && hasParallelLoops(tree)) {
      program.units = units;
      program.unitsPerInstance = unitsPerInstance;
      numberParallelLoops(0);
    }
    llvm::for_each(program.nodes, [&](SetNode &node) { findPeriods(node); });
    return std::move(program);
  }

private:
  void addNodes();
  void addAccesses();
  void addTerms(unsigned leaf, const ConstantAccess &access);
  AccessTerm makeTerm(const ConstantAccess &access, unsigned loop,
                      const InnerLoops &inside);
  void addFilters(AccessTerm &term, int64_t elementBits,
                  const InnerLoops &inside);
  void addGathers(unsigned a, const ConstantAccess &access);
  void makeRowOrder(int64_t extent);
  void describeBody(unsigned n);
  double countWholeSteps(const SetNode &node) const;
  void findDeaths(unsigned n);
  bool mixesStores(unsigned n) const;
  void numberParallelLoops(unsigned n);
  int64_t numberLoop(unsigned n, int64_t first);
  void findPeriods(SetNode &node) const;

  const LoopTree &source;
  const ConstantTree &tree;
  SetProgram program;
};

} // namespace

void Builder::addNodes() {
  program.nodes.resize(tree.nodes.size());
  for (unsigned n = tree.nodes.size(); n-- > 0;) {
    const ConstantNode &from = tree.nodes[n];
    SetNode &node = program.nodes[n];
    node.isAccess = from.isAccess;
    node.access = from.access;
    node.tripCount = from.tripCount;
    node.children = from.children;
    if (from.isAccess) {
      node.firstAccess = from.access;
      node.endAccess = from.access + 1;
    }
    // Loops around nothing have no accesses.
    for (unsigned child : from.children) {
      const SetNode &inside = program.nodes[child];
      if (inside.firstAccess == inside.endAccess)
        continue;
      if (node.firstAccess == node.endAccess)
        node.firstAccess = inside.firstAccess;
      node.endAccess = inside.endAccess;
    }
  }
  unsigned terms = 0;
  for (SetNode &node : program.nodes) {
    if (node.isAccess)
      continue;
    node.firstTerm = terms;
    terms += node.endAccess - node.firstAccess;
  }
  program.terms.resize(terms);
}

void Builder::addAccesses() {
  program.accesses.resize(tree.accesses.size());
  for (unsigned n = 0; n < tree.nodes.size(); ++n) {
    if (!tree.nodes[n].isAccess)
      continue;
    unsigned a = tree.nodes[n].access;
    const ConstantAccess &from = tree.accesses[a];
    SetAccess &access = program.accesses[a];
    access.op = from.op;
    access.buffer = from.buffer;
    access.storage = source.buffers[from.buffer].storage.value_or(from.buffer);
    access.isWrite = from.isWrite;
    access.bits = from.elementBits;
    access.address = program.bufferBegin[from.buffer] + from.offsetBits;
    addGathers(a, from);
    addTerms(n, from);
  }
}

/// Rows that no loop chooses are the first of their order; the others are known
/// once the innermost loop that chooses them is at an iteration.
void Builder::addGathers(unsigned a, const ConstantAccess &from) {
  for (const ConstantGather &gather : from.gathers) {
    makeRowOrder(gather.extent);
    if (gather.nodes.empty()) {
      program.accesses[a].address +=
          program.rowOrders[gather.extent][0] * gather.strideBits;
      continue;
    }
    program.accesses[a].gathers.push_back(gather);
    unsigned innermost = *llvm::max_element(gather.nodes);
    auto &known = program.nodes[innermost].gathers;
    if (!llvm::is_contained(known, a))
      known.push_back(a);
  }
}

/// Distinct rows in a fixed random order.
void Builder::makeRowOrder(int64_t extent) {
  std::vector<int32_t> &rows = program.rowOrders[extent];
  if (!rows.empty())
    return;
  rows.resize(extent);
  std::iota(rows.begin(), rows.end(), 0);
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(extent));
}

void Builder::addTerms(unsigned leaf, const ConstantAccess &access) {
  InnerLoops inside;
  inside.divisor = program.geometry.sectorBits;
  for (unsigned loop = leaf; loop != 0;) {
    loop = tree.nodes[loop].parent;
    SetNode &node = program.nodes[loop];
    AccessTerm term = makeTerm(access, loop, inside);
    program.terms[node.firstTerm + tree.nodes[leaf].access - node.firstAccess] =
        term;
    inside.add(term.strideBits, node.tripCount);
    // Seen from outside, data may choose any row.
    for (const ConstantGather &gather : access.gathers)
      if (!gather.nodes.empty() && *llvm::max_element(gather.nodes) == loop)
        inside.add(gather.strideBits, gather.extent);
  }
}

AccessTerm Builder::makeTerm(const ConstantAccess &access, unsigned loop,
                             const InnerLoops &inside) {
  AccessTerm term;
  for (const ConstantTerm &from : access.terms)
    if (from.node == loop)
      term.strideBits = from.strideBits;
  term.blockBits = inside.divisor;
  term.leastInside = inside.least;
  int64_t period = program.geometry.period();
  term.period = period / std::gcd(period, std::abs(term.strideBits));
  for (const ConstantGather &gather : access.gathers)
    term.isUnknown |= llvm::is_contained(gather.nodes, loop);
  term.firstFilter = program.filters.size();
  if (!program.geometry.isWhole && !term.isUnknown)
    addFilters(term, access.elementBits, inside);
  term.endFilter = program.filters.size();
  return term;
}

/// One filter for every cut through the strides that can exclude anything.
void Builder::addFilters(AccessTerm &term, int64_t elementBits,
                         const InnerLoops &inside) {
  const SetGeometry &geometry = program.geometry;
  size_t count = inside.steps.size();
  llvm::SmallVector<int64_t, 9> divisors(count + 1, geometry.period());
  for (size_t i = count; i-- > 0;)
    divisors[i] = std::gcd(divisors[i + 1], inside.steps[i].strideBits);
  __int128 reach = elementBits - 1;
  for (size_t cut = 0;; ++cut) {
    if (reach + geometry.lineBits < divisors[cut]) {
      int64_t step = term.strideBits % divisors[cut];
      program.filters.push_back({divisors[cut], int64_t(reach),
                                 step < 0 ? step + divisors[cut] : step});
    }
    if (cut == count)
      return;
    reach += (__int128)inside.steps[cut].strideBits *
             (inside.steps[cut].tripCount - 1);
    if (reach >= geometry.period())
      return;
  }
}

void Builder::describeBody(unsigned n) {
  SetNode &node = program.nodes[n];
  if (node.isAccess)
    return;
  findDeaths(n);
  node.isInnermost = llvm::all_of(node.children, [&](unsigned child) {
    return program.nodes[child].isAccess && program.nodes[child].deaths.empty();
  });
  node.mayRun = node.gathers.empty() && !mixesStores(n);
  node.bodies = node.isInnermost ? 1 : 0;
  for (unsigned child : node.children)
    node.bodies += program.nodes[child].bodies;
  node.bodies = std::max(node.bodies, 1.0);
  node.wholeSteps = countWholeSteps(node);
}

double Builder::countWholeSteps(const SetNode &node) const {
  double iterationsPerStep =
      node.isInnermost && node.mayRun ? double(node.tripCount) : 1;
  // Where a set may not have room for the lines of an iteration, each counts.
  if (node.isInnermost && int64_t(node.children.size()) > program.geometry.ways)
    iterationsPerStep = 1;
  double touches = 1, inside = 0; // One step looks for the next iteration.
  for (unsigned n : node.children) {
    const SetNode &child = program.nodes[n];
    if (!child.isAccess) {
      inside += child.wholeSteps;
      continue;
    }
    ++touches;
    const AccessTerm &term = program.term(node, child.access);
    if (term.isUnknown)
      iterationsPerStep = 1;
    else if (term.strideBits != 0)
      iterationsPerStep =
          std::min(iterationsPerStep,
                   std::max(1.0, double(program.geometry.sectorBits) /
                                     std::abs(double(term.strideBits))));
  }
  return double(node.tripCount) * (touches / iterationsPerStep + inside);
}

/// Whether the order of the accesses in the body matters within a sector: a
/// load follows a store to the same buffer where stores fill sectors in parts,
/// or two stores go to a buffer where stores in a row are combined.
bool Builder::mixesStores(unsigned n) const {
  StorePolicy policy = program.geometry.storePolicy;
  llvm::SmallVector<BufferId, 4> stored;
  for (unsigned child : program.nodes[n].children) {
    if (!program.nodes[child].isAccess)
      continue;
    const SetAccess &access = program.accesses[program.nodes[child].access];
    bool isStored = llvm::is_contained(stored, access.buffer);
    if (isStored && policy == (access.isWrite ? StorePolicy::Bypass
                                              : StorePolicy::Allocate))
      return true;
    if (access.isWrite)
      stored.push_back(access.buffer);
  }
  return false;
}

/// The buffers that live in an iteration of loop `n` die with the last of its
/// children that uses them.
void Builder::findDeaths(unsigned n) {
  if (tree.nodes[n].origin == ~0u || program.geometry.writesDead)
    return;
  llvm::DenseMap<BufferId, unsigned> last;
  for (unsigned child : program.nodes[n].children)
    for (unsigned a = program.nodes[child].firstAccess;
         a < program.nodes[child].endAccess; ++a) {
      const Buffer &buffer = source.buffers[tree.accesses[a].buffer];
      if (buffer.scope == tree.nodes[n].origin && !buffer.liveOut)
        last[tree.accesses[a].buffer] = child;
    }
  for (auto [buffer, child] : last)
    program.nodes[child].deaths.push_back(buffer);
}

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

/// Numbers the iterations of the outermost parallel loops below `n`. Neighbours
/// that are groups of iterations of one loop are numbered on.
void Builder::numberParallelLoops(unsigned n) {
  int64_t next = 0;
  NodeId last = ~0u;
  for (unsigned child : tree.nodes[n].children) {
    const ConstantNode &node = tree.nodes[child];
    if (node.isAccess)
      continue;
    if (!node.isParallel) {
      numberParallelLoops(child);
      last = ~0u;
      continue;
    }
    if (node.origin != last)
      next = 0;
    program.nodes[child].beginsNumbers = true;
    next += numberLoop(child, next);
    last = node.origin;
  }
}

/// Gives the iterations of parallel loop `n` numbers from `first` on, within an
/// iteration of the parallel loop around it; returns how many there are. A
/// parallel loop that is all of the body of another is a further dimension of
/// it.
int64_t Builder::numberLoop(unsigned n, int64_t first) {
  SetNode &node = program.nodes[n];
  node.isNumbered = true;
  node.firstNumber = first;
  node.deals = !llvm::all_of(node.children, [&](unsigned child) {
    return tree.nodes[child].isParallel;
  });
  if (node.deals) {
    for (unsigned a = node.firstAccess; a < node.endAccess; ++a)
      program.accesses[a].isDealt = true;
  } else {
    int64_t inside = 0;
    for (unsigned child : node.children)
      inside += numberLoop(child, inside);
    node.numbersPerIteration = inside;
  }
  return node.tripCount * node.numbersPerIteration;
}

void Builder::findPeriods(SetNode &node) const {
  if (node.isAccess)
    return;
  node.mayRepeat = node.isNumbered;
  for (unsigned a = node.firstAccess; a < node.endAccess; ++a) {
    const AccessTerm &term = program.term(node, a);
    if (term.isUnknown)
      continue;
    node.movesByRounds |= term.period == 1 && term.strideBits != 0;
    // Chunks of units may be shorter than those of an access.
    if (term.period == 1 ||
        (term.period > node.tripCount / SetProgram::kLeastChunks &&
         !node.isNumbered))
      continue;
    node.mayRepeat = true;
    node.hasShortPeriod |= term.period <= SetProgram::kShortPeriod;
  }
}

SetProgram memwall::buildSetProgram(const LoopTree &source,
                                    const ConstantTree &tree,
                                    const SetGeometry &geometry, int64_t units,
                                    int64_t unitsPerInstance) {
  return Builder(source, tree, geometry).build(units, unitsPerInstance);
}

//===----------------------------------------------------------------------===//
// What cannot be walked
//===----------------------------------------------------------------------===//

/// Whether every access is inside of its buffer in every iteration. Programs
/// that are not have no defined result, but may reach the model.
static bool staysInBuffers(const LoopTree &source, const ConstantTree &tree) {
  return llvm::all_of(tree.accesses, [&](const ConstantAccess &access) {
    __int128 least = access.offsetBits, most = least + access.elementBits;
    for (const ConstantTerm &term : access.terms) {
      __int128 reach =
          (__int128)term.strideBits * (tree.nodes[term.node].tripCount - 1);
      (reach < 0 ? least : most) += reach;
    }
    for (const ConstantGather &gather : access.gathers)
      most += (__int128)gather.strideBits * (gather.extent - 1);
    return least >= 0 &&
           most <= (__int128)source.buffers[access.buffer].bytes() * 8;
  });
}

std::string memwall::findWalkObstacle(const LoopTree &source,
                                      const ConstantTree &tree,
                                      const Level &level) {
  /// Tables whose rows are put into a random order.
  constexpr int64_t kMostRows = int64_t(1) << 22;
  /// Storage in bytes, so that sums of a few addresses in bits fit 64 bits, and
  /// line bits times sets, so that products of two fit.
  constexpr int64_t kMostBytes = int64_t(1) << 58;
  constexpr int64_t kMostPeriodBits = int64_t(1) << 31;
  if (!llvm::isPowerOf2_64(level.lineBytes) ||
      !llvm::isPowerOf2_64(level.sectorBytes))
    return "lines or sectors that are no powers of two";
  if (level.lineBytes / level.sectorBytes > 64)
    return "more than 64 sectors in a line";
  if (level.lineBytes > 4096)
    return "lines that buffers share";
  if (level.storePolicy == StorePolicy::Allocate &&
      level.lineBytes > SetState::maxMaskedLineBytes)
    return "stored bytes of lines above 128 bytes";
  if (level.lineBytes * 8 > kMostPeriodBits / level.sets())
    return "too many sets";
  __int128 storage = 0;
  for (const Buffer &buffer : source.buffers)
    storage += buffer.bytes() + 4096;
  if (storage > kMostBytes)
    return "storage above 2^58 bytes";
  if (!tree.exact)
    return "loops whose extents change too often";
  if (!staysInBuffers(source, tree))
    return "accesses outside of their buffers";
  for (const ConstantAccess &access : tree.accesses)
    for (const ConstantGather &gather : access.gathers)
      if (gather.extent > kMostRows)
        return "data-dependent rows of a table of more than 2^22";
  return "";
}
