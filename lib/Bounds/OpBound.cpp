//===- OpBound.cpp - The bound of one op for a given capacity -------------===//

#include "OpBound.h"
#include "Touched.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

/// Ways to see the windows of one operand, and of all operands together.
static constexpr unsigned kMaxViews = 8;

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

double memwall::getBytes(const LoopTree &tree, BufferId buffer) {
  return tree.buffers[buffer].elementBits / 8.0;
}

uint32_t memwall::getDims(const FoldedAccess &access) {
  uint32_t dims = 0;
  for (FoldedTerm term : access.terms)
    dims |= 1u << term.dim;
  return dims;
}

bool memwall::isInjective(const FoldedNest &nest, const FoldedAccess &access,
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
  uint32_t results; ///< Bit r: the r-th output is made of it.
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

using Outputs = llvm::SmallVector<const FoldedAccess *, 2>;

static bool isOutput(const Outputs &outputs, BufferId buffer) {
  return llvm::any_of(outputs, [&](const FoldedAccess *output) {
    return output->buffer == buffer;
  });
}

/// The writes, when nothing about them is in doubt: storage of their own, of
/// one width, all indexed by the same dims. Else none.
static Outputs findOutputs(const LoopTree &tree, const FoldedNest &nest) {
  Outputs outputs;
  for (const FoldedAccess &access : nest.accesses) {
    if (!access.isWrite)
      continue;
    if (access.isGather || isOutput(outputs, access.buffer) ||
        !isInjective(nest, access, getDims(access)))
      return {};
    outputs.push_back(&access);
    if (getDims(access) != getDims(*outputs[0]) ||
        getBytes(tree, access.buffer) != getBytes(tree, outputs[0]->buffer))
      return {};
  }
  for (const FoldedAccess &access : nest.accesses)
    for (const FoldedAccess *output : outputs)
      if (!access.isWrite && access.buffer == output->buffer &&
          (access.isGather || !haveSameTerms(access, *output)))
        return {};
  return outputs.size() <= 32 ? outputs : Outputs();
}

static llvm::SmallVector<Input, 4> collectInputs(const LoopTree &tree,
                                                 const FoldedNest &nest,
                                                 const Outputs &outputs) {
  llvm::SmallVector<const FoldedAccess *, 4> reads;
  llvm::SmallVector<uint32_t, 4> results;
  for (const FoldedAccess &access : nest.accesses) {
    if (access.isWrite || access.isGather || access.readsFill ||
        isOutput(outputs, access.buffer))
      continue;
    auto *same = llvm::find_if(reads, [&](const FoldedAccess *other) {
      return haveSameTerms(*other, access);
    });
    if (same != reads.end()) {
      results[same - reads.begin()] |= access.results;
      continue;
    }
    reads.push_back(&access);
    results.push_back(access.results);
  }
  llvm::SmallVector<Input, 4> inputs;
  for (auto [read, made] : llvm::zip_equal(reads, results))
    inputs.push_back(
        {getBytes(tree, read->buffer) / countSharing(nest, *read, reads),
         findViews(nest, *read), made});
  return inputs;
}

/// Inputs of a nest with several outputs, whose number is one more dim,
/// `resultDim` (docs/Model.md, B6, "Several results"): those of all outputs are
/// not indexed by it, those that each output has one of are one array that is.
/// Others are left out.
static llvm::SmallVector<Input, 4>
joinInputs(llvm::ArrayRef<Input> inputs, unsigned outputs, uint32_t resultDim) {
  llvm::SmallVector<Input, 4> joined;
  llvm::SmallVector<bool, 8> used(inputs.size(), false);
  uint32_t all = uint32_t((uint64_t(1) << outputs) - 1);
  for (const Input &input : inputs) {
    if (input.results == all)
      joined.push_back(input);
    if (input.results != 1)
      continue;
    // One of every output that is like this one of the first.
    llvm::SmallVector<size_t, 4> alike;
    for (unsigned r = 1; r < outputs; ++r)
      for (auto [i, other] : llvm::enumerate(inputs))
        if (!used[i] && other.results == uint32_t(1) << r &&
            other.views == input.views &&
            other.bytesPerElement == input.bytesPerElement) {
          alike.push_back(i);
          break;
        }
    if (alike.size() + 1 != outputs)
      continue;
    for (size_t i : alike)
      used[i] = true;
    joined.push_back(input);
    for (uint32_t &view : joined.back().views)
      view |= resultDim;
  }
  return joined;
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
  /// Some outputs, or all, start from values that have to be loaded for them,
  /// not from a fill.
  bool isLoaded = false, isAllLoaded = false;
  /// All start from copies that the op itself makes, because its results have
  /// storage of their own.
  bool isCopied = false;
};

} // namespace

