//===- OpBound.cpp - The bound of one op for a given capacity -------------===//

#include "OpBound.h"
#include "Touched.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

/// Ways to see the windows of one operand, and of all operands together.
static constexpr unsigned kMaxViews = 8;

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

static double getBytes(const LoopTree &tree, BufferId buffer) {
  return tree.buffers[buffer].elementBits / 8.0;
}

static uint32_t getDims(const FoldedAccess &access) {
  uint32_t dims = 0;
  for (FoldedTerm term : access.terms)
    dims |= 1u << term.dim;
  return dims;
}

/// Whether every choice of `dims` gives another element.
static bool isInjective(const FoldedNest &nest, const FoldedAccess &access,
                        uint32_t dims) {
  llvm::SmallVector<Progression, 6> terms;
  double choices = 1;
  for (FoldedTerm term : access.terms)
    if (dims >> term.dim & 1) {
      terms.push_back({term.stride, nest.dims[term.dim].size});
      choices *= nest.dims[term.dim].size;
    }
  ElementCount count = StridedBox(0, terms).count();
  return count.exact && (double)count.elements == choices;
}

/// The largest subsets of the access's dims that are injective: with the other
/// dims fixed it is a projection (docs/Model.md, B6, "Windows").
static llvm::SmallVector<uint32_t, 2> findViews(const FoldedNest &nest,
                                                const FoldedAccess &access) {
  uint32_t all = getDims(access);
  if (isInjective(nest, access, all))
    return {all};
  unsigned terms = access.terms.size();
  if (terms > 8)
    return {};
  llvm::SmallVector<std::pair<int, uint32_t>, 16> subsets;
  for (uint32_t chosen = 1; chosen < (1u << terms); ++chosen) {
    uint32_t dims = 0;
    for (unsigned i = 0; i < terms; ++i)
      if (chosen >> i & 1)
        dims |= 1u << access.terms[i].dim;
    subsets.push_back({-llvm::popcount(dims), dims});
  }
  llvm::sort(subsets);
  llvm::SmallVector<uint32_t, 2> views;
  for (auto [order, dims] : subsets) {
    bool isPart = llvm::any_of(
        views, [dims = dims](uint32_t view) { return (view & dims) == dims; });
    if (!isPart && views.size() < kMaxViews && isInjective(nest, access, dims))
      views.push_back(dims);
  }
  return views;
}

namespace {

/// An input and the ways to see it as a projection.
struct Input {
  double bytesPerElement;
  llvm::SmallVector<uint32_t, 2> views;
};

} // namespace

/// Inputs that touch the same storage share what is in fast memory: each of n
/// gets 1/n of the weight (docs/Model.md, B6, "Shared storage").
static int64_t countSharing(const FoldedNest &nest, const FoldedAccess &access,
                            llvm::ArrayRef<const FoldedAccess *> inputs) {
  StridedBox mine = computeElements(nest, access);
  return llvm::count_if(inputs, [&](const FoldedAccess *other) {
    if (other->buffer != access.buffer)
      return false;
    StridedBox theirs = computeElements(nest, *other);
    return mine.first() <= theirs.last() && theirs.first() <= mine.last();
  });
}

static bool haveSameTerms(const FoldedAccess &a, const FoldedAccess &b) {
  return a.buffer == b.buffer && a.offset == b.offset &&
         llvm::equal(a.terms, b.terms, [](FoldedTerm x, FoldedTerm y) {
           return x.dim == y.dim && x.stride == y.stride;
         });
}

/// The write, when there is one and nothing else about the output is in doubt.
static const FoldedAccess *findOutput(const FoldedNest &nest) {
  const FoldedAccess *output = nullptr;
  for (const FoldedAccess &access : nest.accesses)
    if (access.isWrite) {
      if (output)
        return nullptr;
      output = &access;
    }
  if (!output || output->isGather)
    return nullptr;
  for (const FoldedAccess &access : nest.accesses)
    if (!access.isWrite && access.buffer == output->buffer &&
        (access.isGather || !haveSameTerms(access, *output)))
      return nullptr;
  return isInjective(nest, *output, getDims(*output)) ? output : nullptr;
}

