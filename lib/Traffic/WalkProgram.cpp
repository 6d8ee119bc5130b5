//===- WalkProgram.cpp - Exact traffic of small programs ------------------===//

#include "memwall/Traffic/WalkProgram.h"
#include "LineCache.h"
#include "LoopSample.h"
#include "WalkSteps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

using namespace memwall;

/// Lines of all buffers, which follow one another.
static int64_t countStorageLines(const LoopTree &source, int64_t lineBytes) {
  if (source.buffers.empty())
    return 1;
  int64_t base = source.computeAddresses().back();
  return (base + source.buffers.back().bytes()) / lineBytes + 1;
}

namespace {

class Walker {
public:
  /// Parallel loops are dealt out to `units`; 1 where they have been.
  Walker(const LoopTree &source, const ConstantTree &tree, const Level &level,
         int64_t units, bool samples,
         int64_t mostSteps = std::numeric_limits<int64_t>::max())
      : source(source), tree(tree), level(level), units(units),
        mostSteps(mostSteps), bases(source.computeAddresses()),
        iteration(tree.nodes.size(), 0),
        lineShift(llvm::Log2_64(level.lineBytes)),
        sectorShift(llvm::Log2_64(level.sectorBytes)) {
    int64_t lines = countStorageLines(source, level.lineBytes);
    int64_t ways = level.associativity ? level.associativity : level.lines();
    int64_t instances = llvm::divideCeil(units, level.unitsPerInstance);
    for (int64_t i = 0; i < instances; ++i)
      caches.push_back({LineCache(lines, level.sets(), ways,
                                  level.storePolicy == StorePolicy::Allocate),
                        {}});
    for (Instance &instance : caches)
      instance.openSector.resize(source.buffers.size(), -1);
    runOn(0);
    moved.cells.resize(tree.accesses.size());
    if (samples)
      turnover = level.lines();
    findDeaths();
    findCopies();
    findWindows();
    findInside();
    planLoops();
  }

  /// False when it takes too many steps.
  bool run(SectorConsumer consume) {
    walk(0);
    for (Instance &instance : caches)
      flush(instance.cache);
    if (isTooLong())
      return false;
    for (auto [a, access] : llvm::enumerate(tree.accesses)) {
      const MovedSectors &cell = moved.cells[a];
      if (cell.read > 0 || cell.written > 0)
        consume(access.op, access.buffer, cell.read * copies[a],
                cell.written * copies[a]);
    }
    return true;
  }

private:
  /// The cache of some units.
  struct Instance {
    LineCache cache;
    llvm::SmallVector<int64_t, 0> openSector; ///< Of stores around it.
  };

  bool isTooLong() { return steps > limit && !mayGoOn(); }

  /// Past a limit: after an eighth of all steps, whether the rest can do.
  bool mayGoOn() {
    if (limit < 0 || limit == mostSteps || isHopeless()) {
      limit = -1;
      return false;
    }
    limit = mostSteps;
    return true;
  }

  /// Whether the part of the program that runs will take too many steps even if
  /// its outermost loop is left as soon as it can be.
  bool isHopeless() const {
    unsigned n = part;
    while (tree.nodes[n].tripCount == 1 && tree.nodes[n].children.size() == 1)
      n = tree.nodes[n].children.front();
    const ConstantNode &loop = tree.nodes[n];
    bool jumps = turnover > 0 && loop.tripCount >= 3 * windows[n];
    double least = double(jumps ? windows[n] : loop.tripCount);
    double each = double(steps - stepsBefore) / double(iteration[n] + 1);
    return double(stepsBefore) + each * least > double(mostSteps);
  }

  void runOn(int64_t unit) { current = &caches[unit / level.unitsPerInstance]; }

  void flush(const LineCache &cache) {
    cache.forEachPresent([&](int32_t, const LineState &line) {
      if (line.dirty)
        moved.cells[line.writer].written += llvm::popcount(line.dirty);
    });
  }

  /// copies[access]: caches that do the same elsewhere.
  void findCopies() {
    copies.resize(tree.accesses.size(), 1);
    llvm::SmallVector<double, 0> around(tree.nodes.size(), 1);
    for (unsigned n = 1; n < tree.nodes.size(); ++n) {
      const ConstantNode &node = tree.nodes[n];
      around[n] = around[node.parent] * node.copies;
      if (node.isAccess)
        copies[node.access] = around[n];
    }
  }

  /// What the walk of a loop has to know each time.
  struct Plan {
    bool isInnermost = false;              ///< And no buffer dies in it.
    bool single = true;                    ///< A step is one iteration.
    llvm::SmallVector<int64_t, 4> strides; ///< Of the accesses, if innermost.
  };

