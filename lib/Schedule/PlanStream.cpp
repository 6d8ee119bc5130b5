//===- PlanStream.cpp - What the members of a group do in a stream --------===//

#include "PlanStream.h"
#include "CheckSplit.h"
#include "Fail.h"
#include "GroupDims.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/NestAccesses.h"
#include "memwall/Schedule/TensorDims.h"
#include "memwall/Work/BodyExpression.h"
#include "memwall/Work/Combiner.h"
#include "memwall/Work/MaskedTiles.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace memwall;

namespace {

/// Plans the stream of one group.
class StreamPlanner {
public:
  StreamPlanner(const LoopTree &tree, GroupPlan &plan)
      : tree(tree), plan(plan) {}

  llvm::Error run();

private:
  llvm::Error findBand();
  void numberClasses(bool sharesReads);
  llvm::Error cutDims();
  llvm::Error cutMembers();
  StreamedOp describeMember(const GroupMember &member) const;
  llvm::SmallVector<StreamedOp, 8> describeMembers() const;
  void describeStart(const GroupMember &member, StreamedOp &op) const;
  llvm::Error checkPacks(const GroupMember &member, unsigned dim) const;
  llvm::Error checkRows() const;
  llvm::Error refuseParts(const GroupMember &member,
                          llvm::StringRef reason) const;
  llvm::Error checkFronts(llvm::ArrayRef<StreamedOp> ops) const;
  llvm::Error checkParts(llvm::ArrayRef<StreamedOp> ops) const;
  void limitStream(llvm::ArrayRef<StreamedOp> ops);
  void limitStream(const GroupMember &member, const MaskBound &mask);
  bool canForward(const GroupMember &member) const;
  void orderRows(StreamKernel &kernel) const;
  llvm::Error checkRow(const GroupMember &sum, unsigned op,
                       unsigned access) const;

  const Nest &nestOf(const GroupMember &member) const {
    return tree.nodes[member.node].nest;
  }
  std::string describe(const GroupMember &member) const {
    const OpRecord &op = tree.ops[member.op];
    return op.name + " at " + op.location;
  }

  const LoopTree &tree;
  GroupPlan &plan;
  StreamBand band;
};

} // namespace

llvm::Error StreamPlanner::findBand() {
  for (auto [m, member] : llvm::enumerate(plan.members)) {
    if (member.inner.stream.empty())
      continue;
    if (plan.stream || member.inner.stream.size() > 1)
      return fail("group '{0}' is streamed twice, expected one stream",
                  plan.name);
    band = member.inner.stream.front();
    plan.stream.emplace();
    plan.stream->carrier = m;
    plan.stream->size = band.size;
    const Nest &nest = nestOf(member);
    if (band.dim >= nest.loops.size())
      return fail("stream cuts dimension {0} of {1}, which has {2}", band.dim,
                  describe(member), nest.loops.size());
    const Loop &loop = tree.loops[nest.loops[band.dim]];
    if (findWrittenDims(nest)[band.dim])
      return fail("stream cuts dimension {0} of {1}, which is no reduction",
                  band.dim, describe(member));
    if (band.size > loop.maxTripCount)
      return fail("stream has a tile of {0} in dimension {1} of {2}, which has "
                  "{3} iterations",
                  band.size, band.dim, describe(member), loop.maxTripCount);
    if (llvm::Error error = checkStreamParts(band, loop.maxTripCount))
      return error;
    if (band.parts && plan.units == 1)
      return fail("the stream of group '{0}' has {1} parts for 1 unit",
                  plan.name, *band.parts);
    plan.stream->parts = band.parts.value_or(1);
    plan.stream->partSize = band.getPartSize(loop.maxTripCount);
  }
  return llvm::Error::success();
}

/// Dimensions that are one get one number. Ops that read the same from outside
/// may share the streamed dimension.
void StreamPlanner::numberClasses(bool sharesReads) {
  llvm::SmallVector<NodeId, 8> nodes;
  for (const GroupMember &member : plan.members)
    nodes.push_back(member.node);
  GroupDims dims(tree, nodes);
  if (sharesReads)
    dims.joinReadersOf(
        plan.stream->carrier, band.dim,
        [&](unsigned m, unsigned d) { return !plan.members[m].rootDims[d]; });
  unsigned count = 0;
  for (auto [m, member] : llvm::enumerate(plan.members)) {
    member.dimClasses.clear();
    for (unsigned d = 0; d < nestOf(member).loops.size(); ++d) {
      std::optional<unsigned> number;
      for (unsigned before = 0; before < m && !number; ++before)
        if (std::optional<unsigned> other = dims.find(m, d, before))
          number = plan.members[before].dimClasses[*other];
      member.dimClasses.push_back(number.value_or(count));
      count += !number;
    }
  }
}

