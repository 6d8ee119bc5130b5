//===- InPlace.cpp - Which tensor operands share storage ------------------===//
//
// Bottom-up over the ops of a function, as in Vasilache et al., "Composable and
// Modular Code Generation in MLIR" (2022), section on bufferization: an operand
// shares its storage with the results unless some read would then find the
// content of another write than the one that SSA says.
//
// Values that share storage are one set. A set keeps the reads of its values as
// intervals [definition, read] in program order and the writes as points; only
// a write within an interval can be a conflict. Bottom-up, new entries come
// before all others, so that the sorted lists are appended to and queries end
// early: the whole is about linear.
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/InPlace.h"
#include "OperandConflicts.h"
#include "TensorUses.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;
using namespace memwall;

namespace {

/// A read that must find what was there at `from`; `to` is the last point where
/// a write can come in between, the end of a loop for values from outside.
struct ReadInterval {
  OpOperand *use;
  unsigned from;
  unsigned to;
};

/// A write by an op; a loop's write of what it carries lasts until its end.
struct WritePoint {
  OpOperand *use;
  unsigned at;
  unsigned until;
};

/// Values that share storage.
struct StorageSet {
  SmallVector<ReadInterval, 2> reads;    ///< By descending `from`.
  SmallVector<WritePoint, 2> writes;     ///< By descending `at`.
  SmallVector<WritePoint, 0> loopWrites; ///< Those that last.
  bool hasWrites() const { return !writes.empty() || !loopWrites.empty(); }
  bool isWritable = true;
};

class Solver {
public:
  Solver(FunctionOpInterface function, TensorUses &uses,
         llvm::DenseMap<OpOperand *, Storage> &decisions)
      : function(function), uses(uses), decisions(decisions) {}

  void run();
  InPlaceAnalysis::Summary summarize();

private:
  void number(Region &region);
  void addValue(Value value);
  void decide(OpOperand &use);
  void share(OpOperand &use);
  bool wouldConflict(OpOperand &use);
  bool anyConflict(const StorageSet &reads, const StorageSet &writes);
  bool anyConflict(const StorageSet &reads, const WritePoint &write);
  bool isConflict(OpOperand *read, OpOperand *write);
  bool isHarmlessInsertion(OpOperand *read, OpOperand *write);
  bool isMadeFrom(Value value, Value origin);
  bool isSameSlice(Operation *insert, Value destination, Value value);
  bool needsPrivate(OpOperand &write);
  bool canOrder(OpOperand *read, OpOperand *write);
  bool happensBefore(Operation *first, Operation *second);
  ArrayRef<Value> findDefinitions(Value value);

  unsigned find(Value value);
  StorageSet &getSet(Value value) { return sets[find(value)]; }
  void unite(Value lhs, Value rhs);
  WritePoint makeWrite(OpOperand &use) {
    auto [begin, end] = order.lookup(use.getOwner());
    return {&use, begin, isRepeated(use.getOwner()) ? end : begin};
  }
  bool areEquivalent(Value lhs, Value rhs) {
    return lhs == rhs || equivalent.isEquivalent(lhs, rhs);
  }

