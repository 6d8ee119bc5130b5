//===- Units.cpp - Contractions in a row, found from their accesses -------===//

#include "memwall/Bounds/Units.h"
#include "OpBound.h"
#include "VisiblePairs.h"
#include "memwall/Work/AffineForms.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

namespace {

/// The dimensions of the intermediate result, by what they are to the two
/// contractions.
enum Role { Batch, Row, Column, kRoles };

/// Dimensions of one role in linear storage, as half-open ranges of strides
/// [stride, stride * size), ascending, neighbours joined: [n, h, t] in rows of
/// 64 with h = 8 and n = 16 has the columns [1, 64), the batch [64, 512) and
/// the rows [512, 8192).
using StrideRanges = llvm::SmallVector<std::pair<int64_t, int64_t>, 2>;

/// Where the elements of the intermediate result are in a buffer.
struct Placement {
  StrideRanges ranges[kRoles];
  double leastBytes = 0; ///< Of an element, in any buffer on the way here.
  /// Of the pairs of a row and a column those that some mask on the way does
  /// not hide; all when absent.
  std::optional<VisiblePairs> visible;
};
using Placements = llvm::DenseMap<BufferId, Placement>;

/// A contraction of two inputs, all of whose accesses are projections.
struct Product {
  FoldedNest nest;
  unsigned outputIndex = ~0u, inputIndices[2] = {~0u, ~0u}; ///< Of accesses.

  const FoldedAccess &output() const { return nest.accesses[outputIndex]; }
  const FoldedAccess &input(unsigned i) const {
    return nest.accesses[inputIndices[i]];
  }
};

} // namespace

static void joinNeighbours(StrideRanges &ranges) {
  llvm::sort(ranges);
  StrideRanges joined;
  for (auto range : ranges)
    if (!joined.empty() && joined.back().second == range.first)
      joined.back().second = range.second;
    else
      joined.push_back(range);
  ranges = std::move(joined);
}

/// Adds a dimension of `access` to the ranges; false where it runs backwards.
static bool addRange(StrideRanges &ranges, const FoldedNest &nest,
                     FoldedTerm term) {
  int64_t size = nest.dims[term.dim].size;
  if (size == 1)
    return true;
  if (term.stride <= 0)
    return false;
  ranges.push_back({term.stride, term.stride * size});
  return true;
}

static int64_t countElements(const StrideRanges &ranges) {
  int64_t count = 1;
  for (auto [begin, end] : ranges)
    count *= end / begin;
  return count;
}

/// The nest as a product of two inputs, where nothing about it is in doubt.
static std::optional<Product> findProduct(const LoopTree &tree, NodeId node,
                                          const BufferWriters &writers) {
  if (tree.ops[tree.nodes[node].nest.op].kind != OpKind::Contraction)
    return std::nullopt;
  Product product{foldNest(tree, node, writers)};
  const FoldedNest &nest = product.nest;
  if (!nest.exact || nest.isEmpty() || nest.dims.size() > 30)
    return std::nullopt;
  unsigned outputs = 0, inputs = 0;
  for (auto [i, access] : llvm::enumerate(nest.accesses))
    if (access.isWrite) {
      product.outputIndex = i;
      ++outputs;
    }
  if (outputs != 1)
    return std::nullopt;
  for (auto [i, access] : llvm::enumerate(nest.accesses))
    if (access.buffer != product.output().buffer) {
      if (inputs == 2)
        return std::nullopt;
      product.inputIndices[inputs++] = i;
    }
  if (inputs != 2)
    return std::nullopt;
  uint32_t used = 0;
  for (const FoldedAccess *access :
       {&product.output(), &product.input(0), &product.input(1)}) {
    if (access->isGather || !isInjective(nest, *access, getDims(*access)))
      return std::nullopt;
    used |= getDims(*access);
  }
  // Dimensions that no access names compute the same again, and storage that
  // is used for new values in a dimension holds a part of the result.
  for (auto [i, dim] : llvm::enumerate(nest.dims))
    if (dim.size > 1 &&
        (!(used >> i & 1) ||
         (!dim.isReduction && !(getDims(product.output()) >> i & 1))))
      return std::nullopt;
  return product;
}

/// Iterations of a box with these dimensions.
static double countDims(const FoldedNest &nest, uint32_t dims) {
  double count = 1;
  for (auto [i, dim] : llvm::enumerate(nest.dims))
    if (dims >> i & 1)
      count *= double(dim.size);
  return count;
}

