//===- SplitTree.cpp - Reductions in parts, as a loop tree ----------------===//

#include "SplitTree.h"
#include "PrepareTiling.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Work/AffineForms.h"
#include "memwall/Work/Combiner.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace memwall;

namespace {

/// A dimension of the result that has more than one position.
struct ResultDim {
  LoopId loop = 0;           ///< Of the op.
  int64_t extent = 1;        ///< Iterations of it.
  int64_t stride = 0;        ///< Through the result,
  int64_t partialStride = 0; ///< and through the partial results.
};

/// Splits one nest of a tree.
class NestSplitter {
public:
  NestSplitter(LoopTree &tree, NodeId node, SplitReduction split)
      : tree(tree), node(node), split(split), original(tree.nodes[node].nest) {}

  llvm::Error run();

private:
  llvm::Error readResult();
  llvm::Error addPartialResults();
  NodeId addNode(Node::Kind kind, NodeId parent);
  LoopId addLoop(int64_t extent, LoopKind kind);
  OpId addOp(llvm::StringRef name, OpKind kind);
  Access accessPartial(bool isWrite, llvm::ArrayRef<LoopId> loops,
                       LoopId part) const;
  void addFill(NodeId parent, LoopId part);
  void movePart(LoopId part);
  NodeId addCombine(NodeId parent, Arithmetic perTerm);

  LoopTree &tree;
  NodeId node;
  SplitReduction split;
  const Nest original;
  Access write;                         ///< Of the result.
  llvm::SmallVector<ResultDim, 4> dims; ///< Outermost first.
  int64_t elements = 1;                 ///< Of the result.
  BufferId partial = 0;
};

} // namespace

static llvm::Error fail(const LoopTree &tree, const Nest &nest,
                        const char *reason) {
  return llvm::createStringError("%s cannot be split: %s",
                                 tree.ops[nest.op].name.c_str(), reason);
}

/// The dimensions of the result, by the steps that the op takes through it.
llvm::Error NestSplitter::readResult() {
  write = *llvm::find_if(original.accesses,
                         [](const Access &access) { return access.isWrite; });
  for (LoopId loop : original.loops) {
    int64_t stride = getStride(write.element, loop);
    if (stride == 0 || tree.loops[loop].maxTripCount == 1)
      continue;
    const Loop &data = tree.loops[loop];
    if (data.extent.size() != 1 || !data.extent[0].terms.empty())
      return fail(tree, original, "its result has no constant size");
    dims.push_back({loop, data.maxTripCount, stride, 0});
  }
  llvm::stable_sort(dims, [](const ResultDim &a, const ResultDim &b) {
    return a.stride > b.stride;
  });
  for (ResultDim &dim : llvm::reverse(dims)) {
    dim.partialStride = elements;
    elements *= dim.extent; // Elements of a buffer, which fit.
  }
  return llvm::Error::success();
}

llvm::Error NestSplitter::addPartialResults() {
  Buffer buffer = tree.buffers[write.buffer];
  std::optional<int64_t> all = llvm::checkedMul(elements, split.parts);
  if (!all || !llvm::checkedMul(*all, buffer.elementBits))
    return fail(tree, original, "its partial results are too many");
  buffer.name += ".partial";
  buffer.kind = BufferKind::Intermediate;
  buffer.elements = *all;
  buffer.liveOut = false;
  buffer.result.reset();
  buffer.storage.reset();
  buffer.scope = tree.nodes[node].parent;
  partial = tree.buffers.size();
  tree.buffers.push_back(std::move(buffer));
  return llvm::Error::success();
}

NodeId NestSplitter::addNode(Node::Kind kind, NodeId parent) {
  NodeId id = tree.nodes.size();
  Node &added = tree.nodes.emplace_back();
  added.kind = kind;
  added.parent = parent;
  return id;
}

LoopId NestSplitter::addLoop(int64_t extent, LoopKind kind) {
  Loop loop;
  loop.kind = kind;
  loop.extent = {AffineForm{extent, {}}};
  loop.maxTripCount = extent;
  tree.loops.push_back(std::move(loop));
  return tree.loops.size() - 1;
}

