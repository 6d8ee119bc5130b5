//===- Operands.cpp - What ops touch, by name and size --------------------===//

#include "Operands.h"
#include "Rows.h"
#include "memwall/Report/Format.h"
#include "memwall/Work/FoldNest.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace memwall;

llvm::StringRef memwall::getStringAttribute(mlir::Operation *op,
                                            llvm::StringRef name) {
  auto attribute =
      op ? op->getAttrOfType<mlir::StringAttr>(name) : mlir::StringAttr();
  return attribute ? attribute.getValue() : "";
}

std::string OpFigures::fullName() const {
  if (!givenName().empty())
    return givenName().str();
  return name + " at " + llvm::sys::path::filename(location).str();
}

namespace {

/// How one op touches one buffer, over all nests and executions.
struct Use {
  bool isRead = false, isWritten = false;
  llvm::SmallVector<StridedBox, 2> elements; ///< Where these are known.
  /// Elements that accesses touch at most of which the positions are not known.
  int64_t elsewhere = 0;
};

using Uses = llvm::MapVector<BufferId, Use>;

class Describer {
public:
  Describer(const LoopTree &tree, llvm::ArrayRef<OpFigures> ops)
      : tree(tree), ops(ops), uses(tree.ops.size()),
        writers(tree.buffers.size()) {
    for (auto [id, node] : llvm::enumerate(tree.nodes))
      if (node.kind == Node::Kind::Nest)
        addNest(id);
  }

  llvm::SmallVector<OperandFigures, 0> describe(OpId op) const;
  std::string getName(OpId op, BufferId buffer) const;
  std::string getLabel(OpId op, BufferId id) const;
  std::optional<OpId> findMaker(OpId op, BufferId id) const;

private:
  void addNest(NodeId node);
  int64_t countFootprint(BufferId buffer, const Use &use) const;
  llvm::StringRef getAttribute(const Buffer &buffer,
                               llvm::StringRef name) const;

  const LoopTree &tree;
  llvm::ArrayRef<OpFigures> ops;
  std::vector<Uses> uses; ///< By op.
  /// By buffer: the ops that write it, in program order.
  std::vector<llvm::SmallVector<OpId, 2>> writers;
};

} // namespace

/// Iterations of a nest with all loops around it, at most.
static int64_t countIterations(const LoopTree &tree, NodeId id) {
  int64_t iterations = 1;
  auto multiply = [&](LoopId loop) {
    if (llvm::MulOverflow(iterations, tree.loops[loop].maxTripCount,
                          iterations))
      iterations = kTooManyBytes;
  };
  for (LoopId loop : tree.nodes[id].nest.loops)
    multiply(loop);
  for (NodeId n = tree.nodes[id].parent; n != LoopTree::root;
       n = tree.nodes[n].parent)
    multiply(tree.nodes[n].loop);
  return iterations;
}

void Describer::addNest(NodeId id) {
  const Nest &nest = tree.nodes[id].nest;
  for (auto [a, access] : llvm::enumerate(nest.accesses)) {
    Use &use = uses[nest.op][access.buffer];
    (access.isWrite ? use.isWritten : use.isRead) = true;
    auto &ops = writers[access.buffer];
    if (access.isWrite && (ops.empty() || ops.back() != nest.op))
      ops.push_back(nest.op);
    FoldedNest folded = foldAccess(tree, id, a);
    if (folded.exact && access.gathers.empty()) {
      StridedBox box = computeElements(folded, folded.accesses[0]);
      if (!box.isEmpty() && !llvm::is_contained(use.elements, box))
        use.elements.push_back(box);
      continue;
    }
    int64_t most = std::min(computeHull(tree, id, a).count().elements,
                            countIterations(tree, id));
    use.elsewhere = std::max(use.elsewhere, most);
  }
}

/// Distinct bytes that an op touches of a buffer; at most so many where data
/// choose them.
int64_t Describer::countFootprint(BufferId id, const Use &use) const {
  const Buffer &buffer = tree.buffers[id];
  int64_t elements =
      use.elements.size() == 1
          ? use.elements.front().count().elements
          : (use.elements.empty() ? 0 : countUnion(use.elements).elements);
  elements = std::min(addCounts(elements, use.elsewhere), buffer.elements);
  __int128 bits = (__int128)elements * buffer.elementBits;
  return int64_t((bits + 7) / 8);
}

