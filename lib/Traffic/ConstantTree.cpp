//===- ConstantTree.cpp - Splits loops with partial tiles -----------------===//

#include "ConstantTree.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <limits>
#include <map>
#include <optional>

using namespace memwall;

namespace {

/// What the builder knows about a loop that encloses the current node: its
/// iterations [first, first + count) stand in one loop of the constant tree.
struct Enclosing {
  unsigned node = ~0u; ///< Constant node, or ~0u when the group runs once.
  int64_t first = 0;
  int64_t representative = 0; ///< Iteration whose extents stand for the group.
  int64_t last = 0;
};

/// A run of iterations with (nearly) equal inner extents.
struct Group {
  int64_t first, count, representative;
};

/// Iterations [begin, end) of a loop.
struct Range {
  int64_t begin, end;
};

class Builder {
  static constexpr LoopId kNone = ~0u;

public:
  Builder(const LoopTree &tree, int64_t maxGroups)
      : tree(tree), maxGroups(maxGroups) {
    enclosing.resize(tree.loops.size());
    findDependents();
    findOuterLoops();
  }

  ConstantTree build() {
    addNode(0, 1);
    result.nodes[0].origin = LoopTree::root;
    for (NodeId child : tree.nodes[LoopTree::root].children)
      addTree(child, 0);
    return std::move(result);
  }

private:
  unsigned addNode(unsigned parent, int64_t tripCount) {
    unsigned id = result.nodes.size();
    result.nodes.emplace_back();
    result.nodes.back().tripCount = tripCount;
    result.nodes.back().parent = parent;
    if (id != 0)
      result.nodes[parent].children.push_back(id);
    return id;
  }

  /// dependents[l]: loops whose extent names l.
  void findDependents() {
    dependents.resize(tree.loops.size());
    for (auto [id, loop] : llvm::enumerate(tree.loops))
      for (const AffineForm &form : loop.extent)
        for (const Term &term : form.terms)
          if (!llvm::is_contained(dependents[term.loop], id))
            dependents[term.loop].push_back(id);
  }

  /// outer[l]: the loop around l, or `kNone` for the root and where l has
  /// several places.
  void findOuterLoops() {
    llvm::SmallVector<bool, 0> isKnown(tree.loops.size(), false);
    outer.assign(tree.loops.size(), kNone);
    auto add = [&](LoopId loop, LoopId around) {
      outer[loop] = isKnown[loop] && outer[loop] != around ? kNone : around;
      isKnown[loop] = true;
    };
    for (const Node &node : llvm::drop_begin(tree.nodes)) {
      LoopId around = tree.nodes[node.parent].loop;
      if (node.kind == Node::Kind::Loop)
        add(node.loop, around);
      else
        for (LoopId loop : node.nest.loops) {
          add(loop, around);
          around = loop;
        }
    }
  }

  /// Leaves of `range` the iterations of `id` in which `loop` may run, whatever
  /// the loops between do: those where every form of its extent, at the most
  /// that they make of it, is positive.
  void narrow(Range &range, LoopId loop, LoopId id) const {
    for (const AffineForm &form : tree.loops[loop].extent) {
      __int128 start = form.constant, slope = 0;
      for (const Term &term : form.terms)
        if (term.loop == id)
          slope += term.stride;
        else if (isOpen(term.loop))
          start += (__int128)term.stride * enclosing[term.loop].representative;
        else if (term.stride > 0)
          start +=
              (__int128)term.stride * (tree.loops[term.loop].maxTripCount - 1);
      if (slope > 0 && start <= 0)
        range.begin = std::max<__int128>(range.begin, -start / slope + 1);
      else if (slope <= 0 && start <= 0)
        range.end = 0;
      else if (slope < 0)
        range.end = std::min<__int128>(range.end, (start - 1) / -slope + 1);
    }
  }

  /// A range that has all iterations of `id` in which `dependent` runs.
  Range findActive(LoopId dependent, LoopId id, int64_t trips) const {
    Range range{0, trips};
    for (LoopId l = dependent; l != id && l != kNone; l = outer[l])
      narrow(range, l, id);
    return range.begin < range.end ? range : Range{trips, 0};
  }