/// Finds the dimension of each member that the stream cuts.
llvm::Error StreamPlanner::cutMembers() {
  const GroupMember &carrier = plan.members[plan.stream->carrier];
  unsigned streamed = carrier.dimClasses[band.dim];
  for (GroupMember &member : plan.members) {
    member.streamDim.reset();
    if (llvm::count(member.dimClasses, streamed) > 1)
      return fail("stream cuts two dimensions of {0}", describe(member));
    const unsigned *dim = llvm::find(member.dimClasses, streamed);
    if (dim == member.dimClasses.end())
      continue;
    unsigned d = dim - member.dimClasses.begin();
    if (member.rootDims[d])
      return fail("stream cuts dimension {0} of {1}, which a loop of group "
                  "'{2}' cuts",
                  d, describe(member), plan.name);
    // What fewer loops are around is whole before the stream begins.
    bool isInside = member.depth == plan.loops.size();
    if (!isInside && !findWrittenDims(nestOf(member))[d])
      return fail("{0} is streamed, but only {1} of {2} loops of group '{3}' "
                  "are around it",
                  describe(member), member.depth, plan.loops.size(), plan.name);
    if (isInside)
      member.streamDim = d;
    for (const TileBand &tile : member.inner.bands)
      if (isInside && tile.sizes[d] > band.size)
        return fail("band '{0}' of {1} has a tile of {2} in dimension {3}, "
                    "inside a tile of {4} of the stream of group '{5}'",
                    tile.level, describe(member), tile.sizes[d], d, band.size,
                    plan.name);
    if (isInside)
      if (llvm::Error error = checkPacks(member, d))
        return error;
  }
  return llvm::Error::success();
}

/// Tiles of the stream lie inside of packed ones.
llvm::Error StreamPlanner::checkPacks(const GroupMember &member,
                                      unsigned dim) const {
  const Nest &nest = nestOf(member);
  for (const PackedOperand &pack : member.inner.packs) {
    llvm::SmallVector<unsigned, 4> dims =
        findTensorDims(tree, nest, nest.accesses[pack.operand]);
    for (auto [position, tile] : llvm::zip(pack.innerDims, pack.innerTiles)) {
      bool isStreamed =
          position < int64_t(dims.size()) && dims[position] == dim;
      if (isStreamed && tile % band.size != 0 &&
          tile < tree.loops[nest.loops[dim]].maxTripCount)
        return fail("{0} has an operand packed in tiles of {1}, which tiles of "
                    "{2} of the stream of group '{3}' do not stay inside of",
                    describe(member), tile, band.size, plan.name);
    }
  }
  return llvm::Error::success();
}

/// What a reduction accumulates onto.
void StreamPlanner::describeStart(const GroupMember &member,
                                  StreamedOp &op) const {
  if (std::optional<InitProducer> producer =
          findInitProducer(tree, member.node)) {
    const OpRecord &fill = tree.ops[tree.nodes[producer->node].nest.op];
    if (!fill.body || fill.body->results.size() != 1)
      return;
    const ScalarNode &value =
        fill.body->nodes[fill.body->results.front().value];
    if (value.kind == ScalarKind::Constant)
      op.start = value.constant;
    return;
  }
  for (const Access &access : nestOf(member).accesses) {
    if (!access.isWrite || tree.buffers[access.buffer].isLiveIn())
      continue;
    op.startsUndefined =
        llvm::none_of(llvm::seq<NodeId>(0, member.node), [&](NodeId before) {
          return llvm::any_of(
              tree.nodes[before].nest.accesses, [&](const Access &other) {
                return other.isWrite && other.buffer == access.buffer;
              });
        });
  }
}

StreamedOp StreamPlanner::describeMember(const GroupMember &member) const {
  const Nest &nest = nestOf(member);
  StreamedOp op;
  op.body = tree.ops[member.op].body.get();
  op.isColumn = member.streamDim.has_value();
  op.isReduction = isReducedInStream(tree, member);
  op.isSink = member.isSink;
  op.where = describe(member);
  op.sources.resize(nest.accesses.size());
  for (const Access &access : nest.accesses)
    op.isFixed.push_back(
        op.isColumn && access.gathers.empty() &&
        getStride(access.element, nest.loops[*member.streamDim]) == 0);
  if (op.isReduction)
    describeStart(member, op);
  return op;
}