OpId NestSplitter::addOp(llvm::StringRef name, OpKind kind) {
  const OpRecord &op = tree.ops[original.op];
  OpRecord record;
  record.name = name.str();
  record.location = op.location;
  record.kind = kind;
  record.computeType = tree.buffers[write.buffer].elementType;
  record.executions = op.executions;
  tree.ops.push_back(std::move(record));
  return tree.ops.size() - 1;
}

/// The partial result of `part` at the place that `loops`, one per dimension,
/// walk.
Access NestSplitter::accessPartial(bool isWrite, llvm::ArrayRef<LoopId> loops,
                                   LoopId part) const {
  Access access;
  access.buffer = partial;
  access.isWrite = isWrite;
  for (auto [dim, loop] : llvm::zip_equal(dims, loops))
    access.element.terms.push_back({loop, dim.partialStride});
  access.element.terms.push_back({part, elements});
  llvm::sort(access.element.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
  return access;
}

/// What the accumulators of a part start from.
void NestSplitter::addFill(NodeId parent, LoopId part) {
  Nest fill;
  fill.op = addOp("linalg.fill", OpKind::Fill);
  tree.ops[fill.op].isInitFill = true;
  tree.ops[fill.op].executions *= split.parts;
  for (const ResultDim &dim : dims)
    fill.loops.push_back(addLoop(dim.extent, LoopKind::Dimension));
  fill.accesses = {accessPartial(/*isWrite=*/true, fill.loops, part)};
  NodeId id = addNode(Node::Kind::Nest, parent);
  tree.nodes[id].nest = std::move(fill);
  tree.nodes[parent].children.push_back(id);
}

/// Lets the op work on part `part` alone.
void NestSplitter::movePart(LoopId part) {
  LoopId loop = original.loops[split.dim];
  Loop &dim = tree.loops[loop];
  int64_t extent = dim.maxTripCount, size = split.getPartSize(extent);
  dim.extent.clear();
  if (extent % size != 0)
    dim.extent.push_back(AffineForm{extent, {{part, -size}}});
  dim.extent.push_back(AffineForm{size, {}});
  dim.maxTripCount = size;
  llvm::SmallVector<LoopId, 4> walked;
  for (const ResultDim &each : dims)
    walked.push_back(each.loop);
  for (Access &access : tree.nodes[node].nest.accesses) {
    bool isAccumulator =
        access.buffer == write.buffer &&
        access.element.constant == write.element.constant &&
        llvm::equal(access.element.terms, write.element.terms,
                    [](const Term &a, const Term &b) {
                      return a.loop == b.loop && a.stride == b.stride;
                    });
    if (isAccumulator) {
      Access own = accessPartial(access.isWrite, walked, part);
      own.readsFill = !access.isWrite;
      own.results = access.results;
      access = std::move(own);
      continue;
    }
    if (int64_t stride = getStride(access.element, loop))
      access.element.terms.push_back({part, stride * size});
    for (GatherTerm &gather : access.gathers)
      if (llvm::is_contained(gather.loops, loop))
        gather.loops.push_back(part);
  }
}

/// The op that combines what the parts have made with what was there.
NodeId NestSplitter::addCombine(NodeId parent, Arithmetic perTerm) {
  Nest combine;
  combine.op = addOp("linalg.generic", OpKind::Reduction);
  LoopId part = 0;
  llvm::SmallVector<LoopId, 4> walked;
  auto addPartLoop = [&] {
    part = addLoop(split.parts, LoopKind::Dimension);
    tree.loops[part].isReduction = true;
    combine.loops.push_back(part);
  };
  for (const ResultDim &dim : dims) {
    if (&dim == &dims.back())
      addPartLoop();
    walked.push_back(addLoop(dim.extent, LoopKind::Dimension));
    combine.loops.push_back(walked.back());
  }
  if (dims.empty())
    addPartLoop();
  combine.perIteration = perTerm;
  Access result = write;
  for (Term &term : result.element.terms)
    for (auto [dim, loop] : llvm::zip_equal(dims, walked))
      if (term.loop == dim.loop)
        term.loop = loop;
  llvm::erase_if(result.element.terms, [&](const Term &term) {
    return llvm::is_contained(original.loops, term.loop); // It runs once.
  });
  llvm::sort(result.element.terms,
             [](const Term &a, const Term &b) { return a.loop < b.loop; });
  Access start = result;
  start.isWrite = false;
  for (const Access &access : original.accesses)
    start.readsFill |= access.buffer == write.buffer && access.readsFill;
  combine.accesses = {accessPartial(/*isWrite=*/false, walked, part), start,
                      result};
  OpRecord &record = tree.ops[combine.op];
  int64_t times = record.executions * elements * split.parts;
  record.total = {perTerm.flops * times, perTerm.transcendentals * times,
                  perTerm.intOps * times};
  NodeId id = addNode(Node::Kind::Nest, parent);
  tree.nodes[id].nest = std::move(combine);
  return id;
}

llvm::Error NestSplitter::run() {
  llvm::Expected<CombiningOp> combiner =
      findCombiner(tree.ops[original.op].operation);
  if (!combiner)
    return combiner.takeError();
  if (llvm::Error error = readResult())
    return error;
  if (llvm::Error error = addPartialResults())
    return error;
  std::optional<NodeId> copy = findInitCopy(tree, node);
  NodeId parent = tree.nodes[node].parent;
  // 1. The parts.
  NodeId parts = addNode(Node::Kind::Loop, parent);
  LoopId part = addLoop(split.parts, LoopKind::Parallel);
  tree.nodes[parts].loop = part;
  addFill(parts, part);
  tree.nodes[parts].children.push_back(node);
  tree.nodes[node].parent = parts;
  movePart(part);
  // 2. What combines them, behind a copy of what the op starts from.
  NodeId combine = addCombine(parent, combiner->perTerm);
  // What combines the parts runs as often as the op did in front of the split.
  tree.ops[original.op].executions *= split.parts;
  if (copy)
    tree.nodes[*copy].nest.op = tree.nodes[combine].nest.op;
  llvm::SmallVector<NodeId, 4> children;
  for (NodeId child : tree.nodes[parent].children) {
    if (child == copy)
      continue;
    children.push_back(child == node ? parts : child);
    if (child != node)
      continue;
    if (copy)
      children.push_back(*copy);
    children.push_back(combine);
  }
  tree.nodes[parent].children = std::move(children);
  return llvm::Error::success();
}

std::string memwall::explainNoSplit(const LoopTree &tree, const Nest &nest) {
  mlir::Operation *operation = tree.ops[nest.op].operation;
  if (!operation)
    return "nothing says how it accumulates";
  unsigned loops = llvm::count_if(
      nest.loops, [&](LoopId loop) { return !tree.loops[loop].isInnerTile; });
  mlir::FailureOr<ScheduledOp> op = describeScheduledOp(operation);
  if (failed(op))
    return "it has no TilingInterface";
  return op->extents.size() == loops ? op->whyNotSplit
                                     : "an operand divides a dimension of it";
}

llvm::Expected<SplitTree>
memwall::splitReductions(const LoopTree &tree,
                         llvm::ArrayRef<OpSchedule> schedules) {
  SplitTree result{tree, llvm::SmallVector<OpSchedule, 0>(schedules)};
  for (OpSchedule &scheduled : result.schedules) {
    Schedule &schedule = scheduled.schedule;
    if (!schedule.split)
      continue;
    llvm::Expected<NodeId> node =
        findScheduledNest(result.tree, listNestsOfOps(result.tree), scheduled);
    if (!node)
      return node.takeError();
    const Nest &nest = result.tree.nodes[*node].nest;
    ScheduledOp op = describeNest(result.tree, nest);
    op.whyNotSplit = explainNoSplit(result.tree, nest);
    if (llvm::Error error = check(schedule, op))
      return std::move(error);
    if (llvm::Error error =
            NestSplitter(result.tree, *node, *schedule.split).run())
      return std::move(error);
    schedule.split.reset();
  }
  return std::move(result);
}
