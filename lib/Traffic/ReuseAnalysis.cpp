//===- ReuseAnalysis.cpp - Walks a constant tree, innermost first ---------===//

#include "memwall/Traffic/ReuseAnalysis.h"
#include "Sequence.h"
#include "Touch.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>

using namespace memwall;

/// Integral of clamp(x - lines, 0, 1) up to `x`: a distance of D + f lines is
/// D lines, or with probability f one more (unaligned rows average).
static double integrateMisses(double x, double lines) {
  double excess = x - lines;
  if (excess <= 0)
    return 0;
  return excess >= 1 ? excess - 0.5 : excess * excess / 2;
}

/// The distance at position `at` on the line through two samples.
static double extrapolate(const Samples &distances, unsigned from, unsigned to,
                          double at) {
  double slope =
      (distances[to] - distances[from]) / (kPositions[to] - kPositions[from]);
  return std::max(1.0, distances[from] + slope * (at - kPositions[from]));
}

/// Share of a stretch between two distances that exceeds `lines`.
static double stretchMissShare(double a, double b, double lines) {
  double low = std::min(a, b), high = std::max(a, b);
  if (high - low < 1e-3 || low >= lines + 1)
    return std::clamp(low - lines, 0.0, 1.0);
  if (high <= lines)
    return 0;
  return (integrateMisses(high, lines) - integrateMisses(low, lines)) /
         (high - low);
}

double memwall::computeMissShare(const Samples &distances, double lines) {
  constexpr unsigned last = kSamples - 1;
  if (std::isinf(distances[0]))
    return 1;
  double share = 0;
  for (unsigned i = 0; i < last; ++i)
    share += stretchMissShare(distances[i], distances[i + 1], lines) *
             (kPositions[i + 1] - kPositions[i]);
  // The ends of a sweep carry on as it begins and ends, if it is one sweep.
  bool isMonotone = llvm::is_sorted(distances) ||
                    llvm::is_sorted(distances, std::greater<double>());
  double first = distances[0], end = distances[last];
  if (isMonotone) {
    first = extrapolate(distances, 0, 1, 0);
    end = extrapolate(distances, last, last - 1, 1);
  }
  share += stretchMissShare(first, distances[0], lines) * kPositions[0];
  share +=
      stretchMissShare(distances[last], end, lines) * (1 - kPositions[last]);
  return share;
}

namespace {

class Analyzer {
public:
  Analyzer(const LoopTree &source, const ConstantTree &tree,
           const ReuseConfig &config, ReuseConsumer consume)
      : context(source, tree, config, consume), tree(tree), config(config),
        consume(consume), nodes(context.nodes) {}

  void run() {
    analyze(0, 1);
    for (const Touch &touch : nodes[0].touches)
      emitFirstTouch(touch);
  }

private:
  /// Analyses node `n`, which is executed `executions` times.
  void analyze(unsigned n, double executions) {
    const ConstantNode &node = tree.nodes[n];
    Summary &summary = nodes[n];
    summary.tripCount = node.tripCount;
    summary.isAccess = node.isAccess;
    summary.children = node.children;
    summary.firstLeaf = leaves;
    if (node.isAccess) {
      summary.endLeaf = ++leaves;
      summary.touches.push_back(makeLeaf(n, node.access));
      return;
    }
    double iterations = executions * double(node.tripCount) * node.copies;
    for (unsigned child : node.children)
      analyze(child, iterations);
    summary.endLeaf = leaves;
    Sequence(context, n, iterations).run();
    closeLoop(n, executions * node.copies);
    for (Touch &touch : summary.touches)
      touch.copies *= node.copies;
  }

  /// Loops around an access and what it touches in one execution of each.
  struct Footprint {
    unsigned node;
    Box region;
    double lines, sectors;
    double twoLines; ///< Of the first two iterations of the loop.
    bool varies;
  };