/// The place of the elements in what `write` stores, when the nest makes each
/// of them of the one that `read` loads; nullopt otherwise.
static std::optional<Placement> follow(const FoldedNest &nest,
                                       const FoldedAccess &read,
                                       const FoldedAccess &write,
                                       const Placement &from, double bytes) {
  auto isSame = [](FoldedTerm a, FoldedTerm b) {
    return a.dim == b.dim && a.stride == b.stride;
  };
  Placement to = from;
  to.leastBytes = std::min(from.leastBytes, bytes);
  bool isInPlace = read.offset == write.offset &&
                   llvm::equal(read.terms, write.terms, isSame);
  if (isInPlace)
    return to;
  // Every dimension of the nest must be a part of the ranges of one role.
  int64_t counts[kRoles];
  for (int role = 0; role < kRoles; ++role) {
    counts[role] = countElements(from.ranges[role]);
    to.ranges[role].clear();
  }
  for (FoldedTerm term : read.terms) {
    StrideRanges mine;
    if (!addRange(mine, nest, term))
      return std::nullopt;
    if (mine.empty())
      continue;
    auto *written = llvm::find_if(
        write.terms, [&](FoldedTerm other) { return other.dim == term.dim; });
    int role = 0;
    while (role < kRoles && llvm::none_of(
                                from.ranges[role],
                                [&](auto range) {
                                  return range.first <= mine[0].first &&
                                         mine[0].second <= range.second;
                                }))
      ++role;
    if (role == kRoles || written == write.terms.end() ||
        !addRange(to.ranges[role], nest, *written))
      return std::nullopt;
  }
  for (int role = 0; role < kRoles; ++role) {
    joinNeighbours(to.ranges[role]);
    if (countElements(to.ranges[role]) != counts[role])
      return std::nullopt;
  }
  return to;
}

/// The role of a dimension of `nest` in what `read` loads, if it is one; none
/// where the access does not move with it.
static std::optional<int> findRole(const Nest &nest, const Access &read,
                                   const Placement &from, unsigned dim) {
  int64_t stride = getStride(read.element, nest.loops[dim]);
  for (int role = 0; role < kRoles && stride > 0; ++role)
    for (auto [begin, end] : from.ranges[role])
      if (begin <= stride && stride < end)
        return role;
  return std::nullopt;
}

/// Notes what the selects of the body of `nest` hide of the elements that
/// `read` loads; false where that is not known.
static bool applyMasks(const LoopTree &tree, const Nest &nest,
                       const Access &read, const Placement &from,
                       Placement &to) {
  const auto &body = tree.ops[nest.op].body;
  if (!body || body->masks.empty())
    return true;
  std::optional<unsigned> dims[kRoles];
  for (const MaskBound &mask : body->masks)
    for (auto [dim, coefficient] : mask.terms) {
      std::optional<int> role = findRole(nest, read, from, dim);
      if (!role || dims[*role].value_or(dim) != dim)
        return false;
      dims[*role] = dim;
    }
  if (!dims[Column] || dims[Batch] || from.visible)
    return false;
  auto getSize = [&](std::optional<unsigned> dim) {
    return dim ? tree.loops[nest.loops[*dim]].maxTripCount : 1;
  };
  int64_t rows = getSize(dims[Row]), columns = getSize(dims[Column]);
  int64_t allRows = countElements(from.ranges[Row]);
  if (columns != countElements(from.ranges[Column]))
    return false;
  std::optional<VisiblePairs> visible = countVisiblePairs(
      body->masks, dims[Row].value_or(~0u), *dims[Column], rows, columns);
  if (!visible ||
      llvm::MulOverflow(visible->pairs, allRows / rows, visible->pairs))
    return false;
  to.visible = visible;
  return true;
}

namespace {

/// Follows the result of one contraction through the ops after it.
class UnitFinder {
public:
  explicit UnitFinder(const LoopTree &tree) : tree(tree), writers(tree) {}
  llvm::SmallVector<Unit, 0> run();

private:
  void start(unsigned index);
  void step(NodeId node, Placements &places);
  std::optional<Placement> place(const Product &first, unsigned rowInput) const;
  bool finish(const Product &first, unsigned rowInput, const Product &second,
              const Placements &places);
  bool areDisjoint(const FoldedNest &a, const FoldedAccess &inA,
                   const FoldedNest &b, const FoldedAccess &inB) const;
  double countBytesInFlight(const FoldedNest &nest) const;