  FunctionOpInterface function;
  TensorUses &uses;
  llvm::DenseMap<OpOperand *, Storage> &decisions;
  /// Pre-order position of an op, and that of the last op inside of it.
  llvm::DenseMap<Operation *, std::pair<unsigned, unsigned>> order;
  SmallVector<Operation *> postOrder;
  llvm::DenseMap<Value, unsigned> ids;
  SmallVector<unsigned> parents;
  std::vector<StorageSet> sets;
  llvm::EquivalenceClasses<Value> equivalent;
  llvm::DenseMap<Value, SmallVector<Value, 1>> definitions;
  unsigned next = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Order and definitions
//===----------------------------------------------------------------------===//

void Solver::number(Region &region) {
  for (Block &block : region)
    for (Operation &op : block) {
      unsigned begin = ++next;
      for (Region &nested : op.getRegions())
        number(nested);
      order[&op] = {begin, next};
      postOrder.push_back(&op);
    }
}

bool Solver::happensBefore(Operation *first, Operation *second) {
  return order.lookup(first).second < order.lookup(second).first;
}

/// The writes whose content `value` has.
ArrayRef<Value> Solver::findDefinitions(Value value) {
  auto it = definitions.find(value);
  if (it != definitions.end())
    return it->second;
  SmallVector<Value, 1> found;
  if (uses.isDefinition(value)) {
    found.push_back(value);
  } else {
    for (OpOperand *source : uses.getSources(cast<OpResult>(value)))
      for (Value definition : findDefinitions(source->get()))
        if (!llvm::is_contained(found, definition))
          found.push_back(definition);
  }
  return definitions[value] = std::move(found);
}

/// The outermost loop around `op` that is not around `value`, if any.
static Operation *getLoopBetween(Operation *op, Value value) {
  Operation *outermost = nullptr;
  Region *home = value.getParentRegion();
  for (Operation *loop = op->getParentOp(); loop; loop = loop->getParentOp()) {
    if (llvm::any_of(loop->getRegions(),
                     [&](Region &region) { return region.isAncestor(home); }))
      break;
    if (isRepeated(loop))
      outermost = loop;
  }
  return outermost;
}

//===----------------------------------------------------------------------===//
// Sets
//===----------------------------------------------------------------------===//

unsigned Solver::find(Value value) {
  unsigned id = ids.lookup(value);
  while (parents[id] != id)
    id = parents[id] = parents[parents[id]];
  return id;
}

void Solver::addValue(Value value) {
  ids[value] = parents.size();
  parents.push_back(parents.size());
  equivalent.insert(value);
  StorageSet set;
  set.isWritable = uses.isWritable(value);
  ArrayRef<Value> defined = findDefinitions(value);
  for (OpOperand &use : value.getUses()) {
    if (defined.empty() || !uses.reads(use) || !order.contains(use.getOwner()))
      continue;
    Operation *reader = use.getOwner();
    ReadInterval interval{&use, UINT_MAX, order.lookup(reader).second};
    for (Value definition : defined) {
      Operation *definer = definition.getDefiningOp();
      if (!definer)
        definer = definition.getParentRegion()->getParentOp();
      interval.from = std::min(interval.from, order.lookup(definer).first);
      if (Operation *loop = getLoopBetween(reader, definition))
        interval.to = std::max(interval.to, order.lookup(loop).second);
    }
    set.reads.push_back(interval);
  }
  llvm::sort(set.reads, [](const ReadInterval &a, const ReadInterval &b) {
    return a.from > b.from;
  });
  sets.push_back(std::move(set));
}

template <typename T, typename Key>
static void mergeSorted(SmallVectorImpl<T> &into, SmallVectorImpl<T> &from,
                        Key key) {
  for (T &entry : from) {
    // Bottom-up, this is at the end.
    auto it = into.end();
    while (it != into.begin() && key(*(it - 1)) < key(entry))
      --it;
    into.insert(it, entry);
  }
  from.clear();
}

void Solver::unite(Value lhs, Value rhs) {
  unsigned a = find(lhs), b = find(rhs);
  if (a == b)
    return;
  size_t sizeA = sets[a].reads.size() + sets[a].writes.size();
  size_t sizeB = sets[b].reads.size() + sets[b].writes.size();
  if (sizeA < sizeB)
    std::swap(a, b);
  parents[b] = a;
  mergeSorted(sets[a].reads, sets[b].reads,
              [](const ReadInterval &read) { return read.from; });
  mergeSorted(sets[a].writes, sets[b].writes,
              [](const WritePoint &write) { return write.at; });
  sets[a].loopWrites.append(sets[b].loopWrites);
  sets[b].loopWrites.clear();
  sets[a].isWritable &= sets[b].isWritable;
}

void Solver::share(OpOperand &use) {
  for (const TensorAlias &alias : uses.getAliases(use)) {
    unite(use.get(), alias.value);
    if (alias.isEquivalent)
      equivalent.unionSets(use.get(), alias.value);
  }
  if (!uses.writes(use))
    return;
  SmallVector<WritePoint, 1> write{makeWrite(use)};
  StorageSet &set = getSet(use.get());
  if (write.front().at != write.front().until)
    set.loopWrites.append(write);
  else
    mergeSorted(set.writes, write,
                [](const WritePoint &point) { return point.at; });
}

//===----------------------------------------------------------------------===//
// Conflicts
//===----------------------------------------------------------------------===//

/// Whether program order says which of the two comes first: not when the read
/// repeats in a loop that the write is in too and the value comes from outside.
bool Solver::canOrder(OpOperand *read, OpOperand *write) {
  return llvm::all_of(findDefinitions(read->get()), [&](Value definition) {
    Operation *loop = getLoopBetween(read->getOwner(), definition);
    return !loop || !loop->isAncestor(write->getOwner());
  });
}

/// Whether `value` would be all of `origin`'s storage if everything in between
/// were shared.
bool Solver::isMadeFrom(Value value, Value origin) {
  // A chain this long without an answer is no elementwise reuse.
  for (unsigned steps = 0; steps < 256 && value != origin; ++steps) {
    auto result = dyn_cast<OpResult>(value);
    if (!result)
      return false;
    SmallVector<OpOperand *, 2> sources = uses.getSources(result);
    if (sources.size() != 1)
      return false;
    SmallVector<TensorAlias, 2> aliases = uses.getAliases(*sources.front());
    if (llvm::none_of(aliases, [&](const TensorAlias &alias) {
          return alias.value == result && alias.isEquivalent;
        }))
      return false;
    value = sources.front()->get();
  }
  return value == origin;
}

/// Whether `value` is, in place, the part of `destination` that `insert` names.
bool Solver::isSameSlice(Operation *insert, Value destination, Value value) {
  for (unsigned steps = 0; steps < 64; ++steps) {
    // A shared output that is written as a whole has no slices.
    if (areEquivalent(value, destination) && insertsAll(insert))
      return true;
    auto result = dyn_cast<OpResult>(value);
    if (!result)
      return false;
    if (auto extract = dyn_cast<tensor::ExtractSliceOp>(result.getOwner())) {
      auto into = cast<OffsetSizeAndStrideOpInterface>(insert);
      auto from = cast<OffsetSizeAndStrideOpInterface>(extract.getOperation());
      if (into.isSameAs(from,
                        [](OpFoldResult a, OpFoldResult b) {
                          return a == b || isEqualConstantIntOrValue(a, b);
                        }) &&
          areEquivalent(extract.getSource(), destination))
        return true;
    }
    SmallVector<OpOperand *, 2> sources = uses.getSources(result);
    if (sources.empty())
      return false;
    // Branches: every one of them.
    for (OpOperand *source : ArrayRef(sources).drop_front())
      if (!isSameSlice(insert, destination, source->get()))
        return false;
    value = sources.front()->get();
  }
  return false;
}

/// Insertions touch one part of a tensor only, and write what is there already
/// when their source was built in it.
bool Solver::isHarmlessInsertion(OpOperand *read, OpOperand *write) {
  if (Insertion insertion = getInsertion(read->getOwner()); insertion.op) {
    Value destination = insertion.destination->get();
    if (read == insertion.destination &&
        isSameSlice(insertion.op, destination, write->get()))
      return true;
    if (read == insertion.source && write == insertion.destination &&
        isSameSlice(insertion.op, destination, read->get()))
      return true;
  }
  Insertion insertion = getInsertion(write->getOwner());
  return insertion.op && write == insertion.destination &&
         areEquivalent(read->get(), insertion.source->get()) &&
         isSameSlice(insertion.op, insertion.destination->get(),
                     insertion.source->get());
}

bool Solver::isConflict(OpOperand *read, OpOperand *write) {
  Operation *reader = read->getOwner(), *writer = write->getOwner();
  // 1. The write comes after the read, or is it.
  if (canOrder(read, write) && (read == write || areExclusive(reader, writer) ||
                                happensBefore(reader, writer)))
    return false;
  // 2. It does not change what is read.
  if (isElementwise(read, write) && (isMadeFrom(read->get(), write->get()) ||
                                     isMadeFrom(write->get(), read->get())))
    return false;
  if (isHarmlessInsertion(read, write))
    return false;
  // 3. It comes before the definition, or is it.
  SmallVector<TensorAlias, 2> aliases = uses.getAliases(*write);
  return llvm::any_of(findDefinitions(read->get()), [&](Value definition) {
    if (Operation *definer = definition.getDefiningOp()) {
      if (happensBefore(writer, definer) || definer->isProperAncestor(writer))
        return false;
    } else if (!definition.getParentRegion()->findAncestorOpInRegion(*writer)) {
      return false;
    }
    return aliases.size() != 1 || aliases.front().value != definition;
  });
}

bool Solver::anyConflict(const StorageSet &reads, const WritePoint &write) {
  // Descending: intervals that start at or before the write are at the end.
  for (const ReadInterval &read : llvm::reverse(reads.reads)) {
    if (read.from > write.until)
      return false;
    if (read.to >= write.at && isConflict(read.use, write.use))
      return true;
  }
  return false;
}

bool Solver::anyConflict(const StorageSet &reads, const StorageSet &writes) {
  auto conflicts = [&](const WritePoint &write) {
    return anyConflict(reads, write);
  };
  if (llvm::any_of(writes.loopWrites, conflicts))
    return true;
  if (writes.writes.size() <= reads.reads.size())
    return llvm::any_of(writes.writes, conflicts);
  return llvm::any_of(reads.reads, [&](const ReadInterval &read) {
    auto first =
        llvm::partition_point(writes.writes, [&](const WritePoint &write) {
          return write.at > read.to;
        });
    for (; first != writes.writes.end() && first->at >= read.from; ++first)
      if (isConflict(read.use, first->use))
        return true;
    return false;
  });
}

/// Iterations that run at once cannot share what comes from outside of them.
bool Solver::needsPrivate(OpOperand &write) {
  auto getConcurrent = [](Operation *op) {
    while (op && !isConcurrent(op))
      op = op->getParentOp();
    return op;
  };
  Operation *home = getConcurrent(write.getOwner()->getParentOp());
  // The insertion at the end of scf.forall is the one shared write.
  if (!home || isa<tensor::ParallelInsertSliceOp>(write.getOwner()))
    return false;
  SmallVector<Value> worklist{write.get()};
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    SmallVector<OpOperand *, 2> sources;
    if (auto result = dyn_cast<OpResult>(value);
        result && !uses.isDefinition(value))
      sources = uses.getSources(result);
    for (OpOperand *source : sources)
      worklist.push_back(source->get());
    if (sources.empty() &&
        getConcurrent(value.getParentRegion()->getParentOp()) != home)
      return true;
  }
  return false;
}

bool Solver::wouldConflict(OpOperand &use) {
  StorageSet &own = getSet(use.get());
  WritePoint write = makeWrite(use);
  bool isWrite = uses.writes(use);
  SmallVector<StorageSet *, 2> others;
  for (const TensorAlias &alias : uses.getAliases(use))
    if (StorageSet *set = &getSet(alias.value);
        set != &own && !llvm::is_contained(others, set))
      others.push_back(set);
  // 1. Writes to what must not be written.
  bool anyWrite = isWrite || own.hasWrites(), writable = own.isWritable;
  for (StorageSet *other : others) {
    anyWrite |= other->hasWrites();
    writable &= other->isWritable;
  }
  if (!anyWrite)
    return false;
  if (!writable)
    return true;
  // 2. Reads that would find another write.
  if (isWrite && anyConflict(own, write))
    return true;
  bool anyRead = !own.reads.empty();
  for (StorageSet *other : others) {
    anyRead |= !other->reads.empty();
    if ((isWrite && anyConflict(*other, write)) || anyConflict(own, *other) ||
        anyConflict(*other, own))
      return true;
  }
  // 3. Writes of iterations that run at once.
  return anyRead && isWrite && needsPrivate(use);
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

void Solver::decide(OpOperand &use) {
  if (uses.isAlwaysShared(use))
    return;
  if (!uses.writes(use) && uses.getAliases(use).empty())
    return;
  if (!wouldConflict(use)) {
    share(use);
    decisions[&use] = Storage::Shared;
    return;
  }
  bool isReadOfView =
      !uses.writes(use) &&
      llvm::any_of(uses.getAliases(use), [&](TensorAlias alias) {
        return uses.isValueRead(alias.value);
      });
  // Arithmetic reads its operand where that is, and writes elsewhere.
  bool needsContent = (isReadOfView || uses.reads(use)) &&
                      findReusedOperand(use.getOwner()) != &use &&
                      !findDefinitions(use.get()).empty();
  decisions[&use] = needsContent ? Storage::Copied : Storage::Fresh;
}

void Solver::run() {
  order[function] = {0, UINT_MAX};
  number(function.getFunctionBody());
  auto isTensor = [](Value value) { return isa<TensorType>(value.getType()); };
  auto addAll = [&](auto &&values) {
    for (Value value : values)
      if (isTensor(value))
        addValue(value);
  };
  // Values first: a block's arguments before the ops in it.
  addAll(function.getArguments());
  for (Operation *op : postOrder) {
    addAll(op->getResults());
    for (Region &region : op->getRegions())
      for (Block &block : region)
        addAll(block.getArguments());
  }
  for (Operation *op : postOrder)
    for (OpOperand &use : op->getOpOperands())
      if (isTensor(use.get()) && uses.isAlwaysShared(use))
        share(use);
  for (Operation *op : llvm::reverse(postOrder))
    for (OpOperand &use : op->getOpOperands())
      if (isTensor(use.get()))
        decide(use);
}

InPlaceAnalysis::Summary Solver::summarize() {
  InPlaceAnalysis::Summary summary;
  auto isTensor = [](Value value) { return isa<TensorType>(value.getType()); };
  for (BlockArgument argument : function.getArguments())
    summary.arguments.push_back(
        isTensor(argument)
            ? InPlaceAnalysis::ArgumentUse{uses.isValueRead(argument),
                                           getSet(argument).hasWrites()}
            : InPlaceAnalysis::ArgumentUse{});
  Operation *terminator = function.getFunctionBody().back().getTerminator();
  for (Value result : terminator->getOperands()) {
    summary.equivalentArgument.emplace_back();
    summary.aliasingArguments.emplace_back();
    if (!isTensor(result))
      continue;
    for (BlockArgument argument : function.getArguments()) {
      if (!isTensor(argument) || find(argument) != find(result))
        continue;
      summary.aliasingArguments.back().push_back(argument.getArgNumber());
      if (areEquivalent(argument, result))
        summary.equivalentArgument.back() = argument.getArgNumber();
    }
  }
  return summary;
}

void InPlaceAnalysis::analyze(FunctionOpInterface function) {
  if (!started.insert(function).second || function.isExternal())
    return;
  // 1. Callees first.
  function.walk([&](CallOpInterface call) {
    auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
    if (!symbol)
      return;
    if (auto callee = dyn_cast_or_null<FunctionOpInterface>(
            symbols.lookupNearestSymbolFrom(call, symbol)))
      analyze(callee);
  });
  // 2. The function.
  TensorUses uses([&](Operation *callee) { return getSummary(callee); });
  Solver solver(function, uses, decisions);
  solver.run();
  summaries[function] = solver.summarize();
}

Storage InPlaceAnalysis::get(OpOperand &operand) const {
  auto it = decisions.find(&operand);
  return it == decisions.end() ? Storage::Shared : it->second;
}

const InPlaceAnalysis::Summary *
InPlaceAnalysis::getSummary(Operation *function) const {
  auto it = summaries.find(function);
  return it == summaries.end() ? nullptr : &it->second;
}
