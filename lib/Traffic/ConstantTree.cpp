//===- ConstantTree.cpp - Splits loops with partial tiles -----------------===//

#include "ConstantTree.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

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
  /// Extents are minima of affine forms, so concave: what is level at its
  /// start, in its middle and at its end is level all along. Below 0, where
  /// nothing runs, extents may differ as long as none becomes positive in
  /// between.
  bool isLevel(LoopId id, Range range) const {
    int64_t middle = range.begin + (range.end - range.begin) / 2;
    return llvm::all_of(dependents[id], [&](LoopId dependent) {
      CornerTrips start = countAtCorners(dependent, id, range.begin);
      bool runsNever = llvm::all_of(start, [](int64_t n) { return n <= 0; }) &&
                       findActive(dependent, id, range.end).end == 0;
      return runsNever ||
             (start == countAtCorners(dependent, id, range.begin + 1) &&
              start == countAtCorners(dependent, id, middle) &&
              start == countAtCorners(dependent, id, range.end - 2));
    });
  }

  /// Trip count of `loop` when enclosing loops are at `pick(loop)`; where it
  /// does not run, its extent, which is not positive.
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
    constexpr __int128 kLeast = std::numeric_limits<int64_t>::min();
    return int64_t(extent <= 0 ? std::max(extent, kLeast)
                               : 1 + (extent - 1) / loop.step);
  }

  int64_t tripCount(const Loop &loop) const {
    auto pick = [&](LoopId l) { return enclosing[l].representative; };
    return std::max<int64_t>(0, countTrips(loop, pick));
  }

  /// The loops between `id` and a dependent of it that its extent names.
  llvm::SmallVector<LoopId, 4> findBetween(LoopId id, const Loop &loop) const {
    llvm::SmallVector<LoopId, 4> between;
    for (const AffineForm &form : loop.extent)
      for (const Term &term : form.terms)
        if (term.loop != id && !isOpen(term.loop) &&
            !llvm::is_contained(between, term.loop))
          between.push_back(term.loop);
    return between;
  }

  using CornerTrips = llvm::SmallVector<int64_t, 8>;

  /// The trip counts of `dependent` when `id` is at `iteration`: with each of
  /// the loops between at its first and at its last iteration. The corner where
  /// all are at their last does not do: a remainder in an outer tile is an
  /// inner tile's first iteration.
  CornerTrips countAtCorners(LoopId dependent, LoopId id,
                             int64_t iteration) const {
    CornerTrips trips;
    const Loop &loop = tree.loops[dependent];
    llvm::SmallVector<LoopId, 4> between = findBetween(id, loop);
    // Of more than 6 loops, 64 corners, the outermost ones'.
    size_t varied = std::min<size_t>(between.size(), 6);
    for (unsigned corner = 0; corner < 1u << varied; ++corner)
      trips.push_back(countTrips(loop, [&](LoopId l) -> int64_t {
        if (l == id)
          return iteration;
        if (isOpen(l))
          return enclosing[l].representative;
        size_t position = llvm::find(between, l) - between.begin();
        bool isLast = corner >> std::min(position, varied - 1) & 1;
        return isLast ? std::max<int64_t>(tree.loops[l].maxTripCount - 1, 0)
                      : 0;
      }));
    return trips;
  }

  /// The trip counts of everything that depends on `id`.
  CornerTrips signature(LoopId id, int64_t iteration) const {
    CornerTrips trips;
    for (LoopId dependent : dependents[id])
      for (int64_t count : countAtCorners(dependent, id, iteration))
        trips.push_back(std::max<int64_t>(0, count));
    return trips;
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
    auto previous = signature(id, range.begin);
    parts.push_back({range.begin, 1, range.begin});
    for (int64_t i = range.begin + 1; i < range.end; ++i) {
      auto next = signature(id, i);
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