  const LoopTree &tree;
  BufferWriters writers;
  llvm::SmallVector<NodeId, 0> nests; ///< In program order.
  llvm::SmallVector<Unit, 0> units;
};

} // namespace

double UnitFinder::countBytesInFlight(const FoldedNest &nest) const {
  double bytes = 0;
  for (const FoldedAccess &access : nest.accesses)
    bytes += getBytes(tree, access.buffer);
  return bytes;
}

/// The first result by the roles that its dimensions would have if the rows
/// came from input `rowInput`.
std::optional<Placement> UnitFinder::place(const Product &first,
                                           unsigned rowInput) const {
  Placement placement;
  placement.leastBytes = getBytes(tree, first.output().buffer);
  uint32_t rows = getDims(first.input(rowInput));
  uint32_t columns = getDims(first.input(1 - rowInput));
  for (FoldedTerm term : first.output().terms) {
    bool inRows = rows >> term.dim & 1, inColumns = columns >> term.dim & 1;
    Role role = inRows && inColumns ? Batch : inRows ? Row : Column;
    if ((!inRows && !inColumns) ||
        !addRange(placement.ranges[role], first.nest, term))
      return std::nullopt;
  }
  for (StrideRanges &ranges : placement.ranges)
    joinNeighbours(ranges);
  return placement;
}

bool UnitFinder::areDisjoint(const FoldedNest &a, const FoldedAccess &inA,
                             const FoldedNest &b,
                             const FoldedAccess &inB) const {
  if (inA.buffer != inB.buffer)
    return true;
  StridedBox boxes[] = {computeElements(a, inA), computeElements(b, inB)};
  ElementCount both = countUnion(boxes);
  return both.exact &&
         both.elements == boxes[0].count().elements + boxes[1].count().elements;
}

/// Adds the unit when the second contraction reads the elements with the roles
/// that they have in the first.
bool UnitFinder::finish(const Product &first, unsigned rowInput,
                        const Product &second, const Placements &places) {
  for (unsigned i = 0; i < 2; ++i) {
    const FoldedAccess &between = second.input(i);
    const FoldedAccess &values = second.input(1 - i);
    auto found = places.find(between.buffer);
    if (found == places.end())
      continue;
    Placement here;
    uint32_t out = getDims(second.output()), other = getDims(values);
    bool isPlain = true;
    for (FoldedTerm term : between.terms) {
      bool inOut = out >> term.dim & 1, inValues = other >> term.dim & 1;
      Role role = inOut && inValues ? Batch : inOut ? Row : Column;
      isPlain &=
          (inOut || inValues) && addRange(here.ranges[role], second.nest, term);
    }
    for (StrideRanges &ranges : here.ranges)
      joinNeighbours(ranges);
    if (!isPlain || !llvm::equal(here.ranges, found->second.ranges))
      continue;
    const FoldedAccess &queries = first.input(rowInput);
    const FoldedAccess &keys = first.input(1 - rowInput);
    if (!areDisjoint(first.nest, queries, first.nest, keys) ||
        !areDisjoint(first.nest, queries, second.nest, values))
      continue;
    Unit unit{first.nest.op, second.nest.op, {}, 0};
    AttentionShape &shape = unit.shape;
    shape.heads = countElements(here.ranges[Batch]);
    shape.queryRows = countElements(here.ranges[Row]);
    shape.keyRows = countElements(here.ranges[Column]);
    if (const auto &visible = found->second.visible) {
      shape.unmaskedPairs = visible->pairs;
      shape.keyRows = visible->columns;
    }
    shape.queryKeyDim =
        int64_t(countDims(first.nest, getDims(queries) & getDims(keys) &
                                          ~getDims(first.output())));
    shape.valueDim =
        int64_t(countDims(second.nest, out & other & ~getDims(between)));
    shape.queryBytes = getBytes(tree, queries.buffer);
    shape.keyBytes = getBytes(tree, keys.buffer);
    // Values that are keys as well are seen with them.
    shape.valueBytes = areDisjoint(first.nest, keys, second.nest, values)
                           ? getBytes(tree, values.buffer)
                           : 0;
    shape.outputBytes = getBytes(tree, second.output().buffer);
    shape.accumulatorBytes = shape.outputBytes;
    shape.scoreBytes = found->second.leastBytes;
    unit.bytesInFlight =
        countBytesInFlight(first.nest) + countBytesInFlight(second.nest);
    units.push_back(unit);
    return true;
  }
  return false;
}

