//===- Sequence.cpp - Reuse between the children of one node --------------===//

#include "Sequence.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

/// Matches and leftovers below this many lines are rounding noise.
static constexpr double kNoLines = 1e-6;

/// How far back a touch looks for one that it continues.
static constexpr unsigned kMostNeighbours = 32;

Sequence::Sequence(ReuseContext &context, unsigned n, double iterations)
    : context(context), source(context.source), tree(context.tree),
      config(context.config), nodes(context.nodes), n(n),
      iterations(iterations) {
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
  for (Match &match : matches) {
    match.distances = computeDistances(match, k);
    emitReuse(match, k);
  }
  updateEntries(k);
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

namespace {

/// Bits from `begin` up to `end` of a buffer.
struct Interval {
  double begin = 0, end = 0;
};

/// Where a touch has met the lines of later touches, latest first: an earlier
/// one holds none of them any more. A window that slides shares most of its
/// place with each of the last few windows, but only the last one has it.
class MetPlaces {
public:
  explicit MetPlaces(const Touch &touch) : touch(touch) {}

  /// The share of what `touch` has in common with `earlier` that is in none of
  /// the places.
  double findRest(const StridedBox &earlier) const {
    Interval common = intersect(earlier);
    double left = common.end - common.begin, whole = left;
    double from = common.begin;
    for (const Interval &place : places) { // In ascending order, apart.
      double begin = std::max(from, place.begin);
      double end = std::min(common.end, place.end);
      left -= std::max(0.0, end - begin);
      from = std::max(from, place.end);
    }
    return whole > 0 ? left / whole : 1;
  }

  /// `lines` of the touch are what it shares with `later`. A place has gaps
  /// unless they are all that the touch has there.
  void add(const StridedBox &later, double lines) {
    Interval common = intersect(later);
    double begin = touch.region.first(), end = touch.region.last() + 1;
    double share = (common.end - common.begin) / (end - begin);
    if (share <= 0 || lines < share * touch.lines - kNoLines)
      return;
    auto isBehind = [&](const Interval &place) {
      return place.begin > common.begin;
    };
    places.insert(llvm::find_if(places, isBehind), common);
  }

private:
  Interval intersect(const StridedBox &other) const {
    Interval common{double(std::max(touch.region.first(), other.first())),
                    double(std::min(touch.region.last(), other.last())) + 1};
    common.end = std::max(common.begin, common.end);
    return common;
  }

  const Touch &touch;
  llvm::SmallVector<Interval, 4> places;
};

} // namespace

void Sequence::findMatches(unsigned k) {
  matches.clear();
  // Lines of an entry that this child has claimed so far.
  llvm::SmallDenseMap<unsigned, double, 8> claimed;
  for (auto [t, touch] : llvm::enumerate(childSummary(k).touches)) {
    auto found = entriesOfBuffer.find(touch.buffer);
    if (found == entriesOfBuffer.end())
      continue;
    double rest = touch.lines * touch.fresh;
    MetPlaces met(touch);
    for (unsigned e : llvm::reverse(found->second)) {
      if (rest < kNoLines)
        break;
      const Entry &entry = entries[e];
      const Touch &earlier = touchOf(entry);
      if (!isComparable(earlier, touch))
        continue;
      double shared =
          estimateSharedGranules(earlier.region, earlier.lines, touch.region,
                                 touch.lines, config.lineBits);
      double lines = std::min({shared * met.findRest(earlier.region),
                               entry.lines - claimed.lookup(e), rest});
      met.add(earlier.region, shared);
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

Samples Sequence::computeDistances(const Match &match, unsigned k) const {
  const Touch &late = childSummary(k).touches[match.touch];
  const Touch &early = touchOf(entries[match.entry]);
  bool sameOrder = (late.sweep.ascending && early.sweep.ascending) ||
                   late.sweep.steps == early.sweep.steps;
  // Positions of the shared part within either touch.
  auto position = [&](const Touch &touch, double p) {
    double begin = touch.region.first(), end = touch.region.last() + 1;
    double first = std::max(early.region.first(), late.region.first());
    double last = std::min(early.region.last() + 1, late.region.last() + 1);
    if (last <= first || !touch.sweep.ascending)
      return p;
    return std::clamp((first + p * (last - first) - begin) / (end - begin), 0.0,
                      1.0);
  };
  Samples distances{};
  constexpr double mixedEarly[kSamples] = {1, 1, 0.5, 0, 0};
  constexpr double mixedLate[kSamples] = {0, 0.5, 0.5, 0.5, 1};
  if (config.findsGaps)
    return distances;
  for (unsigned i = 0; i < kSamples; ++i) {
    double p = kPositions[i];
    double pEarly = position(early, sameOrder ? p : mixedEarly[i]);
    double pLate = position(late, sameOrder ? p : mixedLate[i]);
    distances[i] = computeDistance(match, k, pEarly, pLate, i);
  }
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
  return std::clamp(lines, 1.0, context.allLines);
}

//===----------------------------------------------------------------------===//
// What is touched last by whom
//===----------------------------------------------------------------------===//

/// Dirty ones among the sectors that a match takes over.
double Sequence::claimDirty(const Entry &entry, const Match &match) {
  bool isWhole = match.lines >= entry.lines - kNoLines;
  if (isWhole || entry.sectors <= 0)
    return entry.dirtySectors;
  return entry.dirtySectors * std::min(1.0, match.sectors / entry.sectors);
}

/// `share` of some dirty data passes the gap of `match`.
void Sequence::passGap(Residence &residence, const Match &match,
                       double share) const {
  residence.longest = maximum(residence.longest, match.distances);
  if (!config.findsGaps || !context.isStored(entries[match.entry].buffer))
    return;
  residence.pass(match.gap, share);
  if (match.gapElsewhere != kNoGap)
    residence.pass(match.gapElsewhere, share);
}

/// The `dirty` sectors of `old` that `match` finds are only loaded: from now on
/// they belong to `now`.
void Sequence::moveDirty(Entry &old, Entry &now, const Match &match,
                         double dirty) {
  const Touch &touch = touchOf(now);
  bool isLast = match.lines >= old.lines - kNoLines;
  double copies = touchOf(old).copies, missing = copies - touch.copies;
  if (missing > 0) {
    if (old.dirtyElsewhere == 0)
      entriesElsewhere.push_back(match.entry);
    old.dirtyElsewhere += dirty * missing;
  }
  isLast &= old.dirtyElsewhere == 0;
  // Counted per cache that has the touch.
  dirty *= std::min(1.0, copies / touch.copies);
  Residence residence =
      isLast ? std::move(old.sinceStore) : Residence(old.sinceStore);
  passGap(residence, match, 1);
  residence.follow(touch.sinceStore);
  residence.longest = maximum(residence.longest, now.sinceStore.longest);
  residence.average(now.sinceStore, dirty / (dirty + now.dirtySectors));
  now.sinceStore = std::move(residence);
  now.dirtySectors += dirty;
  now.writeOp = old.writeOp;
}

/// Carries over to the touches of the node what `match`, whose lines are in
/// `now` from here on, means for them.
void Sequence::updateBodyTouch(const Match &match, unsigned k, const Entry &now,
                               bool isExtension) {
  const Touch &touch = childSummary(k).touches[match.touch];
  Touch &whole = body[now.bodyTouch];
  Touch &before = body[entries[match.entry].bodyTouch];
  bool isSame = &whole == &before;
  if (isSame && !isExtension && touch.hasWrite) {
    if (!whole.hasWrite) {
      whole.beforeStore = whole.sinceStore;
      passGap(whole.beforeStore, match, 1);
      whole.beforeStore.follow(touch.beforeStore);
    }
    whole.hasWrite = true;
    whole.sinceStore = now.sinceStore;
  } else if (isSame && isExtension) {
    // Two parts of one touch share the edge of a line, which the union counts
    // once.
    Residence edge;
    passGap(edge, match, match.lines / before.lines);
    edge.longest = {};
    if (!touch.hasWrite)
      before.sinceStore.follow(edge);
  } else if (!touch.hasWrite) {
    // Whatever is dirty in the earlier touch passes this gap, too.
    double share = match.lines / before.lines;
    passGap(before.sinceStore, match, share);
    before.sinceStore.follow(touch.sinceStore, share);
  } else if (!isSame) {
    before.sinceStore.longest =
        maximum(before.sinceStore.longest, match.distances);
  }
  if (isSame && !isExtension) {
    whole.dirty = now.dirtySectors > 0;
    whole.writeOp = now.writeOp;
  } else if (!isSame) {
    whole.fresh -= match.lines / whole.lines;
  }
  before.present = std::max(before.present, touch.present);
  // The new touch is now the last that met these lines.
  constexpr double kMost = 0.5;
  if (!isExtension && match.lines > kMost * before.lines)
    before.lasts = {{1, k, match.touch}};
}

void Sequence::updateEntries(unsigned k) {
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
    entry.sinceStore = touch.sinceStore;
    bool isExtension;
    entry.bodyTouch = addBodyTouch(k, t, isExtension);
    extended.push_back(isExtension);
    entries.push_back(std::move(entry));
  }
  for (const Match &match : matches) {
    Entry &old = entries[match.entry];
    Entry &now = entries[firstNew + match.touch];
    const Touch &touch = child.touches[match.touch];
    double dirty = claimDirty(old, match);
    if (touch.dirty && now.present < old.present) {
      // A store that finds its line does not go around the cache.
      now.present = old.present;
      now.dirtySectors = now.sectors;
    }
    if (!touch.hasWrite && dirty > 0)
      moveDirty(old, now, match, dirty);
    updateBodyTouch(match, k, now, extended[match.touch]);
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
        whole.sweep.steps == touch.sweep.steps)
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
  for (auto *parts : {&whole.firsts, &whole.lasts}) {
    for (Part &old : *parts)
      old.end *= before / whole.lines;
    parts->push_back(part);
  }
  double share = before / (before + touch.lines);
  whole.beforeStore.average(touch.beforeStore, share);
  whole.sinceStore.average(touch.sinceStore, share);
  whole.cover = maximum(whole.cover, touch.cover);
  whole.isUnion = true;
  return true;
}