  void planLoops() {
    int64_t ways = level.associativity ? level.associativity : level.lines();
    plans.resize(tree.nodes.size());
    for (unsigned n = 0; n < tree.nodes.size(); ++n) {
      const ConstantNode &node = tree.nodes[n];
      Plan &plan = plans[n];
      plan.isInnermost = isInnermost(tree, node) && !hasDeaths(node);
      if (!plan.isInnermost)
        continue;
      plan.single = !canStep(tree, node, ways);
      for (unsigned child : node.children) {
        plan.strides.push_back(
            strideAt(tree.accesses[tree.nodes[child].access], n));
        plan.single |= std::abs(plan.strides.back()) >= level.sectorBytes * 8;
      }
    }
  }

  /// windows[loop]: iterations after which accesses are at the same place of a
  /// line again, or some; in an innermost loop a step takes several.
  void findWindows() {
    constexpr int64_t kLeast = 8, kMost = 64;
    windows.resize(tree.nodes.size(), kLeast);
    int64_t lineBits = level.lineBytes * 8, sectorBits = level.sectorBytes * 8;
    for (const ConstantAccess &access : tree.accesses)
      for (const ConstantTerm &term : access.terms) {
        int64_t stride = std::abs(term.strideBits);
        if (stride == 0)
          continue;
        int64_t period = lineBits / std::gcd(stride, lineBits);
        if (isInnermost(tree, tree.nodes[term.node]))
          period = std::max(period, kLeast * (sectorBits / stride));
        if (period <= kMost || isInnermost(tree, tree.nodes[term.node]))
          windows[term.node] = std::max(windows[term.node], period);
      }
  }

  /// inside[node]: the accesses below it, which have consecutive numbers.
  void findInside() {
    inside.resize(tree.nodes.size());
    for (unsigned n = tree.nodes.size(); n-- > 0;) {
      const ConstantNode &node = tree.nodes[n];
      if (node.isAccess)
        inside[n] = {node.access, node.access + 1};
      for (unsigned child : node.children) {
        if (inside[n].begin == inside[n].end)
          inside[n].begin = inside[child].begin;
        inside[n].end = inside[child].end;
      }
    }
  }

  /// Loop `n` skips iterations, which write back what others have left dirty:
  /// all that they would, but everything once.
  void leaveOthers(unsigned n, const LoopSample &sample) {
    llvm::SmallDenseMap<unsigned, double, 4> leaving;
    for (unsigned a = 0; a < tree.accesses.size(); ++a)
      if (!inside[n].contains(a))
        if (double sectors = sample.countLeaving(a); sectors >= 1)
          leaving[a] = sectors;
    if (leaving.empty())
      return;
    LineCache &cache = current->cache;
    llvm::SmallVector<int32_t, 0> leavers;
    cache.forEachPresent([&](int32_t line, const LineState &state) {
      auto found = leaving.find(state.writer);
      if (state.dirty == 0 || found == leaving.end() || found->second <= 0)
        return;
      found->second -= llvm::popcount(state.dirty);
      leavers.push_back(line);
    });
    for (int32_t line : leavers) {
      writeBack(cache[line]);
      cache.clean(line);
    }
    steps += level.lines() / 8;
  }

  /// deaths[(node, child)]: buffers of the node's scope with their last use.
  void findDeaths() {
    deaths.resize(tree.nodes.size());
    for (unsigned n = 0; n < tree.nodes.size(); ++n) {
      const ConstantNode &node = tree.nodes[n];
      if (node.isAccess || node.origin == ~0u)
        continue;
      llvm::DenseMap<BufferId, unsigned> last;
      for (unsigned child : node.children)
        forEachAccess(child, [&](const ConstantAccess &access) {
          const Buffer &buffer = source.buffers[access.buffer];
          if (buffer.scope == node.origin && !buffer.liveOut)
            last[access.buffer] = child;
        });
      for (auto [buffer, child] : last)
        deaths[child].push_back(buffer);
    }
  }

  template <typename Visit>
  void forEachAccess(unsigned n, Visit visit) const {
    const ConstantNode &node = tree.nodes[n];
    if (node.isAccess)
      visit(tree.accesses[node.access]);
    for (unsigned child : node.children)
      forEachAccess(child, visit);
  }

