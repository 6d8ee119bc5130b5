//===- IsolatedOp.cpp - One op from cold ----------------------------------===//

#include "IsolatedOp.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/NestAccesses.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <limits>
#include <numeric>

using namespace memwall;

namespace {

/// Copies nests of one tree into another, without the loops around them.
class Isolator {
public:
  /// Of what is written, the buffers that `isUsedLater` says are live out.
  Isolator(const LoopTree &source, std::function<bool(BufferId)> isUsedLater)
      : source(source), isUsedLater(std::move(isUsedLater)) {
    result.nodes.emplace_back();
    result.nodes[0].loop = addLoop(Loop{LoopKind::Serial, {{1, {}}}});
  }

  NodeId addNest(NodeId id) {
    Nest nest = source.nodes[id].nest;
    llvm::DenseMap<LoopId, LoopId> loops;
    for (LoopId &loop : nest.loops) {
      LoopId copy = addLoop(source.loops[loop]);
      loops[loop] = copy;
      loop = copy;
    }
    llvm::SmallVector<Access, 4> original = nest.accesses;
    for (Access &access : nest.accesses) {
      AffineForm element{access.element.constant, {}};
      for (const Term &term : access.element.terms)
        if (loops.count(term.loop))
          element.terms.push_back({loops[term.loop], term.stride});
      access.element = std::move(element);
      bool isReadToo = llvm::any_of(original, [&](const Access &other) {
        return !other.isWrite && other.buffer == access.buffer;
      });
      access.buffer = addBuffer(access, isReadToo);
    }
    OpRecord record = source.ops[nest.op];
    record.executions = 1;
    nest.op = result.ops.size();
    result.ops.push_back(std::move(record));
    NodeId node = result.nodes.size();
    result.nodes.emplace_back();
    result.nodes[node].kind = Node::Kind::Nest;
    result.nodes[node].nest = std::move(nest);
    result.nodes[0].children.push_back(node);
    return node;
  }

  /// Moves what is accessed of every buffer to its beginning, so that a slice
  /// of a large buffer (the weights of one layer in those of all) is like that
  /// of any other: by whole pages, which keeps the place in a line, and up to
  /// the last element that is touched.
  void cutSlices();

  LoopTree result;

private:
  LoopId addLoop(Loop loop) {
    result.loops.push_back(std::move(loop));
    return result.loops.size() - 1;
  }

  /// Storage of an access: what is written is a result, all else was there.
  /// Memory that the nests read and that one of them then takes for something
  /// else is two pieces: in loops around them, both are in use.
  BufferId addBuffer(const Access &access, bool isReadToo) {
    auto [known, isNew] =
        buffers.insert({access.buffer, BufferId(result.buffers.size())});
    if (!isNew && access.isWrite && !isReadToo &&
        result.buffers[known->second].kind == BufferKind::Argument) {
      known->second = result.buffers.size();
      isNew = true;
    }
    if (isNew) {
      Buffer buffer = source.buffers[access.buffer];
      buffer.kind =
          access.isWrite ? BufferKind::Intermediate : BufferKind::Argument;
      buffer.liveOut = false;
      buffer.scope = LoopTree::root;
      buffer.storage.reset();
      result.buffers.push_back(std::move(buffer));
    }
    result.buffers[known->second].liveOut |=
        access.isWrite && isUsedLater(access.buffer);
    return known->second;
  }

  const LoopTree &source;
  std::function<bool(BufferId)> isUsedLater;
  llvm::DenseMap<BufferId, BufferId> buffers;
};

} // namespace

/// The elements behind the first of its buffer that an access starts from, up
/// to the last that it touches; none where a loop has no constant extent or
/// runs backwards.
static std::optional<int64_t> computeReach(const LoopTree &tree,
                                           const Access &access) {
  int64_t reach = access.element.constant;
  for (const Term &term : access.element.terms) {
    const Loop &loop = tree.loops[term.loop];
    if (loop.extent.size() != 1 || !loop.extent[0].terms.empty() ||
        term.stride < 0 || !access.gathers.empty())
      return std::nullopt;
    // Within the buffer, so nothing overflows.
    reach += term.stride * std::max<int64_t>(loop.extent[0].constant - 1, 0);
  }
  return reach;
}

