//===- LoopTreePrinter.cpp - Loop trees as text ---------------------------===//

#include "memwall/Work/LoopTreePrinter.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

namespace {

class Printer {
public:
  Printer(const LoopTree &tree, llvm::raw_ostream &stream)
      : tree(tree), stream(stream) {}
  void print();

private:
  void printBuffer(BufferId id);
  void printOp(OpId id);
  void printForm(const AffineForm &form);
  void printLoop(LoopId id);
  void printNode(NodeId id, unsigned indent);
  void printNest(const Nest &nest, unsigned indent);
  void printAccess(const Access &access);
  void printArithmetic(const Arithmetic &arithmetic);

  const LoopTree &tree;
  llvm::raw_ostream &stream;
};

} // namespace

static const char *getName(BufferKind kind) {
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
  return "unknown";
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
  stream << "  b" << id << " " << getName(buffer.kind) << " " << buffer.name
         << " " << buffer.elements << "x" << buffer.elementType;
  if (buffer.liveOut)
    stream << " live-out";
  if (buffer.scope != LoopTree::root)
    stream << " in l" << tree.nodes[buffer.scope].loop;
  stream << "\n";
}

void Printer::printOp(OpId id) {
  const OpRecord &op = tree.ops[id];
  stream << "  op" << id << " " << op.name << " " << getKindName(op.kind);
  if (!op.computeType.empty())
    stream << " " << op.computeType;
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
    stream << "l" << term.loop;
    isFirst = false;
  }
}

void Printer::printLoop(LoopId id) {
  const Loop &loop = tree.loops[id];
  stream << "l" << id << " in ";
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
}

void Printer::printAccess(const Access &access) {
  stream << (access.isWrite ? "write" : "read");
  if (access.readsFill)
    stream << "-fill";
  stream << " b" << access.buffer << "[";
  printForm(access.element);
  for (const GatherTerm &gather : access.gathers) {
    stream << "+?(";
    llvm::interleaveComma(gather.loops, stream,
                          [&](LoopId loop) { stream << "l" << loop; });
    stream << ")";
    if (gather.stride != 1)
      stream << "*" << gather.stride;
    stream << "<" << gather.extent << (gather.hitsAll ? " all" : "");
  }
  stream << "]";
}

void Printer::printNest(const Nest &nest, unsigned indent) {
  stream.indent(indent) << "nest op" << nest.op << " (";
  llvm::interleaveComma(nest.loops, stream,
                        [&](LoopId loop) { printLoop(loop); });
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
    return printNest(node.nest, indent);
  if (id != LoopTree::root) {
    bool isParallel = tree.loops[node.loop].kind == LoopKind::Parallel;
    stream.indent(indent) << (isParallel ? "parallel " : "for ");
    printLoop(node.loop);
    stream << "\n";
    indent += 2;
  }
  for (NodeId child : node.children)
    printNode(child, indent);
}

void Printer::print() {
  stream << "tree @" << tree.function << "\n";
  for (BufferId id = 0; id < tree.buffers.size(); ++id)
    printBuffer(id);
  for (OpId id = 0; id < tree.ops.size(); ++id)
    printOp(id);
  for (const Unmodelled &entry : tree.unmodelled)
    stream << "  unmodelled " << entry.name << " x" << entry.count << "\n";
  printNode(LoopTree::root, 2);
}

void memwall::printLoopTree(const LoopTree &tree, llvm::raw_ostream &stream) {
  Printer(tree, stream).print();
}