  void walk(unsigned n) {
    const ConstantNode &node = tree.nodes[n];
    if (node.isParallel && caches.size() > 1)
      return walkParallel(n);
    if (plans[n].isInnermost)
      return walkInnermost(n);
    LoopSample sample(turnover, node.tripCount, windows[n], inside[n], moved);
    for (iteration[n] = 0; iteration[n] < node.tripCount && !isTooLong();) {
      for (unsigned child : node.children)
        walkChild(child);
      int64_t next = sample.advance(++iteration[n], moved);
      if (next != iteration[n])
        leaveOthers(n, sample);
      iteration[n] = next;
    }
    iteration[n] = 0;
  }

  bool isAllParallel(const ConstantNode &node) const {
    return !node.children.empty() &&
           llvm::all_of(node.children, [&](unsigned child) {
             return tree.nodes[child].isParallel;
           });
  }

  /// Iterations are numbered over all dimensions of the outermost parallel loop
  /// and all its groups of equal tiles; unit number mod units runs each.
  void walkParallel(unsigned n) {
    const ConstantNode &node = tree.nodes[n];
    bool begins = !inParallel;
    bool isDimension = begins || isAllParallel(tree.nodes[node.parent]);
    bool deals = isDimension && !isAllParallel(node);
    if (begins && node.origin != lastParallel)
      number = 0;
    inParallel = true;
    for (iteration[n] = 0; iteration[n] < node.tripCount; ++iteration[n]) {
      if (deals)
        runOn(number++ % units);
      for (unsigned child : node.children)
        walkChild(child);
    }
    iteration[n] = 0;
    if (!begins)
      return;
    inParallel = false;
    lastParallel = node.origin;
    runOn(0);
  }

  void walkChild(unsigned child) {
    if (tree.nodes[child].parent == 0) {
      part = child;
      stepsBefore = steps;
    }
    const ConstantNode &node = tree.nodes[child];
    if (node.isAccess)
      access(node.access, addressOf(tree.accesses[node.access]), 0, 1);
    else
      walk(child);
    for (BufferId buffer : deaths[child])
      die(buffer);
  }

  bool hasDeaths(const ConstantNode &node) const {
    return llvm::any_of(node.children,
                        [&](unsigned child) { return !deaths[child].empty(); });
  }

  /// Data-dependent rows: distinct ones, in a fixed random order.
  int64_t rowAt(int64_t extent, int64_t number) {
    std::vector<int32_t> &rows = rowsOf[extent];
    if (rows.empty()) {
      rows.resize(extent);
      std::iota(rows.begin(), rows.end(), 0);
      std::shuffle(rows.begin(), rows.end(), std::mt19937_64(extent));
    }
    return rows[number];
  }

  int64_t addressOf(const ConstantAccess &access) {
    int64_t bits = bases[access.buffer] * 8 + access.offsetBits;
    for (const ConstantTerm &term : access.terms)
      bits += term.strideBits * iteration[term.node];
    for (const ConstantGather &gather : access.gathers) {
      int64_t number = 0;
      for (unsigned node : gather.nodes)
        number = number * tree.nodes[node].tripCount + iteration[node];
      bits += rowAt(gather.extent, number % gather.extent) * gather.strideBits;
    }
    return bits;
  }

  void walkInnermost(unsigned n) {
    const ConstantNode &node = tree.nodes[n];
    int64_t sectorBits = level.sectorBytes * 8;
    iteration[n] = 0;
    llvm::ArrayRef<int64_t> strides = plans[n].strides;
    bool single = plans[n].single;
    llvm::SmallVector<int64_t, 8> addresses;
    for (unsigned child : node.children)
      addresses.push_back(addressOf(tree.accesses[tree.nodes[child].access]));
    LoopSample sample(turnover, node.tripCount, windows[n], inside[n], moved);
    while (iteration[n] < node.tripCount && !isTooLong()) {
      int64_t count = single ? 1 : node.tripCount - iteration[n];
      for (auto [i, child] : llvm::enumerate(node.children)) {
        const ConstantAccess &a = tree.accesses[tree.nodes[child].access];
        if (!a.gathers.empty())
          addresses[i] = addressOf(a);
        if (!single)
          count = std::min(count, iterationsWithin(addresses[i], strides[i],
                                                   a.elementBits, sectorBits));
      }
      for (auto [i, child] : llvm::enumerate(node.children)) {
        access(tree.nodes[child].access, addresses[i], strides[i], count);
        addresses[i] += strides[i] * count;
      }
      iteration[n] += count;
      int64_t next = sample.advance(iteration[n], moved);
      if (next == iteration[n])
        continue;
      leaveOthers(n, sample);
      for (auto [i, stride] : llvm::enumerate(strides))
        addresses[i] += stride * (next - iteration[n]);
      iteration[n] = next;
    }
    iteration[n] = 0;
  }