static llvm::SmallVector<Input, 4> collectInputs(const LoopTree &tree,
                                                 const FoldedNest &nest,
                                                 BufferId outputBuffer) {
  llvm::SmallVector<const FoldedAccess *, 4> reads;
  for (const FoldedAccess &access : nest.accesses)
    if (!access.isWrite && access.buffer != outputBuffer && !access.isGather &&
        !access.readsFill &&
        llvm::none_of(reads, [&](const FoldedAccess *other) {
          return haveSameTerms(*other, access);
        }))
      reads.push_back(&access);
  llvm::SmallVector<Input, 4> inputs;
  for (const FoldedAccess *read : reads)
    inputs.push_back(
        {getBytes(tree, read->buffer) / countSharing(nest, *read, reads),
         findViews(nest, *read)});
  return inputs;
}

/// Dims in which the output storage is reused for new values, and which matter:
/// pure repetition computes the same again.
static uint32_t findPrivateDims(const FoldedNest &nest,
                                const FoldedAccess &output) {
  uint32_t used = 0, dims = 0;
  for (const FoldedAccess &access : nest.accesses)
    used |= getDims(access);
  for (auto [i, dim] : llvm::enumerate(nest.dims))
    if (!dim.isReduction && (used >> i & 1) && !(getDims(output) >> i & 1))
      dims |= 1u << i;
  return dims;
}

/// All combinations of the inputs' views.
static llvm::SmallVector<ContractionShape, 1>
buildShapes(const FoldedNest &nest, ContractionOperand output,
            llvm::ArrayRef<Input> inputs) {
  ContractionShape shape;
  for (FoldedDim dim : nest.dims)
    shape.dims.push_back(dim.size);
  shape.operands.push_back(output);
  llvm::SmallVector<ContractionShape, 1> shapes = {shape};
  for (const Input &input : inputs) {
    if (input.views.empty())
      continue;
    llvm::SmallVector<ContractionShape, 1> extended;
    for (const ContractionShape &partial : shapes)
      for (uint32_t view : input.views)
        if (extended.size() < kMaxViews) {
          extended.push_back(partial);
          extended.back().operands.push_back({input.bytesPerElement, view});
        }
    shapes = std::move(extended);
  }
  return shapes;
}

namespace {

/// Where the accumulators of a contraction start.
struct Start {
  /// From values that have to be loaded for it, not from a fill.
  bool isLoaded = false;
  /// From a copy that the op itself makes, because its result has storage of
  /// its own.
  bool isCopied = false;
};

} // namespace

/// The last of `nests` is the contraction; those before it may only put the
/// init where the result goes. nullopt when they do something else.
static std::optional<Start> findStart(const LoopTree &tree,
                                      llvm::ArrayRef<NodeId> nests,
                                      const FoldedNest &last, BufferId output,
                                      const BufferWriters &writers) {
  // One load of an element serves the init and the input that it is as well.
  auto isInput = [&](BufferId buffer) {
    return llvm::any_of(last.accesses, [&](const FoldedAccess &access) {
      return access.buffer == buffer;
    });
  };
  Start start;
  for (NodeId node : nests.drop_back()) {
    start.isCopied = true;
    for (const Access &access : tree.nodes[node].nest.accesses) {
      if (access.isWrite != (access.buffer == output))
        return std::nullopt;
      start.isLoaded |=
          !access.isWrite && !access.readsFill && !isInput(access.buffer);
    }
  }
  if (!start.isCopied)
    for (const Touched &touched :
         computeTouched(tree, nests.back(), last, writers))
      start.isLoaded |=
          !touched.isWrite && touched.buffer == output && !touched.readsFill;
  return start;
}

std::optional<ContractionBound>
memwall::buildContractionBound(const LoopTree &tree,
                               llvm::ArrayRef<NodeId> nests,
                               const BufferWriters &writers) {
  FoldedNest nest = foldNest(tree, nests.back(), writers);
  if (!nest.exact || nest.isEmpty() || nest.dims.size() > 31)
    return std::nullopt;
  const FoldedAccess *output = findOutput(nest);
  if (!output)
    return std::nullopt;
  // 1. Accumulators: one per output element, and one more for each round in
  // which a fill, a copy or a new allocation starts the storage anew.
  auto start = findStart(tree, nests, nest, output->buffer, writers);
  uint32_t privateDims = findPrivateDims(nest, *output);
  bool isAllocatedAtRoot = tree.buffers[output->buffer].scope == LoopTree::root;
  if (!start || (privateDims != 0 && start->isLoaded && !start->isCopied &&
                 isAllocatedAtRoot))
    return std::nullopt;
  double bytes = getBytes(tree, output->buffer), written = bytes;
  for (FoldedTerm term : output->terms)
    written *= nest.dims[term.dim].size;
  double created = written;
  for (auto [i, dim] : llvm::enumerate(nest.dims))
    if (privateDims >> i & 1)
      created *= dim.size;
  // 2. The theorem's terms.
  ContractionBound bound;
  bound.writtenBytes = written;
  bound.creditBytes = start->isLoaded && privateDims == 0 ? 0 : created;
  for (NodeId node : nests)
    for (const Access &access : tree.nodes[node].nest.accesses)
      bound.bytesInFlight += getBytes(tree, access.buffer);
  bound.shapes = buildShapes(nest, {bytes, getDims(*output) | privateDims},
                             collectInputs(tree, nest, output->buffer));
  return bound;
}