void Isolator::cutSlices() {
  // Lines of caches and sectors of memories divide a page.
  constexpr int64_t kPageBits = 4096 * 8;
  struct Range {
    int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
    bool isKnown = true;
  };
  llvm::SmallVector<Range, 8> ranges(result.buffers.size());
  auto forEachAccess = [&](auto visit) {
    for (NodeId id : result.nodes[LoopTree::root].children)
      for (Access &access : result.nodes[id].nest.accesses)
        visit(access);
  };
  forEachAccess([&](const Access &access) {
    Range &range = ranges[access.buffer];
    std::optional<int64_t> reach = computeReach(result, access);
    range.isKnown &= reach.has_value();
    range.first = std::min(range.first, access.element.constant);
    range.last = std::max(range.last, reach.value_or(0));
  });
  for (auto [range, buffer] : llvm::zip_equal(ranges, result.buffers)) {
    // What a producer wrote before the op took its storage over is left alone.
    bool isAccessed = range.first <= range.last;
    if (!range.isKnown || !isAccessed) {
      range.first = 0;
      continue;
    }
    int64_t page = kPageBits / std::gcd(kPageBits, buffer.elementBits);
    range.first = range.first / page * page;
    buffer.elements = std::min(buffer.elements, range.last + 1) - range.first;
  }
  forEachAccess([&](Access &access) {
    access.element.constant -= ranges[access.buffer].first;
  });
}

/// Whether an access of `nest` walks all of its buffer.
static bool isWhole(const LoopTree &tree, const Nest &nest,
                    const Access &access) {
  bool isFixed = llvm::all_of(access.element.terms, [&](const Term &term) {
    return llvm::is_contained(nest.loops, term.loop);
  });
  return isFixed && access.element.constant == 0 &&
         computeReach(tree, access) == tree.buffers[access.buffer].elements - 1;
}

/// Whether the function only reads a buffer that others filled.
static bool isWeight(const LoopTree &tree, BufferId buffer) {
  return tree.buffers[buffer].isLiveIn() &&
         llvm::none_of(tree.nodes, [&](const Node &node) {
           return llvm::any_of(node.nest.accesses, [&](const Access &access) {
             return access.isWrite && access.buffer == buffer;
           });
         });
}

llvm::Expected<IsolatedOp> memwall::isolateOp(const LoopTree &tree,
                                              NodeId node) {
  llvm::Expected<OpShape> shape = readOpShape(tree, node);
  if (!shape)
    return shape.takeError();
  Isolator isolator(tree, [](BufferId) { return true; });
  std::optional<InitProducer> producer = findInitProducer(tree, node);
  if (producer)
    isolator.addNest(producer->node);
  IsolatedOp isolated;
  isolated.node = isolator.addNest(node);
  // The producer writes where the op accumulates, in place.
  if (producer)
    for (Access &access :
         isolator.result.nodes[isolated.node - 1].nest.accesses)
      if (access.isWrite)
        access.buffer =
            isolator.result.nodes[isolated.node].nest.accesses.back().buffer;
  isolator.cutSlices();
  isolated.tree = std::move(isolator.result);
  isolated.op = isolated.tree.ops.size() - 1;
  isolated.shape = std::move(*shape);
  isolated.canSplit = llvm::is_contained(isolated.shape.isReduction, true) &&
                      explainNoSplit(tree, tree.nodes[node].nest).empty();
  const Nest &nest = isolated.tree.nodes[isolated.node].nest;
  for (OperandShape &operand : isolated.shape.operands) {
    const Nest &source = tree.nodes[node].nest;
    const auto *same =
        llvm::find_if(source.accesses, [&](const Access &access) {
          return access.buffer == operand.buffer;
        });
    isolated.isWeight.push_back(isWeight(tree, operand.buffer) &&
                                isWhole(tree, source, *same));
    operand.buffer = nest.accesses[same - source.accesses.begin()].buffer;
    operand.startsFresh =
        operand.isRead && operand.isWritten && producer.has_value();
  }
  return std::move(isolated);
}