  /// Footprints of access `id` whose leaf is node `leaf`, outermost first, the
  /// single element last. An inner footprint never exceeds an outer one.
  void computeFootprints(unsigned leaf, const ConstantAccess &access) {
    llvm::SmallVector<unsigned, 12> loops;
    for (unsigned n = leaf; n != 0; n = tree.nodes[n].parent)
      loops.push_back(tree.nodes[n].parent);
    std::reverse(loops.begin(), loops.end());
    footprints.clear();
    double lines = kInfinite, sectors = kInfinite;
    for (size_t depth = 0; depth <= loops.size(); ++depth) {
      Footprint footprint;
      footprint.node = depth < loops.size() ? loops[depth] : leaf;
      llvm::SmallVector<BoxDim, 8> outer;
      footprint.region = computeRegion(access, footprint.node, outer);
      footprint.varies = strideOf(footprint.node, access) != 0 ||
                         isGathered(footprint.node, access);
      if (depth > 0 && !footprints.back().varies) {
        // Nothing changes below a loop that does not move the access.
        footprint.lines = footprints.back().lines;
        footprint.sectors = footprints.back().sectors;
      } else {
        footprint.lines = std::min(
            lines, countGranules(footprint.region, config.lineBits, outer));
        footprint.sectors = std::min(
            sectors, countGranules(footprint.region, config.sectorBits, outer));
      }
      lines = footprint.lines;
      sectors = footprint.sectors;
      footprint.twoLines = lines;
      if (footprint.varies && tree.nodes[footprint.node].tripCount > 2) {
        Box two = computeRegion(access, footprint.node, outer, 2);
        footprint.twoLines =
            std::min(lines, countGranules(two, config.lineBits, outer));
      }
      footprints.push_back(std::move(footprint));
    }
  }

  /// What `access` touches in one execution of node `n`, or in its first `most`
  /// iterations, and the steps of the loops around.
  Box computeRegion(const ConstantAccess &access, unsigned n,
                    llvm::SmallVectorImpl<BoxDim> &outer,
                    int64_t most = std::numeric_limits<int64_t>::max()) const {
    Box box;
    outer.clear();
    auto trips = [&](unsigned node) {
      int64_t count = tree.nodes[node].tripCount;
      return node == n ? std::min(count, most) : count;
    };
    box.offsetBits = access.offsetBits;
    box.elementBits = access.elementBits;
    for (const ConstantTerm &term : llvm::reverse(access.terms)) {
      BoxDim dim{term.strideBits, trips(term.node)};
      if (term.node >= n)
        box.dims.push_back(dim);
      else
        outer.push_back(dim);
    }
    for (const ConstantGather &gather : access.gathers) {
      int64_t rows = 1;
      for (unsigned loop : gather.nodes)
        if (loop >= n)
          rows = std::min(gather.extent, rows * tree.nodes[loop].tripCount);
      box.dims.push_back({gather.strideBits, rows});
      outer.push_back({gather.strideBits, gather.extent});
    }
    return normalize(box);
  }

  static int64_t strideOf(unsigned n, const ConstantAccess &access) {
    for (const ConstantTerm &term : access.terms)
      if (term.node == n)
        return term.strideBits;
    return 0;
  }

  static bool isGathered(unsigned n, const ConstantAccess &access) {
    return llvm::any_of(access.gathers, [&](const ConstantGather &gather) {
      return llvm::is_contained(gather.nodes, n);
    });
  }

  Touch makeLeaf(unsigned leaf, unsigned id) {
    const ConstantAccess &access = tree.accesses[id];
    computeFootprints(leaf, access);
    Touch touch;
    touch.buffer = access.buffer;
    touch.access = id;
    touch.firstOp = touch.writeOp = access.op;
    touch.firstIsWrite = touch.hasWrite = touch.dirty = access.isWrite;
    touch.present = config.storesBypass && access.isWrite ? 0 : 1;
    touch.region = footprints.back().region;
    touch.narrowBits = access.elementBits;
    touch.lines = touch.bodyLines = footprints.back().lines;
    touch.sectors = touch.bodySectors = footprints.back().sectors;
    for (const Footprint &footprint : llvm::ArrayRef(footprints).drop_back())
      touch.outer.push_back(
          {footprint.lines, footprint.sectors, footprint.twoLines});
    return touch;
  }

  /// Iterations that are less than a line apart.
  void addNarrowStep(Touch &touch, int64_t strideBits, int64_t trips) const {
    int64_t within = touch.narrowBits;
    touch.isGrouped =
        within <= strideBits &&
        (config.lineBits % strideBits == 0 || 8 * within <= config.lineBits);
    touch.narrowBits += strideBits * (trips - 1);
  }