  /// The same for all loops whose extent depends on `id`. Many iterations may
  /// be outside, where a loop over few elements starts at the iteration number.
  Range findActive(LoopId id, int64_t trips) const {
    Range active{trips, 0};
    for (LoopId dependent : dependents[id]) {
      Range range = findActive(dependent, id, trips);
      active.begin = std::min(active.begin, range.begin);
      active.end = std::max(active.end, range.end);
    }
    return active;
  }

  /// Whether all iterations in `range` but the last have equal extents inside.
  /// Extents are minima of affine forms, so concave: what is equal at the
  /// start, in the middle and at the end of the range is equal all along.
  bool isLevel(LoopId id, Range range) const {
    int64_t middle = range.begin + (range.end - range.begin) / 2;
    return llvm::all_of(dependents[id], [&](LoopId dependent) {
      if (findActive(dependent, id, range.end).end == 0)
        return true; // It never runs.
      Extent start = describeExtent(dependent, id, range.begin);
      return start == describeExtent(dependent, id, range.begin + 1) &&
             start == describeExtent(dependent, id, middle) &&
             start == describeExtent(dependent, id, range.end - 2);
    });
  }

  /// Trip count of `loop` when enclosing loops are at `pick(loop)`.
  template <typename Pick>
  int64_t countTrips(const Loop &loop, Pick pick) const {
    __int128 extent = std::numeric_limits<int64_t>::max();
    for (const AffineForm &form : loop.extent) {
      __int128 value = form.constant;
      for (const Term &term : form.terms)
        value += (__int128)term.stride * pick(term.loop);
      extent = std::min(extent, value);
    }
    if (loop.extent.empty())
      extent = loop.step;
    return extent <= 0 ? 0 : int64_t(1 + (extent - 1) / loop.step);
  }

  int64_t tripCount(const Loop &loop) const {
    return countTrips(loop,
                      [&](LoopId l) { return enclosing[l].representative; });
  }

  /// The extent of a loop as a function of the loops between it and another
  /// one: equal where the functions surely are.
  using Extent = llvm::SmallVector<std::optional<__int128>, 4>;

  /// The part of `form` that the loops between do not change, with `id` at
  /// `iteration`. Adds `factor` times what they do to `between`.
  __int128 fix(const AffineForm &form, LoopId id, int64_t iteration, int factor,
               std::map<LoopId, __int128> &between) const {
    __int128 value = form.constant;
    for (const Term &term : form.terms)
      if (term.loop == id)
        value += (__int128)term.stride * iteration;
      else if (isOpen(term.loop))
        value += (__int128)term.stride * enclosing[term.loop].representative;
      else
        between[term.loop] += (__int128)term.stride * factor;
    return value;
  }

  /// The smallest value of `a` - `b` over all iterations of the loops between.
  __int128 findLeastDifference(const AffineForm &a, const AffineForm &b,
                               LoopId id, int64_t iteration) const {
    std::map<LoopId, __int128> between;
    __int128 least = fix(a, id, iteration, 1, between);
    least -= fix(b, id, iteration, -1, between);
    for (auto [loop, stride] : between)
      if (stride < 0)
        least +=
            stride * std::max<int64_t>(tree.loops[loop].maxTripCount - 1, 0);
    return least;
  }

  /// The extent of `dependent` when `id` is at `iteration`. No loops between:
  /// its trip count. Else by form what `id` makes of it; none where another
  /// form is always as small.
  Extent describeExtent(LoopId dependent, LoopId id, int64_t iteration) const {
    const Loop &loop = tree.loops[dependent];
    bool isAlone = true;
    for (const AffineForm &form : loop.extent)
      for (const Term &term : form.terms)
        isAlone &= term.loop == id || isOpen(term.loop);
    if (isAlone)
      return {__int128(countTrips(loop, [&](LoopId l) {
        return l == id ? iteration : enclosing[l].representative;
      }))};
    Extent extent;
    for (auto [a, form] : llvm::enumerate(loop.extent)) {
      bool decides = true;
      for (size_t b = 0; b < loop.extent.size() && decides; ++b) {
        if (a == b)
          continue;
        __int128 least =
            findLeastDifference(form, loop.extent[b], id, iteration);
        decides = least < 0 || (least == 0 && a < b);
      }
      std::map<LoopId, __int128> between;
      extent.emplace_back();
      if (decides)
        extent.back() = fix(form, id, iteration, 1, between);
    }
    return extent;
  }