  /// Iterations from `address` on that stay within its sector.
  static int64_t iterationsWithin(int64_t address, int64_t stride, int64_t bits,
                                  int64_t sectorBits) {
    if (stride == 0)
      return std::numeric_limits<int64_t>::max();
    int64_t in = address & (sectorBits - 1); // A power of two.
    int64_t room = stride > 0 ? sectorBits - bits - in : in;
    return std::max<int64_t>(1, room / std::abs(stride) + 1);
  }

  /// `count` accesses from `address` on; they touch the same sectors.
  void access(unsigned id, int64_t address, int64_t stride, int64_t count) {
    const ConstantAccess &a = tree.accesses[id];
    ++steps;
    int64_t first = address >> 3, last = (address + a.elementBits - 1) >> 3;
    for (int64_t line = first >> lineShift; line <= last >> lineShift; ++line) {
      int64_t start = line << lineShift, end = start + level.lineBytes - 1;
      int64_t from = std::max(first, start) >> sectorShift;
      int64_t to = std::min(last, end) >> sectorShift;
      int64_t base = start >> sectorShift;
      uint16_t sectors = (2u << (to - base)) - (1u << (from - base));
      if (!bringIn(id, line, sectors, base))
        continue;
      if (!a.isWrite)
        continue;
      LineState &state = current->cache[line];
      state.dirty |= sectors;
      state.writer = id;
      if (level.storePolicy == StorePolicy::Allocate)
        storeBytes(a, state, line, address, stride, count);
    }
  }

  /// Makes the line present with what the access needs; false when a store
  /// goes around the cache.
  bool bringIn(unsigned id, int32_t line, uint16_t sectors,
               int64_t firstSector) {
    const ConstantAccess &a = tree.accesses[id];
    LineCache &cache = current->cache;
    if (cache[line].present) {
      cache.touch(line);
    } else {
      if (a.isWrite && level.storePolicy == StorePolicy::Bypass) {
        storeAround(id, sectors, firstSector);
        return false;
      }
      int32_t victim = cache.victim(line);
      if (victim != LineCache::none)
        evict(victim);
      cache.insert(line);
      moved.lines += 1;
    }
    LineState &state = current->cache[line];
    uint16_t missing = sectors & ~state.valid;
    bool fills = a.isWrite && level.storePolicy == StorePolicy::Allocate;
    if (missing && !fills) {
      moved.cells[id].read += llvm::popcount(missing);
      state.valid |= missing;
    }
    return true;
  }

  void evict(int32_t line) {
    if (current->cache[line].dirty)
      writeBack(current->cache[line]);
    current->cache.remove(line);
  }

  void writeBack(const LineState &state) {
    uint16_t partial = state.dirty & ~state.valid;
    moved.cells[state.writer].read += llvm::popcount(partial);
    moved.cells[state.writer].written += llvm::popcount(state.dirty);
  }

  void storeAround(unsigned id, uint16_t sectors, int64_t firstSector) {
    BufferId buffer = tree.accesses[id].buffer;
    for (; sectors; sectors &= sectors - 1) {
      int64_t sector = firstSector + llvm::countr_zero(sectors);
      if (current->openSector[buffer] != sector)
        moved.cells[id].written += 1;
      current->openSector[buffer] = sector;
    }
  }

  /// Marks the bytes of `count` stores; sectors that are complete are valid.
  void storeBytes(const ConstantAccess &a, LineState &state, int64_t line,
                  int64_t address, int64_t stride, int64_t count) {
    LineCache::StoredBytes &stored = current->cache.storedBytes(line);
    int64_t start = line << lineShift, end = start + level.lineBytes - 1;
    int64_t bufferEnd = bases[a.buffer] + source.buffers[a.buffer].bytes() - 1;
    for (int64_t i = 0; i < count; ++i, address += stride) {
      int64_t first = std::max(address / 8, start);
      int64_t last = (address + a.elementBits - 1) / 8;
      if (last == bufferEnd) // The rest of the sector is nobody's.
        last |= level.sectorBytes - 1;
      for (int64_t byte = first; byte <= std::min(last, end); ++byte)
        stored[(byte - start) / 64] |= uint64_t(1) << ((byte - start) % 64);
    }
    int64_t sectorBytes = level.sectorBytes;
    for (int64_t s = 0; s * sectorBytes < level.lineBytes; ++s) {
      bool complete = true;
      for (int64_t byte = s * sectorBytes;
           byte < (s + 1) * sectorBytes && complete;
           byte += std::min<int64_t>(sectorBytes, 64)) {
        int64_t bits = std::min<int64_t>(sectorBytes, 64);
        uint64_t mask = llvm::maskTrailingOnes<uint64_t>(bits) << (byte % 64);
        complete = (stored[byte / 64] & mask) == mask;
      }
      if (complete)
        state.valid |= 1u << s;
    }
  }