static double computeCached(const ContractionShape &shape, double capacityBytes,
                            BoundCache &cache) {
  std::vector<double> key = {capacityBytes};
  key.insert(key.end(), shape.dims.begin(), shape.dims.end());
  for (ContractionOperand operand : shape.operands) {
    key.push_back(operand.dims);
    key.push_back(-operand.bytesPerElement);
  }
  auto [entry, isNew] = cache.try_emplace(std::move(key), 0.0);
  if (isNew)
    entry->second = maximizeChargedBytes(shape, capacityBytes);
  return entry->second;
}

double ContractionBound::compute(double capacityBytes,
                                 BoundCache &cache) const {
  double charged = 0;
  for (const ContractionShape &shape : shapes)
    charged = std::max(
        charged, computeCached(shape, capacityBytes + bytesInFlight, cache));
  return charged - creditBytes + writtenBytes;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

double RowBound::computeExtra(double capacityBytes) const {
  double rowBytes = rowElements * bytesPerElement;
  return rows * std::max(0.0, rowBytes - capacityBytes - bytesInFlight);
}

namespace {

/// The first access that a reduction of the op walks: its input.
struct RowInput {
  NodeId node;
  unsigned access;
  int64_t rowElements;
};

} // namespace

/// Elements of a row: what the nest's own reduction loops walk (a tile loop
/// around it starts other rows). nullopt when they are not known or coincide.
static std::optional<int64_t> countRow(const LoopTree &tree, const Nest &nest,
                                       const Access &access) {
  llvm::SmallVector<Progression, 4> row;
  int64_t elements = 1;
  for (Term term : access.element.terms) {
    const Loop &loop = tree.loops[term.loop];
    if (!loop.isReduction || !llvm::is_contained(nest.loops, term.loop))
      continue;
    if (loop.extent.size() != 1 || !loop.extent[0].terms.empty())
      return std::nullopt;
    row.push_back({term.stride, loop.maxTripCount});
    elements *= loop.maxTripCount;
  }
  if (StridedBox(0, row).count().elements != elements)
    return std::nullopt;
  return elements;
}

static std::optional<RowInput> findRowInput(const LoopTree &tree,
                                            llvm::ArrayRef<NodeId> nests) {
  for (NodeId node : nests) {
    const Nest &nest = tree.nodes[node].nest;
    for (auto [i, access] : llvm::enumerate(nest.accesses)) {
      if (access.isWrite || access.readsFill || !access.gathers.empty())
        continue;
      std::optional<int64_t> elements = countRow(tree, nest, access);
      if (elements && *elements > 1)
        return RowInput{node, (unsigned)i, *elements};
    }
  }
  return std::nullopt;
}

std::optional<RowBound> memwall::buildRowBound(const LoopTree &tree,
                                               llvm::ArrayRef<NodeId> nests) {
  std::optional<RowInput> input = findRowInput(tree, nests);
  if (!input)
    return std::nullopt;
  RowBound bound;
  bound.rowElements = input->rowElements;
  FoldedNest folded = foldAccess(tree, input->node, input->access);
  bound.rows =
      computeDistinctElements(folded, folded.accesses[0]) / input->rowElements;
  bound.bytesPerElement = getBytes(tree, folded.accesses[0].buffer);
  for (NodeId node : nests)
    for (const Access &access : tree.nodes[node].nest.accesses) {
      double bytes = getBytes(tree, access.buffer);
      bound.bytesPerElement = std::min(bound.bytesPerElement, bytes);
      bound.bytesInFlight += bytes;
    }
  return bound;
}