/// An attribute of the argument that a buffer is, or of the result.
llvm::StringRef Describer::getAttribute(const Buffer &buffer,
                                        llvm::StringRef name) const {
  auto function =
      llvm::dyn_cast_or_null<mlir::FunctionOpInterface>(tree.operation);
  if (!function)
    return "";
  mlir::StringAttr attribute;
  llvm::StringRef argument = buffer.name;
  unsigned number;
  if (buffer.kind == BufferKind::Argument && argument.consume_front("%arg") &&
      !argument.getAsInteger(10, number) && number < function.getNumArguments())
    attribute = function.getArgAttrOfType<mlir::StringAttr>(number, name);
  else if (buffer.kind == BufferKind::Intermediate && buffer.result)
    attribute =
        function.getResultAttrOfType<mlir::StringAttr>(*buffer.result, name);
  return attribute ? attribute.getValue() : "";
}

/// What `op`, or whoever comes after all ops, knows a buffer as: by the
/// attribute of the argument or result, by its number, or by the op whose
/// result it is when `op` runs.
std::string Describer::getName(OpId op, BufferId id) const {
  const Buffer &buffer = tree.buffers[id];
  if (llvm::StringRef name = getAttribute(buffer, "memwall.name");
      !name.empty())
    return name.str();
  std::optional<OpId> maker = findMaker(op, id);
  return maker ? "result of " + ops[*maker].fullName() : buffer.name;
}

std::string Describer::getLabel(OpId op, BufferId id) const {
  std::optional<OpId> maker = findMaker(op, id);
  if (!getAttribute(tree.buffers[id], "memwall.name").empty() || !maker ||
      !ops[*maker].givenName().empty())
    return getName(op, id);
  return "result of " + formatLabel(ops[*maker]) + " at " +
         llvm::sys::path::filename(ops[*maker].location).str();
}

/// The op whose result an intermediate buffer is when `op` runs.
std::optional<OpId> Describer::findMaker(OpId op, BufferId id) const {
  if (tree.buffers[id].kind != BufferKind::Intermediate || writers[id].empty())
    return std::nullopt;
  // The last op before this one that made the content; a fill is only where the
  // result of another op begins. In a loop the maker may stand behind it.
  auto isBefore = [&](OpId writer) { return writer < op; };
  auto isMaker = [&](OpId writer) {
    return isBefore(writer) && tree.ops[writer].kind != OpKind::Fill;
  };
  auto makers = llvm::reverse(writers[id]);
  auto maker = llvm::find_if(makers, isMaker);
  if (maker == makers.end() && llvm::is_contained(writers[id], op))
    return op;
  if (maker == makers.end())
    maker = llvm::find_if(makers, isBefore);
  return maker == makers.end() ? writers[id].back() : *maker;
}

llvm::SmallVector<OperandFigures, 0> Describer::describe(OpId op) const {
  llvm::SmallVector<OperandFigures, 0> operands;
  operands.reserve(uses[op].size());
  for (const auto &[id, use] : uses[op]) {
    OperandFigures &operand = operands.emplace_back();
    operand.buffer = id;
    operand.name = getName(op, id);
    operand.label = getLabel(op, id);
    operand.role = getAttribute(tree.buffers[id], "memwall.role").str();
    operand.kind = tree.buffers[id].kind;
    operand.elementType = tree.buffers[id].elementType;
    operand.isRead = use.isRead;
    operand.isWritten = use.isWritten;
    operand.footprintBytes = countFootprint(id, use);
  }
  return operands;
}

void memwall::describeOperands(const LoopTree &tree,
                               llvm::MutableArrayRef<OpFigures> ops) {
  Describer describer(tree, ops);
  for (OpFigures &op : ops)
    op.operands = describer.describe(op.index);
}

llvm::SmallVector<std::string, 0>
memwall::nameBuffers(const LoopTree &tree, llvm::ArrayRef<OpFigures> ops) {
  Describer describer(tree, ops);
  llvm::SmallVector<std::string, 0> names;
  for (BufferId id = 0; id < tree.buffers.size(); ++id)
    names.push_back(describer.getName(tree.ops.size(), id));
  return names;
}

void memwall::setOperands(const OpFigures &op, const LevelTraffic &traffic,
                          LevelFigures &level) {
  level.operands.resize(op.operands.size());
  for (const OperandTraffic &moved : traffic.operandsOf(op.index)) {
    auto operand = llvm::find_if(op.operands, [&](const OperandFigures &of) {
      return of.buffer == moved.buffer;
    });
    assert(operand != op.operands.end() && "an op moves what it touches");
    OperandBytes &bytes = level.operands[operand - op.operands.begin()];
    bytes.scheduled = moved.bytes;
    bytes.readByStores = moved.readByStores;
    if (operand->footprintBytes > 0 && moved.bytes.read != kTooManyBytes)
      bytes.timesFetched =
          double(moved.bytes.read) / double(operand->footprintBytes);
  }
}

namespace {
/// What a level moves of an operand beyond once.
struct Excess {
  double read = 0, written = 0; ///< Bytes.
  double timesWritten = 0;