/// The last of `nests` is the contraction; those before it may only put the
/// init where the result goes. nullopt when they do something else.
static std::optional<Start> findStart(const LoopTree &tree,
                                      llvm::ArrayRef<NodeId> nests,
                                      const FoldedNest &last,
                                      const Outputs &outputs,
                                      const BufferWriters &writers) {
  // One load of an element serves the init and the input that it is as well.
  auto isInput = [&](BufferId buffer) {
    return llvm::any_of(last.accesses, [&](const FoldedAccess &access) {
      return access.buffer == buffer;
    });
  };
  llvm::SmallDenseSet<BufferId> copied, loaded;
  for (NodeId node : nests.drop_back()) {
    const auto &accesses = tree.nodes[node].nest.accesses;
    BufferId target = accesses.back().buffer;
    copied.insert(target);
    for (const Access &access : accesses) {
      if (access.isWrite ? access.buffer != target || !isOutput(outputs, target)
                         : isOutput(outputs, access.buffer))
        return std::nullopt;
      if (!access.isWrite && !access.readsFill && !isInput(access.buffer))
        loaded.insert(target);
    }
  }
  for (const Touched &touched :
       computeTouched(tree, nests.back(), last, writers))
    if (!touched.isWrite && isOutput(outputs, touched.buffer) &&
        !copied.contains(touched.buffer) && !touched.readsFill)
      loaded.insert(touched.buffer);
  Start start;
  start.isLoaded = !loaded.empty();
  start.isAllLoaded = loaded.size() == outputs.size();
  start.isCopied = copied.size() == outputs.size();
  return start;
}

std::optional<ContractionBound>
memwall::buildContractionBound(const LoopTree &tree,
                               llvm::ArrayRef<NodeId> nests,
                               const BufferWriters &writers) {
  FoldedNest nest = foldNest(tree, nests.back(), writers);
  if (!nest.exact || nest.isEmpty() || nest.dims.size() > 30)
    return std::nullopt;
  Outputs outputs = findOutputs(tree, nest);
  if (outputs.empty())
    return std::nullopt;
  const FoldedAccess &output = *outputs.front();
  // 1. Accumulators: one per output element, and one more for each round in
  // which a fill, a copy or a new allocation starts the storage anew.
  auto start = findStart(tree, nests, nest, outputs, writers);
  uint32_t privateDims = findPrivateDims(nest, output);
  bool isAllocatedAtRoot =
      llvm::any_of(outputs, [&](const FoldedAccess *access) {
        return tree.buffers[access->buffer].scope == LoopTree::root;
      });
  if (!start || (privateDims != 0 && start->isLoaded && !start->isCopied &&
                 isAllocatedAtRoot))
    return std::nullopt;
  double bytes = getBytes(tree, output.buffer);
  double written = bytes * outputs.size();
  for (FoldedTerm term : output.terms)
    written *= nest.dims[term.dim].size;
  double created = written;
  for (auto [i, dim] : llvm::enumerate(nest.dims))
    if (privateDims >> i & 1)
      created *= dim.size;
  // 2. The theorem's terms.
  ContractionBound bound;
  bound.writtenBytes = written;
  bound.creditBytes = start->isAllLoaded && privateDims == 0 ? 0 : created;
  for (NodeId node : nests)
    for (const Access &access : tree.nodes[node].nest.accesses)
      bound.bytesInFlight += getBytes(tree, access.buffer);
  llvm::SmallVector<Input, 4> inputs = collectInputs(tree, nest, outputs);
  uint32_t outputDims = getDims(output) | privateDims;
  if (outputs.size() > 1) {
    uint32_t resultDim = uint32_t(1) << nest.dims.size();
    inputs = joinInputs(inputs, outputs.size(), resultDim);
    outputDims |= resultDim;
    nest.dims.push_back({(int64_t)outputs.size()});
  }
  bound.shapes = buildShapes(nest, {bytes, outputDims}, inputs);
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
