//===- Sequence.cpp - Reuse between the children of one node --------------===//

#include "Sequence.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

/// Matches and leftovers below this many lines are rounding noise.
static constexpr double kNoLines = 1e-6;

/// How far back a touch looks for one that it continues.
static constexpr unsigned kMostNeighbours = 32;

Sequence::Sequence(const LoopTree &source, const ConstantTree &tree,
                   const ReuseConfig &config,
                   llvm::MutableArrayRef<Summary> nodes, unsigned n,
                   double iterations, double allLines, ReuseConsumer consume)
    : source(source), tree(tree), config(config), nodes(nodes), n(n),
      iterations(iterations), allLines(allLines), consume(consume) {
  entriesOfChild.resize(nodes[n].children.size());
  recent.resize(nodes[n].children.size() + 1, 0);
}

void Sequence::run() {
  findDeaths();
  if (nodes[n].children.size() == 1)
    body.reserve(childSummary(0).touches.size());
  for (unsigned k = 0, e = nodes[n].children.size(); k != e; ++k)
    runChild(k);
  if (n == 0)
    emitFlushes();
  nodes[n].touches = std::move(body);
}

//===----------------------------------------------------------------------===//
// Recency
//===----------------------------------------------------------------------===//

void Sequence::addRecent(unsigned child, double lines) {
  for (unsigned i = child + 1; i < recent.size(); i += i & -i)
    recent[i] += lines;
}

double Sequence::recentUpTo(unsigned child) const {
  double lines = 0;
  for (unsigned i = child + 1; i > 0; i -= i & -i)
    lines += recent[i];
  return lines;
}

//===----------------------------------------------------------------------===//
// One child
//===----------------------------------------------------------------------===//

void Sequence::runChild(unsigned k) {
  if (isAlone()) {
    for (unsigned t = 0; t < childSummary(k).touches.size(); ++t) {
      bool isExtension;
      addBodyTouch(k, t, isExtension);
    }
    return;
  }
  findMatches(k);
  llvm::SmallVector<Distances, 8> distances;
  for (const Match &match : matches) {
    distances.push_back(computeDistances(match, k));
    emitReuse(match, k, distances.back());
  }
  updateEntries(k, distances);
  emitDeaths(k);
}

/// Two touches whose places relative to one another are the same in all
/// iterations of the loops around.
bool Sequence::isComparable(const Touch &a, const Touch &b) const {
  const ConstantAccess &left = tree.accesses[a.access];
  const ConstantAccess &right = tree.accesses[b.access];
  size_t i = 0, j = 0;
  for (;; ++i, ++j) {
    bool moreLeft = i < left.terms.size() && left.terms[i].node <= n;
    bool moreRight = j < right.terms.size() && right.terms[j].node <= n;
    if (!moreLeft || !moreRight)
      return moreLeft == moreRight;
    if (left.terms[i].node != right.terms[j].node ||
        left.terms[i].strideBits != right.terms[j].strideBits)
      return false;
  }
}

void Sequence::findMatches(unsigned k) {
  matches.clear();
  // Lines of an entry that this child has claimed so far.
  llvm::SmallDenseMap<unsigned, double, 8> claimed;
  for (auto [t, touch] : llvm::enumerate(childSummary(k).touches)) {
    auto found = entriesOfBuffer.find(touch.buffer);
    if (found == entriesOfBuffer.end())
      continue;
    double rest = touch.lines * touch.fresh;
    for (unsigned e : llvm::reverse(found->second)) {
      if (rest < kNoLines)
        break;
      const Entry &entry = entries[e];
      const Touch &earlier = touchOf(entry);
      if (!isComparable(earlier, touch))
        continue;
      double lines = std::min(
          {estimateSharedGranules(earlier.region, earlier.lines, touch.region,
                                  touch.lines, config.lineBits),
           entry.lines - claimed.lookup(e), rest});
      if (lines < kNoLines)
        continue;
      claimed[e] += lines;
      rest -= lines;
      double sectors = lines * touch.sectors / touch.lines;
      if (config.sectorBits != config.lineBits)
        sectors =
            std::min(sectors, estimateSharedGranules(
                                  earlier.region, earlier.sectors, touch.region,
                                  touch.sectors, config.sectorBits));
      matches.push_back({unsigned(t), e, lines, sectors});
    }
  }
}

