//===- LoopReuse.cpp - Reuse between the iterations of one loop -----------===//

#include "LoopReuse.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>

using namespace memwall;

LoopReuse::LoopReuse(ReuseContext &context, unsigned n, double executions)
    : context(context), config(context.config), n(n),
      loop(context.tree.nodes[n]), summary(context.nodes[n]),
      executions(executions) {}

void LoopReuse::run() {
  for (Touch &touch : summary.touches)
    emitOwn(touch);
  for (const Touch &touch : summary.touches) {
    oneLines += touch.one.lines * touch.fresh;
    allLines += touch.lines * touch.fresh;
  }
  emitShared();
}

//===----------------------------------------------------------------------===//
// One touch
//===----------------------------------------------------------------------===//

/// Reuse of `touch` from one iteration to a later one.
void LoopReuse::emitOwn(Touch &touch) {
  double trips = double(loop.tripCount);
  double sectors = touch.one.sectors * trips - touch.sectors;
  if (sectors * touch.fresh < 1e-6)
    return;
  Samples distances = computeDistances(touch);
  ReuseClass reuse = makeReuse(touch);
  reuse.sectors = sectors * touch.fresh * executions;
  reuse.distances = distances;
  double again = std::min(sectors, touch.sectors);
  if (reuse.kind == ReuseKind::Read)
    reuse.distinct = again * touch.fresh;
  if (config.findsGaps)
    reuse.heldBits = countBits(touch.one.region);
  reuse.combined = touch.sweep.ascending;
  if (touch.firstIsWrite && touch.one.varies) {
    reuse.begun = again * touch.fresh * executions;
    reuse.coverDistances = touch.cover;
    if (2 * sectors > touch.sectors)
      touch.cover = maximum(touch.cover, distances);
  }
  context.consume(reuse);
  // Lines that another op has stored to can be evicted between the iterations
  // of one that only loads, if most of them are met again.
  bool onlyLoads = !touch.hasWrite && context.isStored(touch.buffer);
  if (onlyLoads && 2 * sectors > touch.sectors)
    touch.sinceStore.longest = maximum(touch.sinceStore.longest, distances);
  if (touch.dirty)
    emitWriteBack(touch, reuse);
}

/// A read or write across iterations, with a gap of its own.
ReuseClass LoopReuse::makeReuse(const Touch &touch) {
  ReuseClass reuse;
  reuse.kind = touch.firstIsWrite ? ReuseKind::Write : ReuseKind::Read;
  reuse.op = touch.firstOp;
  reuse.buffer = touch.buffer;
  reuse.carrier = loop.loop;
  reuse.isAcrossIterations = true;
  reuse.previous = context.findLastOp(n, touch);
  reuse.gap = context.gaps++;
  reuse.firstLeaf = summary.firstLeaf;
  reuse.endLeaf = summary.endLeaf;
  reuse.depth = 2 * context.nodeDepth[n];
  reuse.readsBack = reuse.kind == ReuseKind::Read &&
                    context.holdsStoredData(touch.buffer, summary.endLeaf, n,
                                            /*acrossIterations=*/true);
  return reuse;
}

/// What `reuse` meets again has been left dirty.
void LoopReuse::emitWriteBack(const Touch &touch, ReuseClass reuse) {
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
  context.consume(reuse);
}

/// How many iterations later `touch` meets the same lines.
int64_t LoopReuse::findLag(const Touch &touch) const {
  constexpr int64_t kMaxLag = 16;
  int64_t stride = touch.one.strideBits;
  if (stride == 0 || std::abs(stride) < config.lineBits)
    return 1;
  for (int64_t lag = 1; lag <= kMaxLag; ++lag) {
    StridedBox shifted = touch.one.region.shift(lag * stride);
    if (estimateSharedGranules(touch.one.region, touch.one.lines, shifted,
                               touch.one.lines, config.lineBits) > 0)
      return lag;
  }
  return 1;
}

/// The inner loop whose steps overlap those of this one, and where in it the
/// shared storage lies in the earlier and in the later iteration.
std::pair<DigitOverride, DigitOverride>
LoopReuse::findWindow(const Touch &touch, double p) const {
  int64_t stride = std::abs(touch.one.strideBits);
  if (stride < config.lineBits)
    return {};
  const ConstantTerm *inner = nullptr;
  for (const ConstantTerm &term : context.tree.accesses[touch.access].terms)
    if (term.node > n && std::abs(term.strideBits) <= stride &&
        (!inner || std::abs(term.strideBits) > std::abs(inner->strideBits)))
      inner = &term;
  if (!inner)
    return {};
  double trips = double(context.tree.nodes[inner->node].tripCount);
  double shift = double(stride / std::abs(inner->strideBits));
  double overlap = std::max(trips - 1 - shift, 0.0);
  if (trips <= 1)
    return {};
  DigitOverride later{inner->node, p * overlap / (trips - 1)};
  DigitOverride earlier{inner->node, 1 - (1 - p) * overlap / (trips - 1)};
  return {earlier, later};
}