  /// The extents of everything that depends on `id`, at one of `trips`
  /// iterations of it. Empty: the dependent does not run.
  llvm::SmallVector<Extent, 2> describeExtents(LoopId id, int64_t iteration,
                                               int64_t trips) const {
    llvm::SmallVector<Extent, 2> extents;
    for (LoopId dependent : dependents[id]) {
      Range active = findActive(dependent, id, trips);
      extents.emplace_back();
      if (active.begin <= iteration && iteration < active.end)
        extents.back() = describeExtent(dependent, id, iteration);
    }
    return extents;
  }

  bool isOpen(LoopId id) const { return open.size() > id && open[id]; }

  llvm::SmallVector<Group, 4> groups(LoopId id, int64_t trips) {
    if (dependents[id].empty() || trips == 1)
      return {{0, trips, 0}};
    if (trips <= maxGroups)
      return groupAlike(id, {0, trips});
    Range active = findActive(id, trips);
    if (active.begin >= active.end)
      return {{0, trips, 0}};
    llvm::SmallVector<Group, 4> parts;
    if (active.begin > 0)
      parts.push_back({0, active.begin, 0});
    if (active.end - active.begin <= maxGroups) {
      llvm::append_range(parts, groupAlike(id, active));
    } else if (isLevel(id, active)) {
      int64_t last = active.end - 1;
      parts.push_back({active.begin, last - active.begin, active.begin});
      parts.push_back({last, 1, last});
    } else {
      llvm::append_range(parts, groupRoughly(active));
    }
    if (active.end < trips)
      parts.push_back({active.end, trips - active.end, active.end});
    return parts;
  }

  /// Groups of iterations with equal extents inside.
  llvm::SmallVector<Group, 4> groupAlike(LoopId id, Range range) const {
    llvm::SmallVector<Group, 4> parts;
    auto previous = describeExtents(id, range.begin, range.end);
    parts.push_back({range.begin, 1, range.begin});
    for (int64_t i = range.begin + 1; i < range.end; ++i) {
      auto next = describeExtents(id, i, range.end);
      if (next == previous)
        ++parts.back().count;
      else
        parts.push_back({i, 1, i});
      previous = std::move(next);
    }
    return parts;
  }

  /// `maxGroups` groups, each of which takes its middle for all of it.
  llvm::SmallVector<Group, 4> groupRoughly(Range range) {
    result.exact = false;
    llvm::SmallVector<Group, 4> parts;
    auto getBegin = [&](int64_t group) -> int64_t {
      return range.begin +
             __int128(range.end - range.begin) * group / maxGroups;
    };
    for (int64_t g = 0; g < maxGroups; ++g) {
      int64_t first = getBegin(g), count = getBegin(g + 1) - first;
      parts.push_back({first, count, first + count / 2});
    }
    return parts;
  }

  /// Opens `loop` below `parent`, once per group, and calls `body(node)`.
  template <typename Body>
  void openLoop(LoopId id, unsigned parent, NodeId origin, Body body) {
    const Loop &loop = tree.loops[id];
    int64_t trips = tripCount(loop);
    if (trips == 0)
      return;
    if (open.size() <= id)
      open.resize(tree.loops.size(), false);
    open[id] = true;
    for (const Group &group : groups(id, trips)) {
      Enclosing &state = enclosing[id];
      state = {~0u, group.first, group.representative,
               group.first + group.count - 1};
      unsigned node = parent;
      if (group.count > 1 || origin != ~0u) {
        node = addNode(parent, group.count);
        result.nodes[node].isParallel = loop.kind == LoopKind::Parallel;
        result.nodes[node].origin = origin;
        result.nodes[node].loop = id;
        enclosing[id].node = node;
      }
      body(node);
    }
    open[id] = false;
  }

