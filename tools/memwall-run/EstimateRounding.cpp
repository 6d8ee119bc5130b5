//===- EstimateRounding.cpp - How often numbers are rounded ---------------===//

#include "MeasureProgram.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

namespace {

/// Follows rounding through the buffers of a tree, in program order.
class RoundingChains {
public:
  RoundingChains(const LoopTree &tree, MLIRContext *context)
      : tree(tree), context(context), chains(tree.buffers.size()) {}

  void visit(NodeId id);
  SumRounding getLongest() const {
    SumRounding longest;
    for (const SumRounding &chain : chains)
      if (chain.variance > longest.variance)
        longest = chain;
    return longest;
  }

private:
  void visitNest(const Nest &nest);
  double countTerms(const Nest &nest, const Access &write) const;
  /// The unit roundoff of an element type; 0 for integers.
  double getRoundoff(StringRef elementType);

  const LoopTree &tree;
  MLIRContext *context;
  llvm::SmallVector<SumRounding, 0> chains; ///< By buffer.
  llvm::SmallVector<NodeId> path;           ///< Loop nodes around the nest.
  llvm::StringMap<double> roundoffs;
};

} // namespace

static bool isSameElement(const AffineForm &a, const AffineForm &b) {
  return a.constant == b.constant &&
         llvm::equal(a.terms, b.terms, [](const Term &x, const Term &y) {
           return x.loop == y.loop && x.stride == y.stride;
         });
}

/// How often one element is added to: the iterations of the loops that do not
/// move the write, inside of the loop whose body allocates the buffer.
double RoundingChains::countTerms(const Nest &nest, const Access &write) const {
  bool isSum = llvm::any_of(nest.accesses, [&](const Access &access) {
    return !access.isWrite && access.buffer == write.buffer &&
           isSameElement(access.element, write.element);
  });
  if (!isSum)
    return 1;
  double terms = 1;
  auto addLoop = [&](LoopId loop) {
    if (llvm::none_of(write.element.terms,
                      [&](const Term &term) { return term.loop == loop; }))
      terms *= std::max<int64_t>(1, tree.loops[loop].maxTripCount);
  };
  NodeId scope = tree.buffers[write.buffer].scope;
  for (NodeId node : llvm::reverse(path)) {
    if (node == scope)
      break;
    addLoop(tree.nodes[node].loop);
  }
  llvm::for_each(nest.loops, addLoop);
  return terms;
}

double RoundingChains::getRoundoff(StringRef elementType) {
  auto [entry, isNew] = roundoffs.insert({elementType, 0});
  if (!isNew)
    return entry->second;
  // The tree names small floats by their width; the least precise of each:
  // f4E2M1, f6E3M2, f8E5M2 with bits of precision, the leading one among them.
  int precision = llvm::StringSwitch<int>(elementType)
                      .Case("f4", 2)
                      .Cases({"f6", "f8"}, 3)
                      .Default(0);
  if (precision > 0)
    return entry->second = std::ldexp(1.0, -precision);
  Type type = parseType(elementType, context);
  if (auto complex = dyn_cast_or_null<ComplexType>(type))
    type = complex.getElementType();
  if (auto floating = dyn_cast_or_null<FloatType>(type))
    entry->second = std::ldexp(1.0, -int(llvm::APFloat::semanticsPrecision(
                                        floating.getFloatSemantics())));
  return entry->second;
}

void RoundingChains::visitNest(const Nest &nest) {
  SumRounding before;
  for (const Access &access : nest.accesses)
    if (!access.isWrite && chains[access.buffer].variance > before.variance)
      before = chains[access.buffer];
  for (const Access &access : nest.accesses) {
    if (!access.isWrite)
      continue;
    SumRounding after = before;
    double roundoff = getRoundoff(tree.buffers[access.buffer].elementType);
    if (nest.perIteration.flops > 0 && roundoff > 0) {
      double terms = countTerms(nest, access);
      double variance = terms * roundoff * roundoff;
      if (variance >= before.variance)
        after.elementType = tree.buffers[access.buffer].elementType;
      after.terms += terms;
      after.variance += variance;
    }
    if (after.variance > chains[access.buffer].variance)
      chains[access.buffer] = after;
  }
}

void RoundingChains::visit(NodeId id) {
  const Node &node = tree.nodes[id];
  if (node.kind == Node::Kind::Nest)
    return visitNest(node.nest);
  path.push_back(id);
  for (NodeId child : node.children)
    visit(child);
  path.pop_back();
}

SumRounding memwall::estimateRounding(const LoopTree &tree,
                                      MLIRContext *context) {
  RoundingChains chains(tree, context);
  chains.visit(LoopTree::root);
  return chains.getLongest();
}