/// Distances of the reuse that a loop carries: the tail of one iteration after
/// the line is met last, and the head of the next one before it is met first.
Samples LoopReuse::computeDistances(const Touch &touch) const {
  Samples distances{};
  if (config.findsGaps)
    return distances;
  int64_t lag = touch.one.varies ? findLag(touch) : 1;
  for (unsigned i = 0; i < kSamples; ++i) {
    double p = kPositions[i];
    TouchOrder order(context.nodes, context.tree, config.lineBits, i);
    auto [earlier, later] = findWindow(touch, p);
    Path last = order.bodyMoment(TouchOrder::Last, n, touch, p, earlier);
    Path first = order.bodyMoment(TouchOrder::First, n, touch, p, later);
    double lines = 1;
    for (auto [t, other] : llvm::enumerate(summary.touches)) {
      int64_t offset = order.getOffset(n, other);
      double after = order.bodyTail(n, t, last, offset);
      double before = order.bodyHead(n, t, first, offset);
      double same = other.one.varies
                        ? 1 - std::min(1.0, other.one.growth / other.one.lines)
                        : 1;
      double both = std::max(0.0, after + before - other.one.lines);
      lines += other.fresh * other.present *
               (after + before - same * both +
                double(lag - 1) * other.one.laterGrowth);
    }
    distances[i] = std::min(lines, context.allLines);
  }
  return distances;
}

//===----------------------------------------------------------------------===//
// Two touches of one buffer
//===----------------------------------------------------------------------===//

/// How many iterations after `earlier` does `later` meet the same storage?
/// Nullopt where the two do not move alike, or do not move that far.
std::optional<double> LoopReuse::findLag(const Touch &earlier,
                                         const Touch &later) const {
  int64_t stride = later.one.strideBits;
  if (stride == 0 || stride != earlier.one.strideBits)
    return std::nullopt;
  double lag = double(earlier.one.region.first() - later.one.region.first()) /
               double(stride);
  if (std::abs(lag) >= double(loop.tripCount))
    return std::nullopt;
  return lag;
}

/// Touches of one buffer in the order in which the iterations meet the same
/// storage through them. Of A[i] and A[i-1], both of which move up, A[i] is
/// first. The order of the program decides where touches do not move alike, and
/// where they share storage within one iteration.
llvm::SmallVector<unsigned, 4>
LoopReuse::findTimeOrder(llvm::ArrayRef<unsigned> list) const {
  llvm::ArrayRef<Touch> touches = summary.touches;
  llvm::SmallVector<unsigned, 4> order(list);
  auto isAlike = [&](unsigned a, unsigned b) {
    return findLag(touches[a], touches[b]).has_value();
  };
  for (unsigned a : list)
    if (touches[a].fresh < 1 ||
        !llvm::all_of(list, [&](unsigned b) { return isAlike(a, b); }))
      return order;
  llvm::sort(order, [&](unsigned a, unsigned b) {
    double lag = *findLag(touches[a], touches[b]);
    return lag != 0 ? lag > 0 : a < b;
  });
  return order;
}

/// Touches of one buffer may overlap once the loop is closed (A[i], A[i-1]):
/// the later one then meets less that is new.
void LoopReuse::emitShared() {
  llvm::MapVector<BufferId, llvm::SmallVector<unsigned, 4>> lists;
  for (auto [t, touch] : llvm::enumerate(summary.touches))
    lists[touch.buffer].push_back(t);
  for (const auto &[buffer, list] : lists) {
    if (list.size() < 2)
      continue;
    llvm::SmallVector<unsigned, 4> order = findTimeOrder(list);
    for (size_t b = 1; b < order.size(); ++b)
      emitShared(llvm::ArrayRef(order).take_front(b),
                 summary.touches[order[b]]);
  }
}

/// What `later` shares with the touches `earlier` of the loop.
void LoopReuse::emitShared(llvm::ArrayRef<unsigned> earlier, Touch &later) {
  llvm::SmallVector<double, 4> shared;
  for (unsigned a : earlier) {
    const Touch &other = summary.touches[a];
    shared.push_back(estimateSharedGranules(other.region, other.lines,
                                            later.region, later.lines,
                                            config.lineBits) *
                     other.fresh);
  }
  double sum = std::accumulate(shared.begin(), shared.end(), 0.0);
  double fresh = std::clamp(1 - sum / later.lines, 0.0, later.fresh);
  if (later.fresh - fresh < 1e-9)
    return;
  for (auto [a, lines] : llvm::zip_equal(earlier, shared))
    if (lines > 0)
      emitShared(summary.touches[a], later,
                 (later.fresh - fresh) * lines / sum);
  later.fresh = fresh;
}

/// `later` meets `share` of its sectors after `earlier` has.
void LoopReuse::emitShared(Touch &earlier, const Touch &later, double share) {
  double trips = double(loop.tripCount);
  std::optional<double> lag = findLag(earlier, later);
  ReuseClass reuse = makeReuse(later);
  reuse.previous = context.findLastOp(n, earlier);
  reuse.sectors = share * later.sectors * executions;
  Samples distances;
  for (unsigned i = 0; i < kSamples; ++i) {
    // Where the lag is not known, it is any, up to the whole loop.
    double part =
        lag ? std::max(0.0, std::abs(*lag) - 1) / (trips - 1) : kPositions[i];
    distances[i] = oneLines + (allLines - oneLines) * part;
  }
  reuse.distances = distances;
  if (reuse.kind == ReuseKind::Read)
    reuse.distinct = share * later.sectors;
  double linesShared = share * later.lines;
  if (config.findsGaps)
    reuse.heldBits = std::min(share * countBits(later.region),
                              std::ceil(std::abs(lag.value_or(trips))) *
                                  countBits(later.one.region));
  context.consume(reuse);
  if (later.hasWrite || !context.isStored(later.buffer))
    return;
  if (2 * linesShared > earlier.lines)
    earlier.sinceStore.longest =
        maximum(earlier.sinceStore.longest, reuse.distances);
  if (config.findsGaps && earlier.hasWrite)
    earlier.sinceStore.pass(reuse.gap,
                            std::min(1.0, linesShared / earlier.lines));
}
