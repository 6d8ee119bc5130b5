//===- RepeatedBlocks.cpp - Runs of equal layers --------------------------===//

#include "RepeatedBlocks.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;

namespace {

class Finder {
public:
  Finder(const LoopTree &source, const ConstantTree &tree)
      : source(source), tree(tree), children(tree.nodes.front().children),
        lastUse(source.buffers.size(), 0) {
    for (auto [i, child] : llvm::enumerate(children)) {
      std::string form;
      llvm::raw_string_ostream stream(form);
      llvm::SmallVector<BufferId, 8> order;
      printForm(child, child, order, stream);
      forms.push_back(names.try_emplace(form, names.size()).first->second);
      for (BufferId buffer : order)
        lastUse[buffer] = i;
      buffers.push_back(std::move(order));
    }
  }

  std::vector<RepeatedBlock> find(unsigned least);

private:
  using Partners = llvm::DenseMap<BufferId, BufferId>;

  void printForm(unsigned n, unsigned top,
                 llvm::SmallVectorImpl<BufferId> &order,
                 llvm::raw_ostream &stream) const;
  void printAccess(const ConstantAccess &access, unsigned top,
                   llvm::SmallVectorImpl<BufferId> &order,
                   llvm::raw_ostream &stream) const;
  bool areEqual(unsigned first, unsigned length, Partners &partners) const;
  unsigned countEqual(unsigned first, unsigned length) const;

  const LoopTree &source;
  const ConstantTree &tree;
  llvm::ArrayRef<unsigned> children;
  llvm::StringMap<unsigned> names;
  std::vector<unsigned> forms; ///< By child: a number for its form.
  /// By child: its buffers, as they appear.
  std::vector<llvm::SmallVector<BufferId, 8>> buffers;
  std::vector<unsigned> lastUse; ///< By buffer: the last child that uses it.
};

} // namespace

/// Everything that a walk of node `n` depends on, but for which buffers they
/// are. Nodes are numbered relative to `top`.
void Finder::printForm(unsigned n, unsigned top,
                       llvm::SmallVectorImpl<BufferId> &order,
                       llvm::raw_ostream &stream) const {
  const ConstantNode &node = tree.nodes[n];
  if (node.isAccess)
    return printAccess(tree.accesses[node.access], top, order, stream);
  stream << "(" << node.tripCount << (node.isParallel ? "p" : "")
         << (node.origin == ~0u ? "" : "o");
  for (unsigned child : node.children)
    printForm(child, top, order, stream);
  stream << ")";
}

void Finder::printAccess(const ConstantAccess &access, unsigned top,
                         llvm::SmallVectorImpl<BufferId> &order,
                         llvm::raw_ostream &stream) const {
  auto known = llvm::find(order, access.buffer);
  if (known == order.end()) {
    const Buffer &buffer = source.buffers[access.buffer];
    stream << "b" << buffer.elements << "x" << buffer.elementBits << ","
           << int(buffer.kind) << buffer.liveOut
           << (buffer.scope == LoopTree::root);
    order.push_back(access.buffer);
    known = std::prev(order.end());
  }
  stream << (access.isWrite ? "w" : "r") << known - order.begin() << "@"
         << access.offsetBits;
  for (const ConstantTerm &term : access.terms)
    stream << "+" << term.strideBits << "*" << int64_t(term.node) - top;
  for (const ConstantGather &gather : access.gathers) {
    stream << "g" << gather.strideBits << "/" << gather.extent;
    for (unsigned node : gather.nodes)
      stream << "," << int64_t(node) - top;
  }
}

/// Whether the block at `first` and the next one are equal; adds who stands for
/// whom.
bool Finder::areEqual(unsigned first, unsigned length,
                      Partners &partners) const {
  Partners back;
  for (unsigned i = first; i < first + length; ++i) {
    if (forms[i] != forms[i + length])
      return false;
    for (auto [mine, other] :
         llvm::zip_equal(buffers[i], buffers[i + length])) {
      auto [partner, isNew] = partners.try_emplace(mine, other);
      auto [origin, isFirst] = back.try_emplace(other, mine);
      if (partner->second != other || origin->second != mine)
        return false;
      bool isShared = mine == other;
      if (!isShared && lastUse[mine] + length != lastUse[other])
        return false;
    }
  }
  return true;
}

unsigned Finder::countEqual(unsigned first, unsigned length) const {
  unsigned count = 1;
  while (first + (count + 1) * length <= children.size()) {
    Partners partners;
    if (!areEqual(first + (count - 1) * length, length, partners))
      break;
    ++count;
  }
  return count;
}

std::vector<RepeatedBlock> Finder::find(unsigned least) {
  // The next child of the same form, by child.
  constexpr unsigned kMostLengths = 8;
  std::vector<unsigned> next(children.size(), 0);
  llvm::DenseMap<unsigned, unsigned> seen;
  for (unsigned i = children.size(); i-- > 0;) {
    auto [last, isNew] = seen.try_emplace(forms[i], i);
    next[i] = isNew ? 0 : last->second;
    last->second = i;
  }
  std::vector<RepeatedBlock> result;
  for (unsigned first = 0; first < children.size();) {
    RepeatedBlock best;
    // A block may hold the same form several times: norms, projections.
    unsigned tried = 0;
    for (unsigned other = next[first]; other != 0 && tried < kMostLengths;
         other = next[other], ++tried) {
      unsigned length = other - first;
      if (first + least * length > children.size())
        break;
      unsigned count = countEqual(first, length);
      if (count >= least && count * length > best.count * best.length)
        best = {first, length, count, {}};
    }
    if (best.count == 0) {
      ++first;
      continue;
    }
    // Who stands in the last block for those of the second.
    Partners names;
    for (unsigned block = 1; block + 1 < best.count; ++block) {
      Partners partners;
      areEqual(first + block * best.length, best.length, partners);
      if (block == 1)
        names = partners;
      else
        for (auto &[buffer, name] : names)
          name = partners.lookup_or(name, name);
    }
    for (auto [buffer, name] : names)
      if (buffer != name)
        best.renamed.push_back({buffer, name});
    llvm::sort(best.renamed);
    first = best.end();
    result.push_back(std::move(best));
  }
  return result;
}

std::vector<RepeatedBlock> memwall::findRepeatedBlocks(const LoopTree &source,
                                                       const ConstantTree &tree,
                                                       unsigned least) {
  return Finder(source, tree).find(least);
}