  /// The region of a touch that was put together, over all iterations of node
  /// `n`: there is no access that names it.
  Touch::Outer extendUnion(Touch &touch, unsigned n,
                           llvm::SmallVectorImpl<BoxDim> &outer) const {
    computeRegion(tree.accesses[touch.access], n, outer);
    auto repeat = [&](int64_t count) {
      Box box = touch.region;
      box.dims.push_back({touch.strideBits, count});
      return normalize(box);
    };
    int64_t trips = tree.nodes[n].tripCount;
    double two = countGranules(repeat(std::min<int64_t>(trips, 2)),
                               config.lineBits, outer);
    touch.region = repeat(trips);
    return {countGranules(touch.region, config.lineBits, outer),
            countGranules(touch.region, config.sectorBits, outer), two};
  }

  /// The region of `touch` over all iterations of node `n`.
  void extendRegion(Touch &touch, unsigned n) const {
    const ConstantAccess &access = tree.accesses[touch.access];
    touch.bodyLines = touch.lines;
    touch.bodySectors = touch.sectors;
    Touch::Outer footprint = touch.outer.pop_back_val();
    int64_t stride = strideOf(n, access);
    bool gathered = isGathered(n, access);
    touch.varies = stride != 0 || gathered;
    touch.strideBits = stride;
    touch.isGrouped = false;
    touch.growth = touch.laterGrowth = 0;
    if (!touch.varies)
      return;
    if (stride != 0) {
      touch.order.push_back({stride, tree.nodes[n].tripCount});
      touch.ascending &= stride >= touch.largestStride;
      touch.largestStride = std::max(touch.largestStride, std::abs(stride));
      if (std::abs(stride) < config.lineBits)
        addNarrowStep(touch, std::abs(stride), tree.nodes[n].tripCount);
    }
    touch.ascending &= !gathered;
    llvm::SmallVector<BoxDim, 8> outer;
    if (touch.isUnion)
      footprint = extendUnion(touch, n, outer);
    else
      touch.region = computeRegion(access, n, outer);
    double trips = double(tree.nodes[n].tripCount);
    touch.lines = std::clamp(footprint.lines, touch.lines, touch.lines * trips);
    touch.sectors =
        std::clamp(footprint.sectors, touch.sectors, touch.sectors * trips);
    if (trips > 1)
      touch.growth =
          std::clamp(footprint.twoLines, touch.bodyLines, touch.lines) -
          touch.bodyLines;
    if (trips > 2)
      touch.laterGrowth =
          (touch.lines - touch.bodyLines - touch.growth) / (trips - 2);
  }

  /// Turns the touches of one iteration of node `n` into those of all, and
  /// reports the reuse from one iteration to the next.
  void closeLoop(unsigned n, double executions) {
    Summary &summary = nodes[n];
    double trips = double(summary.tripCount);
    for (Touch &touch : summary.touches) {
      touch.bodyRegion = touch.region;
      extendRegion(touch, n);
    }
    if (trips == 1)
      return;
    for (Touch &touch : summary.touches)
      emitLoopReuse(n, touch, touch.bodyRegion, executions);
    shareRegions(n, executions);
  }

  /// Reuse of `touch` from one iteration of node `n` to a later one.
  void emitLoopReuse(unsigned n, Touch &touch, const Box &bodyRegion,
                     double executions) {
    double trips = double(nodes[n].tripCount);
    double sectors = touch.bodySectors * trips - touch.sectors;
    if (sectors * touch.fresh < 1e-6)
      return;
    Samples distances = computeLoopDistances(n, touch, bodyRegion);
    ReuseClass reuse = makeReuse(n, touch);
    reuse.sectors = sectors * touch.fresh * executions;
    reuse.distances = distances;
    double again = std::min(sectors, touch.sectors);
    if (reuse.kind == ReuseKind::Read)
      reuse.distinct = again * touch.fresh;
    if (config.findsGaps)
      reuse.heldBits = countBits(bodyRegion);
    reuse.combined = touch.ascending;
    if (touch.firstIsWrite && touch.varies) {
      reuse.begun = again * touch.fresh * executions;
      reuse.coverDistances = touch.cover;
      if (2 * sectors > touch.sectors)
        touch.cover = maximum(touch.cover, distances);
    }
    consume(reuse);
    // Lines that another op has stored to can be evicted between the iterations
    // of one that only loads, if most of them are met again.
    bool onlyLoads = !touch.hasWrite && context.isStored(touch.buffer);
    if (onlyLoads && 2 * sectors > touch.sectors)
      touch.sinceStore.longest = maximum(touch.sinceStore.longest, distances);
    if (touch.dirty)
      emitLoopWriteBack(touch, reuse);
  }