  void addTree(NodeId id, unsigned parent) {
    const Node &node = tree.nodes[id];
    if (node.kind == Node::Kind::Nest)
      return addNest(node.nest, 0, parent);
    openLoop(node.loop, parent, id, [&](unsigned inner) {
      for (NodeId child : node.children)
        addTree(child, inner);
    });
  }

  void addNest(const Nest &nest, unsigned depth, unsigned parent) {
    if (depth == nest.loops.size()) {
      for (const Access &access : nest.accesses)
        addAccess(nest.op, access, parent);
      return;
    }
    openLoop(nest.loops[depth], parent, ~0u,
             [&](unsigned inner) { addNest(nest, depth + 1, inner); });
  }

  /// The loop in which every row of a table comes once, if there is one: a roll
  /// by a number that is not known, whose rows count in order, as by 0.
  std::optional<LoopId> findRoll(const GatherTerm &gather) const {
    if (gather.hitsAll || gather.extent == 1 ||
        gather.distinct != gather.extent)
      return std::nullopt;
    for (LoopId loop : llvm::reverse(gather.loops))
      if (tree.loops[loop].maxTripCount == gather.extent)
        return loop;
    return std::nullopt;
  }

  void addAccess(OpId op, const Access &access, unsigned parent) {
    const Buffer &buffer = tree.buffers[access.buffer];
    ConstantAccess out;
    out.op = op;
    out.buffer = access.buffer;
    out.isWrite = access.isWrite;
    out.elementBits = buffer.elementBits;
    out.offsetBits = access.element.constant * buffer.elementBits;
    auto addMove = [&](const Term &term) {
      const Enclosing &loop = enclosing[term.loop];
      int64_t strideBits;
      if (llvm::MulOverflow(term.stride, buffer.elementBits, strideBits))
        return; // Longer than any buffer: the loop runs once.
      out.offsetBits += loop.first * strideBits;
      if (loop.node != ~0u && strideBits != 0)
        addTerm(out, {loop.node, strideBits});
    };
    llvm::for_each(access.element.terms, addMove);
    for (const GatherTerm &gather : access.gathers) {
      if (std::optional<LoopId> rolled = findRoll(gather)) {
        addMove({*rolled, gather.stride});
        continue;
      }
      ConstantGather rows;
      rows.strideBits = gather.stride * buffer.elementBits;
      rows.extent = gather.extent;
      for (LoopId loop : gather.loops)
        if (enclosing[loop].node != ~0u)
          rows.nodes.push_back(enclosing[loop].node);
      out.gathers.push_back(std::move(rows));
    }
    llvm::sort(out.terms, [](const ConstantTerm &a, const ConstantTerm &b) {
      return a.node < b.node;
    });
    unsigned node = addNode(parent, 1);
    result.nodes[node].isAccess = true;
    result.nodes[node].access = result.accesses.size();
    result.accesses.push_back(std::move(out));
  }

  static void addTerm(ConstantAccess &access, ConstantTerm term) {
    for (ConstantTerm &other : access.terms)
      if (other.node == term.node) {
        other.strideBits += term.strideBits;
        return;
      }
    access.terms.push_back(term);
  }

  const LoopTree &tree;
  int64_t maxGroups;
  ConstantTree result;
  llvm::SmallVector<Enclosing, 0> enclosing;
  llvm::SmallVector<llvm::SmallVector<LoopId, 2>, 0> dependents;
  llvm::SmallVector<LoopId, 0> outer;
  llvm::SmallVector<bool, 0> open;
};

} // namespace

ConstantTree memwall::buildConstantTree(const LoopTree &tree,
                                        int64_t maxGroups) {
  return Builder(tree, maxGroups).build();
}