/// The members, and who made what they read last.
llvm::SmallVector<StreamedOp, 8> StreamPlanner::describeMembers() const {
  llvm::SmallVector<StreamedOp, 8> ops;
  llvm::DenseMap<BufferId, unsigned> lastWriter;
  for (NodeId id : tree.nodes[tree.nodes[plan.root().node].parent].children) {
    bool isMember =
        ops.size() < plan.members.size() && plan.members[ops.size()].node == id;
    if (isMember) {
      StreamedOp op = describeMember(plan.members[ops.size()]);
      for (auto [number, access] :
           llvm::enumerate(tree.nodes[id].nest.accesses)) {
        auto writer = lastWriter.find(access.buffer);
        if (!access.isWrite && writer != lastWriter.end())
          op.sources[number] = writer->second;
      }
      ops.push_back(std::move(op));
    }
    for (BufferId buffer : findTouchedBuffers(tree, id).written) {
      lastWriter.erase(buffer);
      if (isMember)
        lastWriter[buffer] = ops.size() - 1;
    }
    if (id == plan.root().node)
      break;
  }
  return ops;
}

/// A row that corrects or divides a sum is found from the sum's dimensions.
llvm::Error StreamPlanner::checkRow(const GroupMember &sum, unsigned op,
                                    unsigned access) const {
  const GroupMember &reader = plan.members[op];
  for (const Term &term : nestOf(reader).accesses[access].element.terms) {
    const LoopId *loop = llvm::find(nestOf(reader).loops, term.loop);
    if (loop == nestOf(reader).loops.end() ||
        tree.loops[term.loop].maxTripCount == 1)
      continue;
    unsigned d = loop - nestOf(reader).loops.begin();
    if (!llvm::is_contained(sum.dimClasses, reader.dimClasses[d]))
      return llvm::make_error<StreamRefusal>(
          plan.name, "a row that " + describe(reader) +
                         " refers to has dimensions that " + describe(sum) +
                         " does not have");
  }
  return llvm::Error::success();
}

/// Puts the row with the most dimensions in front: exponents are over it.
void StreamPlanner::orderRows(StreamKernel &kernel) const {
  auto countDims = [&](const KernelInput &input) {
    if (!input.row)
      return int64_t(-1);
    const Nest &nest = nestOf(plan.members[*input.row]);
    llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
    int64_t count = 0;
    for (auto [dim, loop] : llvm::enumerate(nest.loops))
      count += written[dim] && tree.loops[loop].maxTripCount > 1;
    return count;
  };
  llvm::stable_sort(kernel.inputs,
                    [&](const KernelInput &a, const KernelInput &b) {
                      return countDims(a) > countDims(b);
                    });
}

llvm::Error StreamPlanner::checkRows() const {
  for (auto [m, member] : llvm::enumerate(plan.members)) {
    for (const StreamKernel &kernel : member.role.kernels)
      for (const KernelInput &input : kernel.inputs)
        for (size_t over : {m, size_t(kernel.getMainRow())})
          if (llvm::Error error =
                  checkRow(plan.members[over], input.op, input.access))
            return error;
    for (const RowFactor &factor : member.role.factors)
      for (unsigned access :
           findInputs(*tree.ops[plan.members[factor.term.op].op].body,
                      factor.term.node))
        if (llvm::Error error = checkRow(member, factor.term.op, access))
          return error;
  }
  return llvm::Error::success();
}

llvm::Error StreamPlanner::refuseParts(const GroupMember &member,
                                       llvm::StringRef reason) const {
  return llvm::make_error<StreamRefusal>(
      plan.name, describe(member) + " " + reason.str(), /*isOfParts=*/true);
}

/// Every part makes what is in front of its stream, for itself.
llvm::Error StreamPlanner::checkFronts(llvm::ArrayRef<StreamedOp> ops) const {
  auto isInFront = [&](unsigned m) {
    const GroupMember &member = plan.members[m];
    return !member.streamDim && member.role.place == StreamPlace::Before;
  };
  for (auto [m, member] : llvm::enumerate(plan.members)) {
    if (member.depth != plan.loops.size())
      return refuseParts(member, "is not inside of all loops of the group");
    if (!member.inner.packs.empty())
      return refuseParts(member, "has an operand that is packed");
    if (isInFront(m) && member.isSink)
      return refuseParts(member, "is read outside, and made by every part");
    bool isInPart =
        (member.streamDim && !member.role.isInSecondLoop) || isInFront(m);
    for (const std::optional<unsigned> &from : ops[m].sources)
      if (from && isInFront(*from) && !isInPart)
        return refuseParts(member, "needs " + describe(plan.members[*from]) +
                                       " behind the parts, which make it");
  }
  for (auto [i, loop] : llvm::enumerate(plan.loops))
    for (const TileLoop &outer : llvm::ArrayRef(plan.loops).take_front(i))
      if (outer.dim == loop.dim)
        return refuseParts(plan.root(), "has a dimension that two loops cut");
  return llvm::Error::success();
}