  /// A read or write across iterations of node `n`, with a gap of its own.
  ReuseClass makeReuse(unsigned n, const Touch &touch) {
    ReuseClass reuse;
    reuse.kind = touch.firstIsWrite ? ReuseKind::Write : ReuseKind::Read;
    reuse.op = touch.firstOp;
    reuse.buffer = touch.buffer;
    reuse.gap = context.gaps++;
    reuse.firstLeaf = nodes[n].firstLeaf;
    reuse.endLeaf = nodes[n].endLeaf;
    reuse.depth = 2 * context.nodeDepth[n];
    reuse.readsBack = reuse.kind == ReuseKind::Read &&
                      context.holdsStoredData(touch.buffer, nodes[n].endLeaf, n,
                                              /*acrossIterations=*/true);
    return reuse;
  }

  /// What `reuse` meets again has been left dirty.
  void emitLoopWriteBack(const Touch &touch, ReuseClass reuse) {
    Residence residence = touch.sinceStore;
    residence.longest = maximum(residence.longest, reuse.distances);
    if (config.findsGaps)
      residence.pass(reuse.gap, 1);
    residence.follow(touch.beforeStore);
    reuse.begun = 0;
    reuse.kind = ReuseKind::WriteBack;
    reuse.gap = kNoGap;
    reuse.streamed = touch.firstIsWrite;
    reuse.op = touch.writeOp;
    reuse.distances = residence.longest;
    reuse.passed = std::move(residence.passed);
    consume(reuse);
  }

  /// How many iterations of node `n` later `touch` meets the same lines.
  int64_t findLag(unsigned n, const Touch &touch, const Box &bodyRegion) const {
    constexpr int64_t kMaxLag = 16;
    int64_t stride = strideOf(n, tree.accesses[touch.access]);
    if (stride == 0 || std::abs(stride) < config.lineBits)
      return 1;
    for (int64_t lag = 1; lag <= kMaxLag; ++lag) {
      Box shifted = bodyRegion;
      shifted.offsetBits += lag * stride;
      if (countSharedGranules(bodyRegion, touch.bodyLines, shifted,
                              touch.bodyLines, config.lineBits) > 0)
        return lag;
    }
    return 1;
  }

  /// The inner loop whose steps overlap those of node `n`, and where in it the
  /// shared storage lies in the earlier and in the later iteration.
  std::pair<DigitOverride, DigitOverride>
  findWindow(unsigned n, const Touch &touch, double p) const {
    int64_t stride = std::abs(strideOf(n, tree.accesses[touch.access]));
    if (stride < config.lineBits)
      return {};
    const ConstantTerm *inner = nullptr;
    for (const ConstantTerm &term : tree.accesses[touch.access].terms)
      if (term.node > n && std::abs(term.strideBits) <= stride &&
          (!inner || std::abs(term.strideBits) > std::abs(inner->strideBits)))
        inner = &term;
    if (!inner)
      return {};
    double trips = double(tree.nodes[inner->node].tripCount);
    double shift = double(stride / std::abs(inner->strideBits));
    double overlap = std::max(trips - 1 - shift, 0.0);
    if (trips <= 1)
      return {};
    DigitOverride later{inner->node, p * overlap / (trips - 1)};
    DigitOverride earlier{inner->node, 1 - (1 - p) * overlap / (trips - 1)};
    return {earlier, later};
  }