  double total() const { return read + written; }
};
} // namespace

static Excess computeExcess(const OperandFigures &operand,
                            const OperandBytes &bytes) {
  double read = double(bytes.scheduled.read);
  double written = double(bytes.scheduled.written);
  double once = double(operand.footprintBytes);
  Excess excess;
  excess.read = std::max(0.0, read - (operand.isRead ? once : 0));
  excess.written = std::max(0.0, written - (operand.isWritten ? once : 0));
  excess.timesWritten = once > 0 ? written / once : 0;
  return excess;
}

/// How many times the operand that a level moves most of beyond once is
/// fetched or written; 0 where that is once, or a little of it again.
struct CostliestOperand {
  std::string name;
  double fetched = 0, written = 0;
};

static std::optional<CostliestOperand>
findCostliestOperand(const OpFigures &op, const LevelFigures &level) {
  // Less is cold, or a little of it again.
  constexpr double kAgain = 1.5;
  if (level.operands.empty() || level.operands.size() != op.operands.size())
    return std::nullopt;
  size_t costliest = 0;
  Excess most;
  int64_t mostBytes = -1;
  for (auto [number, operand, bytes] :
       llvm::enumerate(op.operands, level.operands)) {
    Excess excess = computeExcess(operand, bytes);
    auto key = std::pair(excess.total(), bytes.scheduled.total());
    if (key <= std::pair(most.total(), mostBytes))
      continue;
    costliest = number;
    most = excess;
    mostBytes = bytes.scheduled.total();
  }
  CostliestOperand found;
  found.name = op.operands[costliest].label;
  double fetched = level.operands[costliest].timesFetched.value_or(0);
  if (most.read >= most.written && fetched > kAgain)
    found.fetched = fetched;
  else if (most.written > 0 && most.timesWritten > kAgain)
    found.written = most.timesWritten;
  return found;
}

/// "32.0 times" of one, "30.0 to 32.0 times" of several.
static std::string formatTimes(llvm::ArrayRef<double> times) {
  std::string least = formatRatio(*llvm::min_element(times));
  std::string most = formatRatio(*llvm::max_element(times));
  return (least == most ? least : least + " to " + most) + " times";
}

/// "a, b and c"; what "result of x at f.mlir:3:5" and "result of x at
/// f.mlir:9:5" have in common is said once.
static std::string joinNames(llvm::ArrayRef<std::string> names) {
  // Of many, more than two names tell nothing.
  constexpr size_t kMost = 6, kOfMany = 2;
  llvm::StringRef first = names[0], common = first;
  for (int colons = 0; colons < 2; ++colons)
    common = common.substr(0, common.rfind(':'));
  bool isCommon = names.size() > 1 && common.starts_with("result of ") &&
                  llvm::all_of(names, [&](llvm::StringRef name) {
                    return name.starts_with(common.str() + ":");
                  });
  std::string text =
      isCommon ? "results" + first.drop_front(6).str() : names[0];
  size_t shown = names.size() <= kMost ? names.size() : kOfMany;
  for (size_t i = 1; i < shown; ++i)
    text += (i + 1 == names.size() ? " and " : ", ") +
            names[i].substr(isCommon ? common.size() + 1 : 0);
  if (shown < names.size())
    text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

namespace {
/// Operands of several ops of which the same is to be said.
struct AlikeOperands {
  llvm::SmallVector<std::string, 2> names;
  llvm::SmallVector<double> times;

  bool isOne() const { return names.size() == 1; }
};
} // namespace

std::string memwall::describeCostliestOperands(llvm::ArrayRef<OpAtLevel> ops) {
  AlikeOperands fetched, written, others;
  for (const OpAtLevel &each : ops) {
    auto found = findCostliestOperand(*each.op, *each.level);
    if (!found)
      continue;
    AlikeOperands &alike = found->fetched > 0   ? fetched
                           : found->written > 0 ? written
                                                : others;
    if (!llvm::is_contained(alike.names, found->name))
      alike.names.push_back(found->name);
    alike.times.push_back(found->fetched + found->written);
  }
  std::string text;
  auto add = [&](const AlikeOperands &alike, llvm::StringRef verb) {
    if (!alike.names.empty())
      text += (text.empty() ? "" : "; ") + joinNames(alike.names) +
              (alike.isOne() ? " is " : " are ") + verb.str() +
              formatTimes(alike.times);
  };
  add(fetched, "fetched ");
  add(written, "written ");
  return text.empty() && !others.names.empty()
             ? "most of it " + joinNames(others.names)
             : text;
}

std::string memwall::describeCostliestOperand(const OpFigures &op,
                                              const LevelFigures &level) {
  return describeCostliestOperands(OpAtLevel{&op, &level});
}
