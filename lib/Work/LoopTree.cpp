//===- LoopTree.cpp - Storage layout and checks of a loop tree ------------===//

#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <optional>

using namespace memwall;

llvm::StringRef memwall::getKindName(OpKind kind) {
  switch (kind) {
  case OpKind::Contraction:
    return "contraction";
  case OpKind::Convolution:
    return "convolution";
  case OpKind::Elementwise:
    return "elementwise";
  case OpKind::Reduction:
    return "reduction";
  case OpKind::Softmax:
    return "softmax";
  case OpKind::Fill:
    return "fill";
  case OpKind::Copy:
    return "copy";
  case OpKind::Gather:
    return "gather";
  case OpKind::Unmodelled:
    return "unmodelled";
  case OpKind::Other:
    return "other";
  }
  return "other";
}

llvm::StringRef memwall::getCountedPartName(CountedPart part) {
  switch (part) {
  case CountedPart::Nothing:
    return "nothing";
  case CountedPart::Operands:
    return "operands";
  case CountedPart::Body:
    return "body";
  }
  llvm_unreachable("all parts are above");
}

llvm::StringRef memwall::getKindName(BufferKind kind) {
  switch (kind) {
  case BufferKind::Argument:
    return "argument";
  case BufferKind::Constant:
    return "constant";
  case BufferKind::Global:
    return "global";
  case BufferKind::Intermediate:
    return "intermediate";
  }
  return "intermediate";
}

int64_t Buffer::bytes() const {
  return (int64_t)(((__int128)elements * elementBits + 7) / 8);
}

llvm::SmallVector<int64_t, 0> LoopTree::computeAddresses() const {
  llvm::SmallVector<int64_t, 0> addresses;
  int64_t next = 0;
  for (const Buffer &buffer : buffers) {
    if (buffer.storage) {
      addresses.push_back(addresses[*buffer.storage]);
      continue;
    }
    addresses.push_back(next);
    next =
        addCounts(next, std::min<uint64_t>(llvm::alignTo(buffer.bytes(), 4096),
                                           kTooManyBytes));
  }
  return addresses;
}

int64_t LoopTree::countStorageBytes() const {
  int64_t bytes = 0;
  for (auto [base, buffer] : llvm::zip_equal(computeAddresses(), buffers))
    bytes = std::max(bytes, addCounts(base, buffer.bytes()));
  return bytes;
}

namespace {

/// Checks a tree top-down, with the loops around every node at hand.
class Checker {
public:
  explicit Checker(const LoopTree &tree) : tree(tree) {}
  llvm::Error check();

private:
  llvm::Error checkBuffers();
  llvm::Error checkLoop(LoopId id);
  llvm::Error checkNode(NodeId id);
  llvm::Error checkNest(NodeId id);
  llvm::Error checkAccess(NodeId id, const Access &access);
  std::optional<int64_t> findOutside(const Access &access) const;
  /// Whether all loops that `terms` name are around the place of the check.
  bool enclose(llvm::ArrayRef<Term> terms) const;

  const LoopTree &tree;
  llvm::SmallVector<LoopId> enclosing;
  llvm::SmallVector<bool> visited;
};

} // namespace

template <typename... Ts>
static llvm::Error makeError(const char *format, Ts... values) {
  return llvm::createStringError(format, values...);
}

bool Checker::enclose(llvm::ArrayRef<Term> terms) const {
  return llvm::all_of(terms, [&](const Term &term) {
    return llvm::is_contained(enclosing, term.loop);
  });
}

llvm::Error Checker::checkBuffers() {
  if (tree.countStorageBytes() == kTooManyBytes)
    return makeError("the bytes of all buffers do not fit 64 bits");
  for (auto [i, buffer] : llvm::enumerate(tree.buffers)) {
    if (buffer.elements < 0 || buffer.elementBits <= 0 ||
        (__int128)buffer.elements * buffer.elementBits > kTooManyBytes)
      return makeError("buffer %u has %lld elements of %lld bits", (unsigned)i,
                       (long long)buffer.elements,
                       (long long)buffer.elementBits);
    if (buffer.scope >= tree.nodes.size() ||
        tree.nodes[buffer.scope].kind != Node::Kind::Loop)
      return makeError("scope of buffer %u is not a loop node", (unsigned)i);
    if (!buffer.storage)
      continue;
    if (*buffer.storage >= i || tree.buffers[*buffer.storage].storage ||
        tree.buffers[*buffer.storage].bytes() < buffer.bytes())
      return makeError("buffer %u cannot take the memory of buffer %u",
                       (unsigned)i, (unsigned)*buffer.storage);
  }
  return llvm::Error::success();
}