/// What the first loop makes is put together from what its parts made.
llvm::Error StreamPlanner::checkParts(llvm::ArrayRef<StreamedOp> ops) const {
  if (llvm::Error error = checkFronts(ops))
    return error;
  auto refuse = [&](const GroupMember &member, llvm::Twine reason) {
    return refuseParts(member, reason.str());
  };
  for (const GroupMember &member : plan.members) {
    if (hasSecondLoop(plan) && member.isSink && !member.role.isInSecondLoop)
      return refuse(member,
                    "is read outside, and made by every part, as others "
                    "need final rows");
    auto needsFront = [&](unsigned op, unsigned access) -> llvm::Error {
      std::optional<unsigned> from = ops[op].sources[access];
      if (!from || plan.members[*from].streamDim ||
          plan.members[*from].role.place != StreamPlace::Before)
        return llvm::Error::success();
      return refuse(member, "needs " + describe(plan.members[*from]) +
                                " behind the parts, which make it");
    };
    for (const RowFactor &factor : member.role.factors)
      for (unsigned access :
           findInputs(*tree.ops[plan.members[factor.term.op].op].body,
                      factor.term.node))
        if (llvm::Error error = needsFront(factor.term.op, access))
          return error;
    for (const StreamKernel &kernel : member.role.kernels)
      for (const KernelInput &input : kernel.inputs)
        if (llvm::Error error = needsFront(input.op, input.access))
          return error;
    if (member.role.place != StreamPlace::Inside)
      continue;
    if (!isCarriedByStream(tree, member) && member.isSink)
      return refuse(member, "makes tiles that are read outside of the group");
    if (!isReducedInStream(tree, member))
      continue;
    mlir::Operation *operation = tree.ops[member.op].operation;
    if (!operation)
      return refuse(member, "accumulates in a way that nothing is known of");
    if (llvm::Expected<CombiningOp> combiner = findCombiner(operation);
        !combiner)
      return refuse(member, "does not combine: " +
                                llvm::toString(combiner.takeError()));
    int64_t bits = plan.stream->parts;
    bool fits = true;
    for (const Access &access : nestOf(member).accesses)
      if (access.isWrite) {
        const Buffer &buffer = tree.buffers[access.buffer];
        fits &= !llvm::MulOverflow(bits, buffer.elementBits, bits) &&
                !llvm::MulOverflow(bits, buffer.elements, bits);
      }
    if (!fits)
      return refuse(member, "has too many partial results");
  }
  return llvm::Error::success();
}

/// Whether readers of what `member` makes can read what is left of it in the
/// loop instead: it has the same layout, and nobody else needs the result.
bool StreamPlanner::canForward(const GroupMember &member) const {
  const Nest &nest = nestOf(member);
  const Access &read = nest.accesses[*member.role.forwarded];
  for (const Access &write : nest.accesses) {
    if (!write.isWrite)
      continue;
    bool isAlike = read.element.constant == write.element.constant &&
                   read.element.terms.size() == write.element.terms.size() &&
                   llvm::all_of(read.element.terms, [&](const Term &term) {
                     return getStride(write.element, term.loop) == term.stride;
                   });
    if (!isAlike || member.isSink || member.role.isInSecondLoop)
      return false;
  }
  return true;
}