//===----------------------------------------------------------------------===//
// Distances
//===----------------------------------------------------------------------===//

Distances Sequence::computeDistances(const Match &match, unsigned k) const {
  const Touch &late = childSummary(k).touches[match.touch];
  const Touch &early = touchOf(entries[match.entry]);
  bool sameOrder =
      (late.ascending && early.ascending) || late.order == early.order;
  // Positions of the shared part within either touch.
  auto position = [&](const Touch &touch, double p) {
    double begin = touch.region.first(), end = touch.region.last() + 1;
    double first = std::max(early.region.first(), late.region.first());
    double last = std::min(early.region.last() + 1, late.region.last() + 1);
    if (last <= first || !touch.ascending)
      return p;
    return std::clamp((first + p * (last - first) - begin) / (end - begin), 0.0,
                      1.0);
  };
  Distances distances{};
  constexpr double mixedEarly[kSamples] = {1, 1, 0.5, 0, 0};
  constexpr double mixedLate[kSamples] = {0, 0.5, 0.5, 0.5, 1};
  if (config.sets.empty())
    return distances;
  for (unsigned i = 0; i < kSamples; ++i) {
    double p = kPositions[i];
    double pEarly = position(early, sameOrder ? p : mixedEarly[i]);
    double pLate = position(late, sameOrder ? p : mixedLate[i]);
    distances[0][i] = computeDistance(match, k, pEarly, pLate, i);
  }
  distances.fill(distances[0]);
  return distances;
}

/// Lines that child `j` touches after the moment `path` and nobody since.
double Sequence::computeTail(unsigned j, const Path &path,
                             unsigned sample) const {
  unsigned below = nodes[n].children[j];
  if (nodes[below].isAccess)
    return 0;
  TouchOrder order(nodes, tree, config.lineBits, sample);
  double lines = 0;
  for (unsigned e : entriesOfChild[j]) {
    const Entry &entry = entries[e];
    if (entry.lines < kNoLines)
      continue;
    lines += order.tail(below, entry.touch, path) * entry.present *
             (entry.lines / touchOf(entry).lines);
  }
  return lines;
}