  /// Distances of the reuse that a loop carries: the tail of one iteration
  /// after the line is met last, and the head of the next one before it is met
  /// first.
  Samples computeLoopDistances(unsigned n, const Touch &touch,
                               const Box &bodyRegion) const {
    Samples distances{};
    if (config.findsGaps)
      return distances;
    int64_t lag = touch.varies ? findLag(n, touch, bodyRegion) : 1;
    for (unsigned i = 0; i < kSamples; ++i) {
      double p = kPositions[i];
      TouchOrder order(nodes, tree, config.lineBits, i);
      auto [earlier, later] = findWindow(n, touch, p);
      Path last = order.bodyMoment(TouchOrder::Last, n, touch, p, earlier);
      Path first = order.bodyMoment(TouchOrder::First, n, touch, p, later);
      double lines = 1;
      for (auto [t, other] : llvm::enumerate(nodes[n].touches)) {
        int64_t offset = order.getOffset(n, other);
        double after = order.bodyTail(n, t, last, offset);
        double before = order.bodyHead(n, t, first, offset);
        double same = other.varies
                          ? 1 - std::min(1.0, other.growth / other.bodyLines)
                          : 1;
        double both = std::max(0.0, after + before - other.bodyLines);
        lines += other.fresh * other.present *
                 (after + before - same * both +
                  double(lag - 1) * other.laterGrowth);
      }
      distances[i] = std::min(lines, context.allLines);
    }
    return distances;
  }

  /// How many iterations of node `n` after `earlier` does `later` meet the same
  /// storage? Nullopt where the two do not move alike, or do not move that far.
  std::optional<double> findLag(unsigned n, const Touch &earlier,
                                const Touch &later) const {
    int64_t stride = later.strideBits;
    if (stride == 0 || stride != earlier.strideBits)
      return std::nullopt;
    double lag =
        double(earlier.bodyRegion.offsetBits - later.bodyRegion.offsetBits) /
        double(stride);
    if (std::abs(lag) >= double(nodes[n].tripCount))
      return std::nullopt;
    return lag;
  }

  /// Touches of one buffer in the order in which they meet the same storage in
  /// the iterations of node `n`. Of A[i] and A[i-1], both of which move up,
  /// A[i] is first; where touches do not move alike, the order of the program
  /// decides.
  llvm::SmallVector<unsigned, 4>
  findTimeOrder(unsigned n, llvm::ArrayRef<unsigned> list) const {
    llvm::ArrayRef<Touch> touches = nodes[n].touches;
    llvm::SmallVector<unsigned, 4> order(list);
    auto isAlike = [&](unsigned a, unsigned b) {
      return findLag(n, touches[a], touches[b]).has_value();
    };
    for (unsigned a : list)
      if (touches[a].fresh < 1 ||
          !llvm::all_of(list, [&](unsigned b) { return isAlike(a, b); }))
        return order;
    llvm::sort(order, [&](unsigned a, unsigned b) {
      double lag = *findLag(n, touches[a], touches[b]);
      return lag != 0 ? lag > 0 : a < b;
    });
    return order;
  }

  /// Touches of one buffer may overlap once the loop is closed (A[i], A[i-1]):
  /// the later one then meets less that is new.
  void shareRegions(unsigned n, double executions) {
    llvm::MapVector<BufferId, llvm::SmallVector<unsigned, 4>> lists;
    for (auto [t, touch] : llvm::enumerate(nodes[n].touches))
      lists[touch.buffer].push_back(t);
    // Lines of one iteration, and of all.
    double body = 0, all = 0;
    for (const Touch &touch : nodes[n].touches) {
      body += touch.bodyLines * touch.fresh;
      all += touch.lines * touch.fresh;
    }
    for (const auto &[buffer, list] : lists) {
      if (list.size() < 2)
        continue;
      llvm::SmallVector<unsigned, 4> order = findTimeOrder(n, list);
      for (size_t b = 1; b < order.size(); ++b)
        shareRegion(n, llvm::ArrayRef(order).take_front(b), order[b], body, all,
                    executions);
    }
  }