/// Follows the elements through one nest: to what it makes of them, and no
/// longer in what it overwrites with something else.
void UnitFinder::step(NodeId node, Placements &places) {
  const Nest &nest = tree.nodes[node].nest;
  if (llvm::none_of(nest.accesses, [&](const Access &access) {
        return places.contains(access.buffer);
      }))
    return;
  FoldedNest folded = foldNest(tree, node, writers);
  bool isKnown = folded.exact && !folded.isEmpty();
  llvm::SmallVector<std::pair<BufferId, std::optional<Placement>>, 2> after;
  for (const FoldedAccess &write : folded.accesses) {
    if (!write.isWrite)
      continue;
    after.push_back({write.buffer, std::nullopt});
    for (const FoldedAccess &read : folded.accesses) {
      auto from = places.find(read.buffer);
      if (isKnown && !read.isWrite && !read.isGather && !write.isGather &&
          from != places.end() && !after.back().second)
        after.back().second = follow(folded, read, write, from->second,
                                     getBytes(tree, write.buffer));
    }
    if (std::optional<Placement> &to = after.back().second)
      for (const Access &read : nest.accesses) {
        auto from = places.find(read.buffer);
        if (!read.isWrite && from != places.end() && to &&
            !applyMasks(tree, nest, read, from->second, *to))
          to.reset();
      }
  }
  for (auto &[buffer, place] : after) {
    places.erase(buffer);
    if (place)
      places.insert({buffer, *place});
  }
}

/// Looks for the second contraction of a unit whose first one is at `index`.
void UnitFinder::start(unsigned index) {
  std::optional<Product> first = findProduct(tree, nests[index], writers);
  if (!first)
    return;
  for (unsigned rowInput = 0; rowInput < 2; ++rowInput) {
    std::optional<Placement> placement = place(*first, rowInput);
    if (!placement)
      continue;
    Placements places;
    places.insert({first->output().buffer, *placement});
    for (NodeId node : llvm::ArrayRef(nests).drop_front(index + 1)) {
      if (places.empty())
        break;
      bool reads = llvm::any_of(
          tree.nodes[node].nest.accesses, [&](const Access &access) {
            return !access.isWrite && places.contains(access.buffer);
          });
      std::optional<Product> second;
      if (reads)
        second = findProduct(tree, node, writers);
      if (second && finish(*first, rowInput, *second, places))
        return;
      step(node, places);
    }
  }
}

llvm::SmallVector<Unit, 0> UnitFinder::run() {
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      nests.push_back(id);
  for (unsigned i = 0; i < nests.size(); ++i)
    start(i);
  return std::move(units);
}

llvm::SmallVector<Unit, 0> memwall::findUnits(const LoopTree &tree) {
  return UnitFinder(tree).run();
}

Bound Unit::compute(double capacityBytes) const {
  capacityBytes += bytesInFlight;
  Bound bound = computeAttentionBound(shape, capacityBytes);
  // B9 needs a weight for every operand, values that are keys have none, and
  // all pairs.
  if (shape.heads > 1 || shape.valueBytes == 0 || shape.unmaskedPairs)
    return bound;
  MatmulPairShape pair;
  pair.m = shape.queryRows;
  pair.n = shape.keyRows;
  pair.k = shape.queryKeyDim;
  pair.l = shape.valueDim;
  pair.aBytes = shape.queryBytes;
  pair.bBytes = shape.keyBytes;
  pair.pBytes = shape.scoreBytes;
  pair.dBytes = shape.valueBytes;
  pair.eBytes = shape.outputBytes;
  pair.accumulatorBytes = shape.accumulatorBytes;
  Bound asPair = computeMatmulPairBound(pair, capacityBytes);
  return asPair.bytes > bound.bytes ? asPair : bound;
}

llvm::SmallVector<llvm::SmallVector<Bound, 4>, 0>
memwall::computeUnitBounds(llvm::ArrayRef<Unit> units, const Target &target) {
  llvm::SmallVector<llvm::SmallVector<Bound, 4>, 0> bounds;
  for (const Unit &unit : units) {
    constexpr double kEndless = 1e300;
    bounds.push_back({unit.compute(kEndless)});
    for (size_t above = 0; above + 1 < target.levels.size(); ++above)
      bounds.back().push_back(unit.compute(computeCapacity(above, target)));
  }
  return bounds;
}