/// Notes where `mask` hides all columns of a tile from all of its rows. With
/// t the streamed dimension, the mask holds where
///   c + t + sum a_d i_d > 0:  from t = 1 - c - sum a_d i_d on, or where
///   c - t + sum a_d i_d > 0:  before t = c + sum a_d i_d,
/// for all rows of a tile from the largest such end on, or before the smallest
/// such begin.
void StreamPlanner::limitStream(const GroupMember &member,
                                const MaskBound &mask) {
  // Sums of this size do not overflow.
  constexpr int64_t kMost = int64_t(1) << 60;
  const Nest &nest = nestOf(member);
  int64_t ofStream = 0;
  for (auto [dim, coefficient] : mask.terms)
    if (dim == *member.streamDim)
      ofStream = coefficient;
  if (ofStream != 1 && ofStream != -1)
    return;
  bool isEnd = ofStream == 1;
  int64_t sign = isEnd ? -1 : 1;
  StreamLimit limit;
  __int128 constant = isEnd + sign * __int128(mask.constant), reach = 0;
  for (auto [dim, coefficient] : mask.terms) {
    if (dim == *member.streamDim ||
        tree.loops[nest.loops[dim]].maxTripCount == 1)
      continue;
    __int128 most = sign * __int128(coefficient) *
                    (tree.loops[nest.loops[dim]].maxTripCount - 1);
    reach += most < 0 ? -most : most;
    if (reach > kMost)
      return;
    if (member.rootDims[dim])
      limit.terms.push_back({*member.rootDims[dim], sign * coefficient});
    else if ((most > 0) == isEnd)
      constant += most;
  }
  if (constant > kMost || constant < -kMost)
    return;
  limit.constant = int64_t(constant);
  llvm::sort(limit.terms);
  auto &known = isEnd ? plan.stream->ends : plan.stream->begins;
  bool isNew = llvm::none_of(known, [&](const StreamLimit &other) {
    bool isStricter = isEnd ? other.constant <= limit.constant
                            : other.constant >= limit.constant;
    return other.terms == limit.terms && isStricter;
  });
  if (isNew)
    known.push_back(std::move(limit));
}

/// Finds which tiles masks let the first loop leave out.
void StreamPlanner::limitStream(llvm::ArrayRef<StreamedOp> ops) {
  llvm::SmallVector<StreamRole, 8> roles;
  for (const GroupMember &member : plan.members)
    roles.push_back(member.role);
  for (auto [m, member] : llvm::enumerate(plan.members)) {
    if (!member.streamDim || member.role.place != StreamPlace::Inside)
      continue;
    for (const MaskBound &mask : ops[m].body->masks)
      if (isIdleWhereMasked(ops, roles, m, mask))
        limitStream(member, mask);
  }
}

/// Numbers and cuts the dimensions; reads from outside are shared unless that
/// makes one dimension of two.
llvm::Error StreamPlanner::cutDims() {
  numberClasses(/*sharesReads=*/true);
  llvm::Error error = cutMembers();
  if (!error)
    return error;
  llvm::consumeError(std::move(error));
  numberClasses(/*sharesReads=*/false);
  return cutMembers();
}

llvm::Error StreamPlanner::run() {
  if (llvm::Error error = findBand())
    return error;
  if (!plan.stream)
    return llvm::Error::success();
  for (GroupMember &member : plan.members)
    member.inner.stream.clear();
  // A loop that would run once is not made.
  const Nest &carrier = nestOf(plan.members[plan.stream->carrier]);
  if (band.size == tree.loops[carrier.loops[band.dim]].maxTripCount) {
    plan.stream.reset();
    return llvm::Error::success();
  }
  if (llvm::Error error = cutDims())
    return error;
  llvm::SmallVector<StreamedOp, 8> ops = describeMembers();
  llvm::Expected<llvm::SmallVector<StreamRole, 8>> roles =
      analyzeReductions(ops);
  if (!roles)
    return llvm::make_error<StreamRefusal>(plan.name,
                                           llvm::toString(roles.takeError()));
  for (auto [member, role] : llvm::zip_equal(plan.members, *roles)) {
    member.role = std::move(role);
    for (StreamKernel &kernel : member.role.kernels)
      orderRows(kernel);
    if (member.role.forwarded && !canForward(member))
      member.role.forwarded.reset();
  }
  limitStream(ops);
  if (plan.stream->parts > 1)
    if (llvm::Error error = checkParts(ops))
      return error;
  return checkRows();
}

bool memwall::isReducedInStream(const LoopTree &tree,
                                const GroupMember &member) {
  return member.streamDim &&
         !findWrittenDims(tree.nodes[member.node].nest)[*member.streamDim];
}

bool memwall::hasSecondLoop(const GroupPlan &plan) {
  return llvm::any_of(plan.members, [](const GroupMember &member) {
    return member.role.isInSecondLoop;
  });
}

bool memwall::isCarriedByStream(const LoopTree &tree,
                                const GroupMember &member) {
  return member.role.place == StreamPlace::Inside &&
         (!member.streamDim || isReducedInStream(tree, member));
}

char StreamRefusal::ID = 0;

void StreamRefusal::log(llvm::raw_ostream &os) const {
  os << "group '" << group << "' cannot be streamed"
     << (isOfParts ? " in parts: " : ": ") << reason;
}

llvm::Error memwall::planStream(const LoopTree &tree, GroupPlan &plan) {
  return StreamPlanner(tree, plan).run();
}