  /// What touch `later` of node `n` shares with those of `earlier`.
  void shareRegion(unsigned n, llvm::ArrayRef<unsigned> earlier, unsigned later,
                   double body, double all, double executions) {
    Touch &touch = nodes[n].touches[later];
    llvm::SmallVector<double, 4> shared;
    for (unsigned a : earlier) {
      const Touch &other = nodes[n].touches[a];
      shared.push_back(countSharedGranules(other.region, other.lines,
                                           touch.region, touch.lines,
                                           config.lineBits) *
                       other.fresh);
    }
    double sum = std::accumulate(shared.begin(), shared.end(), 0.0);
    double fresh = std::clamp(1 - sum / touch.lines, 0.0, touch.fresh);
    if (touch.fresh - fresh < 1e-9)
      return;
    for (auto [a, lines] : llvm::zip_equal(earlier, shared))
      if (lines > 0)
        emitShared(n, nodes[n].touches[a], touch,
                   (touch.fresh - fresh) * lines / sum, body, all, executions);
    touch.fresh = fresh;
  }

  /// `later` meets `share` of its sectors after `earlier` has.
  void emitShared(unsigned n, Touch &earlier, const Touch &later, double share,
                  double body, double all, double executions) {
    double trips = double(nodes[n].tripCount);
    std::optional<double> lag = findLag(n, earlier, later);
    ReuseClass reuse = makeReuse(n, later);
    reuse.sectors = share * later.sectors * executions;
    Samples distances;
    for (unsigned i = 0; i < kSamples; ++i) {
      // Where the lag is not known, it is any, up to the whole loop.
      double part =
          lag ? std::max(0.0, std::abs(*lag) - 1) / (trips - 1) : kPositions[i];
      distances[i] = body + (all - body) * part;
    }
    reuse.distances = distances;
    if (reuse.kind == ReuseKind::Read)
      reuse.distinct = share * later.sectors;
    double linesShared = share * later.lines;
    if (config.findsGaps)
      reuse.heldBits = std::min(share * countBits(later.region),
                                std::ceil(std::abs(lag.value_or(trips))) *
                                    countBits(later.bodyRegion));
    consume(reuse);
    if (later.hasWrite || !context.isStored(later.buffer))
      return;
    if (2 * linesShared > earlier.lines)
      earlier.sinceStore.longest =
          maximum(earlier.sinceStore.longest, reuse.distances);
    if (config.findsGaps && earlier.hasWrite)
      earlier.sinceStore.pass(reuse.gap,
                              std::min(1.0, linesShared / earlier.lines));
  }

  /// The first leaf of a touch of the root.
  unsigned findFirstLeaf(const Touch &touch) const {
    const Part *part = &touch.firsts.front();
    unsigned n = nodes[0].children[part->child];
    while (!nodes[n].isAccess) {
      part = &nodes[n].touches[part->touch].firsts.front();
      n = nodes[n].children[part->child];
    }
    return nodes[n].firstLeaf;
  }

  /// What nothing in the function met before: here, at least. Another cache may
  /// have stored it.
  void emitFirstTouch(const Touch &touch) {
    ReuseClass reuse;
    reuse.kind = touch.firstIsWrite ? ReuseKind::Write : ReuseKind::Read;
    reuse.op = touch.firstOp;
    reuse.buffer = touch.buffer;
    reuse.sectors = touch.sectors * touch.fresh * touch.copies;
    reuse.distances = makeSamples(kInfinite);
    if (reuse.kind == ReuseKind::Read) {
      reuse.distinct = touch.sectors * touch.fresh;
      reuse.readsBack =
          context.holdsStoredData(touch.buffer, findFirstLeaf(touch), 0,
                                  /*acrossIterations=*/false);
    }
    consume(reuse);
  }

  ReuseContext context;
  const ConstantTree &tree;
  const ReuseConfig &config;
  ReuseConsumer consume;
  std::vector<Summary> &nodes; ///< Of the context.
  unsigned leaves = 0;
  llvm::SmallVector<Footprint, 12> footprints; ///< Scratch of makeLeaf.
};

} // namespace

void memwall::analyzeReuse(const LoopTree &source, const ConstantTree &tree,
                           const ReuseConfig &config, ReuseConsumer consume) {
  ConstantTree shared =
      distributeLoops(tree, config.units, config.unitsPerInstance);
  Analyzer(source, shared, config, consume).run();
}
