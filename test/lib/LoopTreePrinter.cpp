//===- LoopTreePrinter.cpp - Loop trees as text ---------------------------===//

#include "LoopTreePrinter.h"
#include "IndexValue.h"
#include "LoopTreeText.h"
#include "memwall/Work/ElementType.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

namespace {

class Printer {
public:
  Printer(const LoopTree &tree, llvm::raw_ostream &stream)
      : tree(tree), stream(stream), firstNumber(tree.nodes.size(), 0),
        numbers(tree.loops.size(), 0) {}
  void print();

private:
  void printBuffer(BufferId id);
  void printOp(OpId id);
  void printForm(const AffineForm &form);
  unsigned numberLoops(NodeId id, unsigned next);
  void printLoop(LoopId id, unsigned number);
  void printNode(NodeId id, unsigned indent);
  void printNest(NodeId id, unsigned indent);
  void printAccess(const Access &access);
  void printArithmetic(const Arithmetic &arithmetic);

  const LoopTree &tree;
  llvm::raw_ostream &stream;
  /// By node: the number in the text of its first loop. Loops are numbered in
  /// the order of the text, which need not be that of `LoopTree::loops`.
  llvm::SmallVector<unsigned, 0> firstNumber;
  /// By loop: its number in the text, once it is printed.
  llvm::SmallVector<unsigned, 0> numbers;
};

} // namespace

/// Prints a word so that the parser gives it back; quoted where `isPlain` is
/// false, or where it would be read otherwise.
static void printWord(llvm::raw_ostream &stream, llvm::StringRef word,
                      bool isPlain = true) {
  isPlain = isPlain && !word.empty() && !word.starts_with("//") &&
            !word.contains('"') && llvm::all_of(word, [](char c) {
              return llvm::isPrint(c) && !llvm::isSpace(c);
            });
  if (isPlain) {
    stream << word;
    return;
  }
  stream << '"';
  llvm::printEscapedString(word, stream);
  stream << '"';
}

bool memwall::isPartOfOp(llvm::StringRef word) {
  for (int kind = 0; kind <= int(OpKind::Other); ++kind)
    if (word == getKindName(OpKind(kind)))
      return true;
  bool isExecutions =
      word.size() > 1 && word.front() == 'x' && llvm::isDigit(word[1]);
  return word == "init-fill" || word.contains('=') || isExecutions;
}

unsigned Printer::numberLoops(NodeId id, unsigned next) {
  const Node &node = tree.nodes[id];
  firstNumber[id] = next;
  if (node.kind == Node::Kind::Nest)
    return next + node.nest.loops.size();
  next += id != LoopTree::root;
  for (NodeId child : node.children)
    next = numberLoops(child, next);
  return next;
}

void Printer::printArithmetic(const Arithmetic &arithmetic) {
  if (arithmetic.flops)
    stream << " flops=" << arithmetic.flops;
  if (arithmetic.transcendentals)
    stream << " transcendentals=" << arithmetic.transcendentals;
  if (arithmetic.intOps)
    stream << " int_ops=" << arithmetic.intOps;
}

void Printer::printBuffer(BufferId id) {
  const Buffer &buffer = tree.buffers[id];
  stream << "  b" << id << " " << getKindName(buffer.kind) << " ";
  // A number would be that of the elements.
  bool isNumber = !buffer.name.empty() && llvm::isDigit(buffer.name.front());
  printWord(stream, buffer.name, !isNumber);
  stream << " " << buffer.elements;
  if (!buffer.elementType.empty()) {
    stream << "x";
    printWord(stream, buffer.elementType);
  }
  if (buffer.elementBits != getElementBits(llvm::StringRef(buffer.elementType)))
    stream << " bits=" << buffer.elementBits;
  if (buffer.liveOut)
    stream << " live-out";
  if (buffer.result)
    stream << " result=" << *buffer.result;
  if (buffer.scope != LoopTree::root)
    stream << " in l" << firstNumber[buffer.scope];
  if (buffer.storage)
    stream << " at b" << *buffer.storage;
  stream << "\n";
}

