//===- ReuseAnalysis.cpp - Walks a constant tree, innermost first ---------===//

#include "ReuseAnalysis.h"
#include "LoopReuse.h"
#include "Sequence.h"
#include "Touch.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>

using namespace memwall;

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
    StridedBox region;
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
      llvm::SmallVector<Progression, 8> outer;
      footprint.region = computeRegion(access, footprint.node, outer);
      footprint.varies = strideOf(footprint.node, access) != 0 ||
                         isGathered(footprint.node, access);
      if (depth > 0 && !footprints.back().varies) {
        // Nothing changes below a loop that does not move the access.
        footprint.lines = footprints.back().lines;
        footprint.sectors = footprints.back().sectors;
      } else {
        footprint.lines = std::min(
            lines, countBoxGranules(footprint.region, config.lineBits, outer));
        footprint.sectors =
            std::min(sectors, countBoxGranules(footprint.region,
                                               config.sectorBits, outer));
      }
      lines = footprint.lines;
      sectors = footprint.sectors;
      footprint.twoLines = lines;
      if (footprint.varies && tree.nodes[footprint.node].tripCount > 2) {
        StridedBox two = computeRegion(access, footprint.node, outer, 2);
        footprint.twoLines =
            std::min(lines, countBoxGranules(two, config.lineBits, outer));
      }
      footprints.push_back(std::move(footprint));
    }
  }

  /// What `access` touches in one execution of node `n`, or in its first `most`
  /// iterations, and the steps of the loops around.
  StridedBox
  computeRegion(const ConstantAccess &access, unsigned n,
                llvm::SmallVectorImpl<Progression> &outer,
                int64_t most = std::numeric_limits<int64_t>::max()) const {
    llvm::SmallVector<Progression, 8> steps;
    outer.clear();
    auto trips = [&](unsigned node) {
      int64_t count = tree.nodes[node].tripCount;
      return node == n ? std::min(count, most) : count;
    };
    for (const ConstantTerm &term : llvm::reverse(access.terms)) {
      Progression step{term.strideBits, trips(term.node)};
      (term.node >= n ? steps : outer).push_back(step);
    }
    for (const ConstantGather &gather : access.gathers) {
      int64_t rows = 1;
      for (unsigned loop : gather.nodes)
        if (loop >= n)
          rows = std::min(gather.extent, rows * tree.nodes[loop].tripCount);
      steps.push_back({gather.strideBits, rows});
      outer.push_back({gather.strideBits, gather.extent});
    }
    return StridedBox(access.offsetBits, steps, access.elementBits);
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
    touch.sweep.narrowBits = access.elementBits;
    touch.lines = footprints.back().lines;
    touch.sectors = footprints.back().sectors;
    for (const Footprint &footprint : llvm::ArrayRef(footprints).drop_back())
      touch.outer.push_back(
          {footprint.lines, footprint.sectors, footprint.twoLines});
    return touch;
  }

  /// Iterations that are less than a line apart.
  void addNarrowStep(Touch &touch, int64_t strideBits, int64_t trips) const {
    int64_t within = touch.sweep.narrowBits;
    touch.one.isGrouped =
        within <= strideBits &&
        (config.lineBits % strideBits == 0 || 8 * within <= config.lineBits);
    touch.sweep.narrowBits += strideBits * (trips - 1);
  }

  /// The region of a touch that was put together, over all iterations of node
  /// `n`: there is no access that names it.
  OuterFootprint extendUnion(Touch &touch, unsigned n,
                             llvm::SmallVectorImpl<Progression> &outer) const {
    computeRegion(tree.accesses[touch.access], n, outer);
    auto repeat = [&](int64_t count) {
      return touch.region.repeat({touch.one.strideBits, count});
    };
    int64_t trips = tree.nodes[n].tripCount;
    double two = countBoxGranules(repeat(std::min<int64_t>(trips, 2)),
                                  config.lineBits, outer);
    touch.region = repeat(trips);
    return {countBoxGranules(touch.region, config.lineBits, outer),
            countBoxGranules(touch.region, config.sectorBits, outer), two};
  }

  /// The region of `touch` over all iterations of node `n`.
  void extendRegion(Touch &touch, unsigned n) const {
    const ConstantAccess &access = tree.accesses[touch.access];
    OuterFootprint footprint = touch.outer.pop_back_val();
    int64_t stride = strideOf(n, access);
    bool gathered = isGathered(n, access);
    touch.one = Iteration();
    touch.one.varies = stride != 0 || gathered;
    touch.one.strideBits = stride;
    touch.one.region = touch.region;
    touch.one.lines = touch.lines;
    touch.one.sectors = touch.sectors;
    if (!touch.one.varies)
      return;
    if (stride != 0) {
      touch.sweep.steps.push_back({stride, tree.nodes[n].tripCount});
      touch.sweep.ascending &= stride >= touch.sweep.largestStride;
      touch.sweep.largestStride =
          std::max(touch.sweep.largestStride, std::abs(stride));
      if (std::abs(stride) < config.lineBits)
        addNarrowStep(touch, std::abs(stride), tree.nodes[n].tripCount);
    }
    touch.sweep.ascending &= !gathered;
    llvm::SmallVector<Progression, 8> outer;
    if (touch.isUnion)
      footprint = extendUnion(touch, n, outer);
    else
      touch.region = computeRegion(access, n, outer);
    double trips = double(tree.nodes[n].tripCount);
    touch.lines = std::clamp(footprint.lines, touch.lines, touch.lines * trips);
    touch.sectors =
        std::clamp(footprint.sectors, touch.sectors, touch.sectors * trips);
    if (trips > 1)
      touch.one.growth =
          std::clamp(footprint.twoLines, touch.one.lines, touch.lines) -
          touch.one.lines;
    if (trips > 2)
      touch.one.laterGrowth =
          (touch.lines - touch.one.lines - touch.one.growth) / (trips - 2);
  }

  /// Turns the touches of one iteration of node `n` into those of all, and
  /// reports the reuse from one iteration to the next.
  void closeLoop(unsigned n, double executions) {
    Summary &summary = nodes[n];
    for (Touch &touch : summary.touches)
      extendRegion(touch, n);
    if (summary.tripCount > 1)
      LoopReuse(context, n, executions).run();
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