  void die(BufferId buffer) {
    if (level.deadLines == DeadLines::Written)
      return;
    int64_t bytes = source.buffers[buffer].bytes();
    int64_t first = bases[buffer] >> lineShift;
    int64_t last = (bases[buffer] + bytes - 1) >> lineShift;
    steps += (last - first) / 8 * int64_t(caches.size());
    for (Instance &instance : caches)
      for (int64_t line = first; line <= last; ++line) {
        instance.cache.clean(line);
      }
  }

  const LoopTree &source;
  const ConstantTree &tree;
  const Level &level;
  int64_t units, mostSteps, steps = 0;
  int64_t limit = mostSteps / 8; ///< When to look again, or stop.
  unsigned part = 0;             ///< Child of the root that runs,
  int64_t stepsBefore = 0;       ///< and the steps before it.
  int64_t turnover = 0;          ///< Lines; 0: every iteration is walked.
  Moved moved;
  llvm::SmallVector<double, 0> copies;
  llvm::SmallVector<int64_t, 0> windows;
  llvm::SmallVector<AccessRange, 0> inside; ///< By node.
  llvm::SmallVector<int64_t, 0> bases;
  llvm::SmallVector<int64_t, 0> iteration;
  llvm::DenseMap<int64_t, std::vector<int32_t>> rowsOf; ///< By extent.
  std::vector<Instance> caches;
  Instance *current = nullptr; ///< Of the unit that runs.
  int64_t number = 0;          ///< Of the next iteration to deal out.
  bool inParallel = false;
  NodeId lastParallel = ~0u;
  std::vector<llvm::SmallVector<BufferId, 0>> deaths; ///< By node.
  std::vector<Plan> plans;                            ///< By loop.
  unsigned lineShift, sectorShift;
};

} // namespace

/// Whether every access is inside of its buffer in every iteration. Programs
/// that are not have no defined result, but may reach the model.
static bool staysInBuffers(const LoopTree &source, const ConstantTree &tree) {
  return llvm::all_of(tree.accesses, [&](const ConstantAccess &access) {
    int64_t least = access.offsetBits, most = least + access.elementBits;
    for (const ConstantTerm &term : access.terms) {
      int64_t reach = term.strideBits * (tree.nodes[term.node].tripCount - 1);
      (reach < 0 ? least : most) += reach;
    }
    for (const ConstantGather &gather : access.gathers)
      most += gather.strideBits * (gather.extent - 1);
    return least >= 0 && most <= source.buffers[access.buffer].bytes() * 8;
  });
}

Walked memwall::walkProgram(const LoopTree &source, const ConstantTree &tree,
                            const Level &level, int64_t units,
                            int64_t walkSteps, int64_t sampleSteps,
                            SectorConsumer consume) {
  constexpr int64_t kMostLineBytes = 128, kMostLines = 1 << 18;
  int64_t lines = countStorageLines(source, level.lineBytes);
  if (!tree.exact || !staysInBuffers(source, tree) || lines > kMostLines ||
      level.lineBytes > kMostLineBytes ||
      !llvm::isPowerOf2_64(level.lineBytes) ||
      !llvm::isPowerOf2_64(level.sectorBytes) || level.lines() == 0)
    return Walked::Nothing;
  bool deals = units > level.unitsPerInstance && hasParallelLoops(tree);
  int64_t instances =
      deals ? llvm::divideCeil(units, level.unitsPerInstance) : 1;
  double allSteps = countWalkSteps(tree, level);
  if (allSteps <= double(walkSteps) && lines * instances <= 4 * kMostLines) {
    Walker(source, tree, level, deals ? units : 1, /*samples=*/false)
        .run(consume);
    return Walked::Whole;
  }
  // A loop is left in part once it has filled the cache, and lands a cache's
  // content before its end.
  bool mayJump = 2 * level.lines() <= sampleSteps;
  if (sampleSteps == 0 || (!mayJump && allSteps > double(sampleSteps)))
    return Walked::Nothing;
  ConstantTree dealt =
      deals ? distributeLoops(tree, units, level.unitsPerInstance) : tree;
  bool ends = staysInBuffers(source, dealt) &&
              Walker(source, dealt, level, 1, /*samples=*/true, sampleSteps)
                  .run(consume);
  return ends ? Walked::InPart : Walked::Nothing;
}