llvm::Error Checker::checkLoop(LoopId id) {
  if (id >= tree.loops.size())
    return makeError("loop %u does not exist", id);
  const Loop &loop = tree.loops[id];
  if (loop.step <= 0)
    return makeError("loop %u has step %lld, expected a positive one", id,
                     (long long)loop.step);
  if (loop.extent.empty())
    return makeError("loop %u has no extent", id);
  for (const AffineForm &form : loop.extent)
    if (!enclose(form.terms))
      return makeError("extent of loop %u names a loop that is not around it",
                       id);
  if (llvm::is_contained(enclosing, id))
    return makeError("loop %u is inside of itself", id);
  return llvm::Error::success();
}

llvm::Error Checker::checkAccess(NodeId id, const Access &access) {
  if (access.buffer >= tree.buffers.size())
    return makeError("node %u accesses buffer %u, which does not exist", id,
                     access.buffer);
  if (!enclose(access.element.terms))
    return makeError("an access of node %u names a loop that is not around it",
                     id);
  for (const GatherTerm &gather : access.gathers) {
    if (gather.extent < 1)
      return makeError("a gather of node %u has extent %lld", id,
                       (long long)gather.extent);
    for (LoopId loop : gather.loops)
      if (!llvm::is_contained(enclosing, loop))
        return makeError("a gather of node %u names a loop that is not around "
                         "it",
                         id);
  }
  std::optional<int64_t> outside = findOutside(access);
  if (!outside)
    return llvm::Error::success();
  const OpRecord &op = tree.ops[tree.nodes[id].nest.op];
  const Buffer &buffer = tree.buffers[access.buffer];
  return makeError("%s at %s accesses element %lld of %s, which has %lld",
                   op.name.c_str(), op.location.c_str(), (long long)*outside,
                   buffer.name.c_str(), (long long)buffer.elements);
}

/// The first or last element of an access that is not in its buffer. Only where
/// all loops have constant extents: else it might not be reached. Data may
/// choose row 0.
std::optional<int64_t> Checker::findOutside(const Access &access) const {
  bool isBox = llvm::all_of(enclosing, [&](LoopId id) {
    const Loop &loop = tree.loops[id];
    return loop.extent.size() == 1 && loop.extent[0].terms.empty() &&
           loop.maxTripCount > 0;
  });
  if (!isBox)
    return std::nullopt;
  constexpr __int128 far = (__int128)1 << 100;
  __int128 first = access.element.constant, last = first;
  for (Term term : access.element.terms) {
    __int128 reach =
        (__int128)term.stride * (tree.loops[term.loop].maxTripCount - 1);
    __int128 &end = reach < 0 ? first : last;
    // Saturated, far outside of any buffer.
    end = std::clamp<__int128>(end + reach, -far, far);
  }
  int64_t elements = tree.buffers[access.buffer].elements;
  if (first >= 0 && last < elements)
    return std::nullopt;
  constexpr __int128 largest = std::numeric_limits<int64_t>::max();
  return first < 0 ? (int64_t)std::max(first, -largest)
                   : (int64_t)std::min(last, largest);
}

llvm::Error Checker::checkNest(NodeId id) {
  const Node &node = tree.nodes[id];
  if (!node.children.empty())
    return makeError("nest node %u has children", id);
  if (node.nest.op >= tree.ops.size())
    return makeError("node %u belongs to op %u, which does not exist", id,
                     node.nest.op);
  size_t depth = enclosing.size();
  for (LoopId loop : node.nest.loops) {
    if (llvm::Error error = checkLoop(loop))
      return error;
    enclosing.push_back(loop);
  }
  for (const Access &access : node.nest.accesses)
    if (llvm::Error error = checkAccess(id, access))
      return error;
  enclosing.truncate(depth);
  return llvm::Error::success();
}

llvm::Error Checker::checkNode(NodeId id) {
  if (id >= tree.nodes.size() || visited[id])
    return makeError("node %u does not exist, or has two parents", id);
  visited[id] = true;
  const Node &node = tree.nodes[id];
  if (node.kind == Node::Kind::Nest)
    return checkNest(id);
  if (llvm::Error error = checkLoop(node.loop))
    return error;
  enclosing.push_back(node.loop);
  for (NodeId child : node.children) {
    if (child < tree.nodes.size() && tree.nodes[child].parent != id)
      return makeError("node %u is a child of node %u, but its parent is %u",
                       child, id, tree.nodes[child].parent);
    if (llvm::Error error = checkNode(child))
      return error;
  }
  enclosing.pop_back();
  return llvm::Error::success();
}

llvm::Error Checker::check() {
  if (tree.nodes.empty() || tree.nodes.front().kind != Node::Kind::Loop)
    return makeError("node 0 is not a loop");
  if (llvm::Error error = checkBuffers())
    return error;
  visited.assign(tree.nodes.size(), false);
  if (llvm::Error error = checkNode(LoopTree::root))
    return error;
  for (NodeId id = 0; id < tree.nodes.size(); ++id)
    if (!visited[id])
      return makeError("node %u is not in the tree", id);
  return llvm::Error::success();
}

llvm::Error LoopTree::check() const { return Checker(*this).check(); }