void Printer::printOp(OpId id) {
  const OpRecord &op = tree.ops[id];
  stream << "  op" << id << " ";
  printWord(stream, op.name, !isPartOfOp(op.name));
  stream << " " << getKindName(op.kind);
  if (!op.computeType.empty()) {
    stream << " ";
    printWord(stream, op.computeType, !isPartOfOp(op.computeType));
  }
  if (op.isInitFill)
    stream << " init-fill";
  stream << " x" << op.executions;
  printArithmetic(op.total);
  stream << "\n";
}

void Printer::printForm(const AffineForm &form) {
  bool isFirst = true;
  if (form.constant != 0 || form.terms.empty()) {
    stream << form.constant;
    isFirst = false;
  }
  for (const Term &term : form.terms) {
    if (term.stride < 0)
      stream << "-";
    else if (!isFirst)
      stream << "+";
    uint64_t magnitude =
        term.stride < 0 ? -(uint64_t)term.stride : (uint64_t)term.stride;
    if (magnitude != 1)
      stream << magnitude << "*";
    stream << "l" << numbers[term.loop];
    isFirst = false;
  }
}

void Printer::printLoop(LoopId id, unsigned number) {
  const Loop &loop = tree.loops[id];
  stream << "l" << number << " in ";
  if (loop.extent.size() > 1)
    stream << "min(";
  llvm::interleaveComma(loop.extent, stream,
                        [&](const AffineForm &form) { printForm(form); });
  if (loop.extent.size() > 1)
    stream << ")";
  if (loop.step != 1)
    stream << " step " << loop.step;
  if (loop.isReduction)
    stream << " reduction";
  if (loop.isInnerTile)
    stream << " inner-tile";
  if (loop.maxTripCount !=
      computeMaxTripCount(tree.loops, loop.extent, loop.step))
    stream << " max " << loop.maxTripCount;
  numbers[id] = number;
}

void Printer::printAccess(const Access &access) {
  stream << (access.isWrite ? "write" : "read");
  if (access.readsFill)
    stream << "-fill";
  if (access.isNontemporal)
    stream << "-around";
  stream << " b" << access.buffer << "[";
  printForm(access.element);
  for (const GatherTerm &gather : access.gathers) {
    stream << "+?(";
    llvm::interleaveComma(gather.loops, stream,
                          [&](LoopId loop) { stream << "l" << numbers[loop]; });
    stream << ")";
    if (gather.stride != 1)
      stream << "*" << gather.stride;
    stream << "<" << gather.extent << (gather.hitsAll ? " all" : "");
    if (gather.distinct != 1)
      stream << " least " << gather.distinct;
  }
  stream << "]";
  if (access.results)
    stream << " results=" << access.results;
}

void Printer::printNest(NodeId id, unsigned indent) {
  const Nest &nest = tree.nodes[id].nest;
  unsigned number = firstNumber[id];
  stream.indent(indent) << "nest op" << nest.op << " (";
  llvm::interleaveComma(nest.loops, stream,
                        [&](LoopId loop) { printLoop(loop, number++); });
  stream << ")";
  printArithmetic(nest.perIteration);
  stream << "\n";
  for (const Access &access : nest.accesses) {
    stream.indent(indent + 2);
    printAccess(access);
    stream << "\n";
  }
}

void Printer::printNode(NodeId id, unsigned indent) {
  const Node &node = tree.nodes[id];
  if (node.kind == Node::Kind::Nest)
    return printNest(id, indent);
  if (id != LoopTree::root) {
    bool isParallel = tree.loops[node.loop].kind == LoopKind::Parallel;
    stream.indent(indent) << (isParallel ? "parallel " : "for ");
    printLoop(node.loop, firstNumber[id]);
    stream << "\n";
    indent += 2;
  }
  for (NodeId child : node.children)
    printNode(child, indent);
}

void Printer::print() {
  numberLoops(LoopTree::root, 1);
  stream << "tree @";
  printWord(stream, tree.function);
  stream << "\n";
  for (BufferId id = 0; id < tree.buffers.size(); ++id)
    printBuffer(id);
  for (OpId id = 0; id < tree.ops.size(); ++id)
    printOp(id);
  for (const Unmodelled &entry : tree.unmodelled) {
    stream << "  unmodelled ";
    printWord(stream, entry.name);
    stream << " x" << entry.count << "\n";
  }
  printNode(LoopTree::root, 2);
}

void memwall::printLoopTree(const LoopTree &tree, llvm::raw_ostream &stream) {
  Printer(tree, stream).print();
}