double Sequence::computeDistance(const Match &match, unsigned k, double early,
                                 double late, unsigned sample) const {
  TouchOrder order(nodes, tree, config.lineBits, sample);
  const Entry &entry = entries[match.entry];
  unsigned j = entry.child;
  unsigned nodeJ = nodes[n].children[j], nodeK = nodes[n].children[k];
  Path last = order.moment(TouchOrder::Last, nodeJ, entry.touch, early);
  Path first = order.moment(TouchOrder::First, nodeK, match.touch, late);
  double lines =
      1 + computeTail(j, last, sample) + recentUpTo(k) - recentUpTo(j);
  if (nodes[nodeK].isAccess)
    return lines;
  llvm::SmallVector<double, 8> heads;
  for (auto [t, touch] : llvm::enumerate(childSummary(k).touches)) {
    heads.push_back(order.head(nodeK, t, first));
    heads.back() *= touch.present;
    lines += heads.back() * touch.fresh;
  }
  // What the head shares with the children between, or with the tail, was
  // counted twice.
  for (const Match &other : matches) {
    const Entry &owner = entries[other.entry];
    double share = heads[other.touch] * other.lines /
                   childSummary(k).touches[other.touch].lines;
    if (owner.child > j) {
      lines -= share;
    } else if (owner.child == j && !nodes[nodeJ].isAccess) {
      double after = order.tail(nodeJ, owner.touch, last) * other.lines /
                     touchOf(owner).lines;
      lines -= std::max(0.0, after + share - other.lines);
    }
  }
  return std::clamp(lines, 1.0, allLines);
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

/// Dirty ones among the sectors that a match takes over.
double Sequence::claimDirty(const Entry &entry, const Match &match) {
  bool isWhole = match.lines >= entry.lines - kNoLines;
  if (isWhole || entry.sectors <= 0)
    return entry.dirtySectors;
  return entry.dirtySectors * std::min(1.0, match.sectors / entry.sectors);
}

void Sequence::emitReuse(const Match &match, unsigned k,
                         const Distances &distances) {
  const Touch &touch = childSummary(k).touches[match.touch];
  const Entry &entry = entries[match.entry];
  double share = match.lines / touch.lines;
  ReuseClass reuse;
  reuse.kind = touch.firstIsWrite ? ReuseKind::Write : ReuseKind::Read;
  reuse.op = touch.firstOp;
  reuse.buffer = touch.buffer;
  // Only caches that have met the lines find them.
  double copies = std::min(touch.copies, touchOf(entry).copies);
  reuse.sectors = match.sectors * iterations * copies;
  reuse.streamed = touchOf(entry).firstIsWrite;
  reuse.distances = distances;
  reuse.firstLeaf = childSummary(entry.child).firstLeaf;
  reuse.endLeaf = childSummary(k).endLeaf;
  if (config.countsHeldBits)
    reuse.heldBits = countBits(touch.region) * share;
  consume(reuse);
  emitElsewhere(reuse, touch.copies / copies - 1);
  double dirty = claimDirty(entry, match);
  if (!touch.hasWrite || dirty <= 0)
    return;
  reuse.kind = ReuseKind::WriteBack;
  reuse.op = entry.writeOp;
  reuse.sectors = dirty * iterations * touchOf(entry).copies;
  reuse.distances = maximum(maximum(entry.gap, distances), touch.firstWriteGap);
  consume(reuse);
}

/// The other caches that touch the same have not met it yet.
void Sequence::emitElsewhere(ReuseClass reuse, double copies) {
  if (copies <= 0)
    return;
  reuse.sectors *= copies;
  reuse.distances = makeDistances(kInfinite);
  consume(reuse);
}

void Sequence::updateEntries(unsigned k, llvm::ArrayRef<Distances> distances) {
  const Summary &child = childSummary(k);
  size_t firstNew = entries.size();
  llvm::SmallVector<bool, 8> extended;
  for (auto [t, touch] : llvm::enumerate(child.touches)) {
    Entry entry;
    entry.buffer = touch.buffer;
    entry.child = k;
    entry.touch = t;
    entry.lines = touch.lines * touch.fresh;
    entry.sectors = touch.sectors * touch.fresh;
    entry.present = touch.present;
    bool isDirty = touch.dirty && touch.present > 0;
    entry.dirtySectors = isDirty ? entry.sectors : 0;
    entry.writeOp = touch.writeOp;
    entry.gap = touch.lastWriteGap;
    bool isExtension;
    entry.bodyTouch = addBodyTouch(k, t, isExtension);
    extended.push_back(isExtension);
    entries.push_back(entry);
  }
  for (auto [match, distance] : llvm::zip(matches, distances)) {
    Entry &old = entries[match.entry];
    Entry &now = entries[firstNew + match.touch];
    const Touch &touch = child.touches[match.touch];
    double dirty = claimDirty(old, match);
    if (touch.dirty && now.present < old.present) {
      // A store that finds its line does not go around the cache.
      now.present = old.present;
      now.dirtySectors = now.sectors;
    }
    if (!touch.hasWrite && dirty > 0) {
      now.dirtySectors += dirty;
      now.writeOp = old.writeOp;
      now.gap = maximum(now.gap, maximum(old.gap, distance));
    }
    Touch &whole = body[now.bodyTouch];
    Touch &before = body[old.bodyTouch];
    bool isExtension = extended[match.touch];
    if (&whole == &before && isExtension)
      ; // Its union counts the shared lines once.
    else if (&whole == &before) {
      if (touch.hasWrite && !whole.hasWrite)
        whole.firstWriteGap =
            maximum(whole.lastWriteGap, maximum(distance, touch.firstWriteGap));
      whole.hasWrite |= touch.hasWrite;
      whole.dirty = now.dirtySectors > 0;
      whole.writeOp = now.writeOp;
      whole.lastWriteGap = now.gap;
    } else {
      whole.fresh -= match.lines / whole.lines;
      before.lastWriteGap = maximum(before.lastWriteGap, distance);
    }
    before.present = std::max(before.present, touch.present);
    // The new touch is now the last that met these lines.
    constexpr double kMost = 0.5;
    if (!isExtension && match.lines > kMost * before.lines)
      before.lasts = {{1, k, match.touch}};
    addRecent(old.child, -match.lines * old.present);
    old.dirtySectors -= dirty;
    old.sectors = std::max(0.0, old.sectors - match.sectors);
    old.lines -= match.lines;
  }
  for (size_t e = firstNew; e < entries.size(); ++e) {
    Entry &entry = entries[e];
    addRecent(k, entry.lines * entry.present);
    entriesOfChild[k].push_back(e);
    llvm::SmallVector<unsigned, 4> &list = entriesOfBuffer[entry.buffer];
    llvm::erase_if(list,
                   [&](unsigned i) { return entries[i].lines < kNoLines; });
    list.push_back(e);
  }
}

/// The touch of the node that touch `t` of child `k` belongs to: one with the
/// same region, one that it continues, or a new one.
unsigned Sequence::addBodyTouch(unsigned k, unsigned t, bool &isExtension) {
  const Touch &touch = childSummary(k).touches[t];
  isExtension = false;
  for (const Match &match : matches) {
    if (match.touch != t || match.lines < touch.lines - kNoLines)
      continue;
    unsigned id = entries[match.entry].bodyTouch;
    const Touch &whole = body[id];
    if (whole.region.first() == touch.region.first() &&
        whole.region.getSteps() == touch.region.getSteps() &&
        whole.order == touch.order)
      return id;
  }
  for (unsigned id = body.size();
       id-- > 0 && id + kMostNeighbours >= body.size();)
    if (extendBodyTouch(body[id], touch, {1, k, t})) {
      isExtension = true;
      return id;
    }
  Touch &copy = body.emplace_back(touch);
  copy.firsts = copy.lasts = {{1, k, t}};
  copy.bodyLines = copy.lines;
  copy.bodySectors = copy.sectors;
  return body.size() - 1;
}

/// Joins regions that continue one another along one dimension (full tiles and
/// their remainder).
static bool joinRegions(StridedBox &a, const StridedBox &b) {
  if (a.getWidth() != b.getWidth() || a.first() >= b.first())
    return false;
  auto countOf = [](const StridedBox &box, int64_t stride) {
    for (Progression step : box.getSteps())
      if (step.stride == stride)
        return step.count;
    return int64_t(1);
  };
  int64_t distance = b.first() - a.first();
  int64_t along = 0;
  auto check = [&](Progression step) {
    int64_t na = countOf(a, step.stride), nb = countOf(b, step.stride);
    bool continues = distance == na * step.stride;
    if (na == nb && !(continues && along == 0))
      return true;
    if (!continues || (along != 0 && along != step.stride))
      return false;
    along = step.stride;
    return true;
  };
  if (!llvm::all_of(a.getSteps(), check) ||
      !llvm::all_of(b.getSteps(), check) || !along)
    return false;
  llvm::SmallVector<Progression, 8> steps(a.getSteps());
  llvm::erase_if(steps, [&](Progression step) { return step.stride == along; });
  steps.push_back({along, countOf(a, along) + countOf(b, along)});
  a = StridedBox(a.first(), steps, a.getWidth());
  return true;
}

bool Sequence::extendBodyTouch(Touch &whole, const Touch &touch,
                               Part part) const {
  bool isAlike =
      whole.buffer == touch.buffer && whole.firstOp == touch.firstOp &&
      whole.writeOp == touch.writeOp && whole.hasWrite == touch.hasWrite &&
      whole.dirty == touch.dirty && whole.firstIsWrite == touch.firstIsWrite &&
      whole.copies == touch.copies && whole.fresh == 1 && touch.fresh == 1;
  if (!isAlike || !isComparable(whole, touch) ||
      !joinRegions(whole.region, touch.region))
    return false;
  llvm::SmallVector<Progression, 8> outer;
  for (const ConstantTerm &term : tree.accesses[whole.access].terms)
    if (term.node <= n)
      outer.push_back({term.strideBits, tree.nodes[term.node].tripCount});
  double before = whole.lines;
  auto count = [&](int64_t granule, double a, double b) {
    return std::clamp(countBoxGranules(whole.region, granule, outer),
                      std::max(a, b), a + b);
  };
  whole.lines = count(config.lineBits, whole.lines, touch.lines);
  whole.sectors = count(config.sectorBits, whole.sectors, touch.sectors);
  whole.bodyLines = whole.lines;
  whole.bodySectors = whole.sectors;
  for (auto *parts : {&whole.firsts, &whole.lasts}) {
    for (Part &old : *parts)
      old.end *= before / whole.lines;
    parts->push_back(part);
  }
  whole.firstWriteGap = maximum(whole.firstWriteGap, touch.firstWriteGap);
  whole.lastWriteGap = maximum(whole.lastWriteGap, touch.lastWriteGap);
  whole.cover = maximum(whole.cover, touch.cover);
  whole.isUnion = true;
  return true;
}

//===----------------------------------------------------------------------===//
// Deaths
//===----------------------------------------------------------------------===//

void Sequence::findDeaths() {
  NodeId scope = tree.nodes[n].origin;
  if (scope == ~0u)
    return;
  for (unsigned k = 0, e = nodes[n].children.size(); k != e; ++k)
    for (const Touch &touch : childSummary(k).touches) {
      const Buffer &buffer = source.buffers[touch.buffer];
      if (buffer.scope == scope && !buffer.liveOut)
        deathOf[touch.buffer] = k;
    }
}

/// From the last touch of `entry` to the end of child `k`.
Distances Sequence::computeTails(const Entry &entry, unsigned k) const {
  Distances distances{};
  if (config.sets.empty())
    return distances;
  unsigned below = nodes[n].children[entry.child];
  for (unsigned i = 0; i < kSamples; ++i) {
    TouchOrder order(nodes, tree, config.lineBits, i);
    Path last =
        order.moment(TouchOrder::Last, below, entry.touch, kPositions[i]);
    distances[0][i] = 1 + computeTail(entry.child, last, i) + recentUpTo(k) -
                      recentUpTo(entry.child);
  }
  distances.fill(distances[0]);
  return distances;
}

/// Buffers whose last use was child `k`: what is dirty goes back only if it is
/// evicted before the child ends.
void Sequence::emitDeaths(unsigned k) {
  if (deathOf.empty())
    return;
  for (const Touch &used : childSummary(k).touches) {
    auto death = deathOf.find(used.buffer);
    if (death == deathOf.end() || death->second != k)
      continue;
    deathOf.erase(death);
    for (unsigned e : entriesOfBuffer[used.buffer]) {
      Entry &entry = entries[e];
      if (entry.dirtySectors <= 0)
        continue;
      ReuseClass reuse;
      reuse.kind = ReuseKind::WriteBack;
      reuse.dead = true;
      reuse.streamed = touchOf(entry).firstIsWrite;
      reuse.op = entry.writeOp;
      reuse.buffer = entry.buffer;
      reuse.sectors = entry.dirtySectors * iterations * touchOf(entry).copies;
      unsigned below = nodes[n].children[entry.child];
      reuse.firstLeaf = nodes[below].firstLeaf;
      reuse.endLeaf = childSummary(k).endLeaf;
      reuse.distances = maximum(entry.gap, computeTails(entry, k));
      consume(reuse);
      entry.dirtySectors = 0;
      body[entry.bodyTouch].dirty = false;
    }
  }
}

/// At the end of the function: dirty and visible.
void Sequence::emitFlushes() {
  for (const Entry &entry : entries) {
    if (entry.dirtySectors <= 0 || !source.buffers[entry.buffer].liveOut)
      continue;
    ReuseClass reuse;
    reuse.kind = ReuseKind::Flush;
    reuse.streamed = touchOf(entry).firstIsWrite;
    reuse.op = entry.writeOp;
    reuse.buffer = entry.buffer;
    reuse.sectors = entry.dirtySectors * touchOf(entry).copies;
    reuse.distances = makeDistances(kInfinite);
    consume(reuse);
  }
}
