//===- BuildRecords.cpp - Nodes, loops and records of a tree --------------===//

#include "LoopTreeBuilder.h"
#include "memwall/Work/BuildLoopTree.h"
#include "memwall/Work/CountIterations.h"
#include "memwall/Work/EmitError.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace memwall;

std::string memwall::printLocation(Location location) {
  std::string result = "unknown";
  location->walk([&](Location nested) {
    auto file = dyn_cast<FileLineColLoc>(nested);
    if (!file)
      return WalkResult::advance();
    result = (file.getFilename().getValue() + ":" + Twine(file.getLine()) +
              ":" + Twine(file.getColumn()))
                 .str();
    return WalkResult::interrupt();
  });
  return result;
}

NodeId LoopTreeBuilder::addNode(Node::Kind kind) {
  NodeId id = tree.nodes.size();
  Node node;
  node.kind = kind;
  node.parent = current;
  tree.nodes.push_back(std::move(node));
  if (id != LoopTree::root)
    tree.nodes[current].children.push_back(id);
  return id;
}

LoopId LoopTreeBuilder::addLoop(LoopKind kind, ArrayRef<AffineForm> extent,
                                int64_t step, bool isReduction) {
  Loop loop;
  loop.kind = kind;
  loop.extent.assign(extent.begin(), extent.end());
  loop.step = step;
  loop.isReduction = isReduction;
  loop.maxTripCount = computeMaxTripCount(tree.loops, extent, step);
  tree.loops.push_back(std::move(loop));
  return tree.loops.size() - 1;
}

void LoopTreeBuilder::beginLoop(LoopId loop) {
  current = addNode(Node::Kind::Loop);
  tree.nodes[current].loop = loop;
  enclosing.push_back(loop);
  // -1: not known. Whoever needs it reports that.
  executions.push_back(countIterations(tree.loops, enclosing).value_or(-1));
}

void LoopTreeBuilder::endLoop() {
  NodeId ended = current;
  current = tree.nodes[current].parent;
  // A loop that does nothing leaves no trace.
  if (tree.nodes[ended].children.empty() &&
      llvm::none_of(tree.buffers, [&](const Buffer &buffer) {
        return buffer.scope == ended;
      })) {
    tree.nodes[current].children.pop_back();
    tree.nodes.pop_back();
  }
  enclosing.pop_back();
  executions.pop_back();
}

int64_t LoopTreeBuilder::countEnclosing() {
  return executions.empty() ? 1 : executions.back();
}

OpId LoopTreeBuilder::addOp(Operation *op, OpKind kind, StringRef computeType) {
  OpRecord record;
  record.operation = op;
  record.name = op->getName().getStringRef().str();
  record.location = printLocation(op->getLoc());
  record.kind = kind;
  record.computeType = computeType.str();
  record.executions = std::max<int64_t>(countEnclosing(), 0);
  record.calls.assign(callSites.begin(), callSites.end());
  tree.ops.push_back(std::move(record));
  return tree.ops.size() - 1;
}

static bool accumulate(int64_t &total, int64_t perIteration, int64_t count) {
  int64_t product;
  return !llvm::MulOverflow(perIteration, count, product) &&
         !llvm::AddOverflow(total, product, total);
}

bool LoopTreeBuilder::holdsFill(const View &view) {
  auto it = filledBy.find(view.buffer);
  return it != filledBy.end() &&
         (it->second.isWhole || isSameForm(it->second.offset, view.offset));
}

bool LoopTreeBuilder::isNeverWritten(const View &view) {
  // What is not looked into may write it.
  bool isAllKnown = llvm::none_of(tree.unmodelled, [](const Unmodelled &entry) {
    return entry.counted == CountedPart::Nothing;
  });
  return isAllKnown && !written.contains(view.buffer) &&
         tree.buffers[view.buffer].kind == BufferKind::Intermediate;
}

void LoopTreeBuilder::noteUndefinedRead(OpId op) {
  const OpRecord &record = tree.ops[op];
  auto isSame = [&](const UndefinedRead &other) {
    return other.name == record.name && other.location == record.location;
  };
  if (llvm::none_of(tree.undefinedReads, isSame))
    tree.undefinedReads.push_back({record.name, record.location});
}

/// Keeps track of which buffers hold a fill, and of who reads it.
void LoopTreeBuilder::noteFills(const Nest &nest) {
  for (const Access &access : nest.accesses) {
    auto it = filledBy.find(access.buffer);
    if (!access.isWrite && it != filledBy.end()) {
      FillReaders &readers = fillReaders[it->second.op];
      (access.readsFill ? readers.asInit : readers.otherwise) = true;
    }
    if (!access.isWrite)
      continue;
    if (tree.ops[nest.op].kind != OpKind::Fill) {
      filledBy.erase(access.buffer);
      continue;
    }
    int64_t written = 1;
    for (LoopId loop : nest.loops)
      written *= tree.loops[loop].maxTripCount;
    filledBy[access.buffer] = {nest.op,
                               arithmetic.dropDimensions(access.element),
                               written == tree.buffers[access.buffer].elements};
  }
}

/// Adds what `count` iterations of a nest do, one element at a time.
void LoopTreeBuilder::countValues(OpRecord &record, const Nest &nest,
                                  int64_t count) {
  int64_t bits = 0;
  for (const Access &access : nest.accesses)
    bits = std::max(bits, tree.buffers[access.buffer].elementBits);
  int64_t values = multiplyCounts(
      addCounts(int64_t(nest.accesses.size()),
                addCounts(nest.perIteration.flops, nest.perIteration.intOps)),
      count);
  record.values = addCounts(record.values, values);
  record.valueBits = addCounts(record.valueBits, multiplyCounts(values, bits));
}

LogicalResult LoopTreeBuilder::addNest(Operation *op, Nest nest) {
  SmallVector<LoopId> nested(enclosing.begin(), enclosing.end());
  nested.append(nest.loops.begin(), nest.loops.end());
  std::optional<int64_t> count = countIterations(tree.loops, nested);
  Arithmetic &total = tree.ops[nest.op].total;
  const Arithmetic &one = nest.perIteration;
  if (!count || !accumulate(total.flops, one.flops, *count) ||
      !accumulate(total.transcendentals, one.transcendentals, *count) ||
      !accumulate(total.intOps, one.intOps, *count))
    return emitErrorAt(op, "has an operation count that does not fit 64 bits");
  if (OpRecord &record = tree.ops[nest.op]; !record.isStraightLine)
    countValues(record, nest, *count);
  for (const Access &access : nest.accesses) {
    std::string &name = tree.buffers[access.buffer].name;
    if (access.isWrite && name.empty())
      name = tree.ops[nest.op].name + "#" + std::to_string(nest.op);
    if (access.isWrite)
      written.insert(access.buffer);
  }
  noteFills(nest);
  NodeId node = addNode(Node::Kind::Nest);
  tree.nodes[node].nest = std::move(nest);
  return success();
}