IsolatedGroup memwall::isolateGroup(const LoopTree &tree,
                                    const GroupPlan &plan) {
  // What is made for others than the members has to be there at the end.
  llvm::DenseSet<BufferId> kept;
  for (const GroupMember &member : plan.members)
    for (const Access &access : tree.nodes[member.node].nest.accesses)
      if (access.isWrite && member.isSink)
        kept.insert(access.buffer);
  Isolator isolator(tree, [&](BufferId id) { return kept.contains(id); });
  IsolatedGroup isolated;
  for (const GroupMember &member : plan.members) {
    if (std::optional<InitProducer> producer =
            findInitProducer(tree, member.node))
      isolator.addNest(producer->node);
    isolated.nodes.push_back(isolator.addNest(member.node));
    isolated.ops.push_back(isolator.result.ops.size() - 1);
  }
  isolated.tree = std::move(isolator.result);
  return isolated;
}

std::string memwall::makeSearchKey(const IsolatedOp &isolated) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  for (bool weight : isolated.isWeight)
    stream << weight;
  stream << (isolated.canSplit ? "s" : "");
  return key + makeSearchKey(isolated.tree);
}

std::string memwall::makeSearchKey(const LoopTree &tree) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  for (const Buffer &buffer : tree.buffers)
    stream << "b" << buffer.elements << "x" << buffer.elementBits
           << int(buffer.kind) << buffer.liveOut;
  for (NodeId id : tree.nodes[LoopTree::root].children) {
    const Nest &nest = tree.nodes[id].nest;
    stream << "n" << int(tree.ops[nest.op].kind);
    for (LoopId loop : nest.loops)
      stream << "," << tree.loops[loop].extent[0].constant
             << (tree.loops[loop].isReduction ? "r" : "p");
    for (const Access &access : nest.accesses) {
      stream << (access.isWrite ? "w" : "r") << access.buffer << "["
             << access.element.constant;
      for (const Term &term : access.element.terms)
        stream << "+" << term.stride << "*" << term.loop;
      stream << "]";
    }
  }
  return key;
}

double memwall::countMinimumAlone(const IsolatedGroup &group) {
  double bytes = 0;
  for (NodeId node : group.nodes) {
    const Nest &nest = group.tree.nodes[node].nest;
    // By buffer: what is read of it, and what is written.
    llvm::MapVector<BufferId, std::pair<double, double>> touched;
    for (const Access &access : nest.accesses) {
      const Buffer &buffer = group.tree.buffers[access.buffer];
      double places = double(
          std::min(countPlaces(group.tree, nest, access), buffer.elements));
      auto &[read, written] = touched[access.buffer];
      double &mine = access.isWrite ? written : read;
      mine = std::max(mine, places * double(buffer.elementBits) / 8);
    }
    for (auto [buffer, each] : touched)
      bytes += std::max(each.first, each.second) + each.second;
  }
  return bytes;
}

Target memwall::keepLastCache(const LoopTree &tree, const Target &target) {
  // Victims are merged first: what is left has no inner cache to take them of.
  Target last = mergeVictimCaches(tree, target);
  last.levels.erase(last.levels.begin(), last.levels.end() - 2);
  return last;
}

double memwall::countFetchedByStores(const IsolatedGroup &group,
                                     const Level &cache) {
  double bytes = 0;
  for (const Buffer &buffer : group.tree.buffers)
    if (buffer.liveOut && cache.kind == LevelKind::Cached &&
        cache.storePolicy == StorePolicy::Fetch)
      bytes += double(buffer.bytes());
  return bytes;
}

double memwall::countMinimum(const IsolatedGroup &group, const Level &cache) {
  double bytes = countFetchedByStores(group, cache);
  for (const Buffer &buffer : group.tree.buffers) {
    if (buffer.kind != BufferKind::Intermediate)
      bytes += double(buffer.bytes());
    if (buffer.liveOut)
      bytes += double(buffer.bytes());
  }
  return bytes;
}
