//===- LoopTreeParser.cpp - Loop trees from text --------------------------===//

#include "LoopTreeParser.h"
#include "IndexValue.h"
#include "LineReader.h"
#include "LoopTreeText.h"
#include "memwall/Work/ElementType.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace memwall;
using llvm::failed;
using llvm::failure;
using llvm::LogicalResult;
using llvm::SMLoc;
using llvm::StringRef;
using llvm::success;

namespace {

constexpr int64_t kMost = INT64_MAX;
/// Loops around one another; programs have a dozen. It keeps everything that
/// walks a tree by recursion within the stack.
constexpr size_t kMostAround = 256;
/// Bytes of all buffers together, so that addresses fit 64 bits.
constexpr int64_t kMostBytes = int64_t(1) << 60;

class Parser {
public:
  Parser(StringRef text, StringRef bufferName) : reader(text, bufferName) {}
  llvm::Expected<LoopTree> parse();

private:
  /// A node that later lines may be in, with the loops around its body.
  struct Open {
    NodeId node;
    int64_t indentation;
    size_t loopsAround; ///< Without its own.
  };
  /// "in loop", until all loops are known.
  struct Scope {
    BufferId buffer;
    StringRef loop;
    SMLoc location;
  };

  LogicalResult parseLine();
  LogicalResult parseTreeLine();
  LogicalResult parseDefinition();
  LogicalResult parseBuffer(StringRef id, BufferKind kind);
  LogicalResult parseElements(Buffer &buffer);
  LogicalResult parseOp(StringRef id, SMLoc location);
  LogicalResult parseUnmodelled(SMLoc location);
  LogicalResult parseExecutions(int64_t &executions);
  LogicalResult parseWork(Arithmetic &work);

  LogicalResult parseLoop(LoopKind kind);
  LogicalResult parseNest();
  LogicalResult parseOpOfNest(OpId &op);
  LogicalResult parseRange(LoopKind kind, LoopId &id);
  LogicalResult parseRangeFlags(Loop &loop);
  LogicalResult parseExtent(Loop &loop);
  /// `access` as far as its keyword says.
  LogicalResult parseAccess(Access access);
  LogicalResult parseForm(AffineForm &form, Access *gathers = nullptr);
  LogicalResult parseGather(GatherTerm &gather);
  LogicalResult parseLoopName(LoopId &loop);

  /// Closes the nodes that the line is not in.
  LogicalResult closeNodes(bool isNode);
  LogicalResult addNode(Node::Kind kind);
  LogicalResult resolveScopes();
  template <typename Id>
  LogicalResult define(llvm::StringMap<Id> &ids, StringRef name, Id id,
                       SMLoc location);

  LineReader reader;
  LoopTree tree;
  llvm::StringMap<BufferId> buffers;
  llvm::StringMap<OpId> ops;
  /// Loops around the current line, outermost first.
  llvm::SmallVector<std::pair<StringRef, LoopId>, 8> around;
  llvm::SmallVector<Open, 8> open;
  /// Loop nodes by name; nullopt where several have it.
  llvm::StringMap<std::optional<NodeId>> loopNodes;
  llvm::SmallVector<Scope, 0> scopes;
  int64_t bytes = 0;
};

} // namespace

/// The kind of this name, of the kinds from the first to `last`.
template <typename Kind>
static std::optional<Kind> consumeKind(LineReader &reader, Kind last) {
  for (int kind = 0; kind <= int(last); ++kind)
    if (reader.peekWord() == getKindName(Kind(kind))) {
      reader.consume(getKindName(Kind(kind)));
      return Kind(kind);
    }
  return std::nullopt;
}

template <typename Id>
LogicalResult Parser::define(llvm::StringMap<Id> &ids, StringRef name, Id id,
                             SMLoc location) {
  if (!ids.try_emplace(name, id).second)
    return reader.fail(location, "a name that is not defined yet");
  return success();
}

LogicalResult Parser::parseTreeLine() {
  bool isFirst = tree.function.empty() && tree.buffers.empty() &&
                 tree.ops.empty() && tree.nodes.size() == 1;
  if (!isFirst)
    return reader.fail("one tree in a text");
  if (failed(reader.parse("@")))
    return failure();
  return reader.parseWord(tree.function, "the name of the function");
}

LogicalResult Parser::parseExecutions(int64_t &executions) {
  if (reader.consume("x"))
    return reader.parseInteger(executions, 0, kMost, "a number of executions");
  return success();
}

LogicalResult Parser::parseWork(Arithmetic &work) {
  for (;;) {
    int64_t *count = reader.consume("flops=") ? &work.flops
                     : reader.consume("transcendentals=")
                         ? &work.transcendentals
                     : reader.consume("int_ops=") ? &work.intOps
                                                  : nullptr;
    if (!count)
      return success();
    if (failed(reader.parseInteger(*count, 0, kMost, "a number of operations")))
      return failure();
  }
}

LogicalResult Parser::parseElements(Buffer &buffer) {
  SMLoc location = reader.getLocation();
  if (failed(reader.parseInteger(buffer.elements, 0, kMost,
                                 "a number of elements")))
    return failure();
  if (reader.consume("x") &&
      failed(reader.parseWord(buffer.elementType, "an element type")))
    return failure();
  buffer.elementBits = getElementBits(StringRef(buffer.elementType));
  if (reader.consume("bits=") &&
      failed(reader.parseInteger(buffer.elementBits, 1, 1 << 20,
                                 "the bits of an element, 1 to 2^20")))
    return failure();
  __int128 bits = (__int128)buffer.elements * buffer.elementBits;
  if (bits / 8 > kMostBytes - bytes)
    return reader.fail(location, "at most 2^60 bytes in all buffers");
  bytes += llvm::alignTo(buffer.bytes(), 4096);
  return success();
}

LogicalResult Parser::parseBuffer(StringRef id, BufferKind kind) {
  Buffer buffer;
  buffer.kind = kind;
  buffer.name = id.str();
  StringRef word = reader.peekWord();
  if (!word.empty() && !llvm::isDigit(word.front()) &&
      failed(reader.parseWord(buffer.name, "the name of the buffer")))
    return failure();
  if (failed(parseElements(buffer)))
    return failure();
  buffer.liveOut = reader.consumeKeyword("live-out");
  if (reader.consume("result=")) {
    int64_t result;
    if (failed(reader.parseInteger(result, 0, UINT32_MAX, "a result number")))
      return failure();
    buffer.result = unsigned(result);
  }
  if (reader.consumeKeyword("in")) {
    SMLoc location = reader.getLocation();
    BufferId id = tree.buffers.size();
    scopes.push_back({id, reader.consumeName(), location});
  }
  if (reader.consumeKeyword("at")) {
    SMLoc location = reader.getLocation();
    auto found = buffers.find(reader.consumeName());
    if (found == buffers.end())
      return reader.fail(location, "the name of a buffer");
    buffer.storage = found->second;
  }
  tree.buffers.push_back(std::move(buffer));
  return success();
}

LogicalResult Parser::parseOp(StringRef id, SMLoc location) {
  OpRecord op;
  op.name = id.str();
  op.location = reader.print(location);
  auto isWord = [&] {
    StringRef word = reader.peekWord();
    return !word.empty() && (word.front() == '"' || !isPartOfOp(word));
  };
  std::optional<OpKind> kind = consumeKind(reader, OpKind::Other);
  if (!kind && isWord()) {
    if (failed(reader.parseWord(op.name, "the name of the op")))
      return failure();
    kind = consumeKind(reader, OpKind::Other);
  }
  if (kind && isWord() && failed(reader.parseWord(op.computeType, "a type")))
    return failure();
  op.kind = kind.value_or(OpKind::Other);
  op.isInitFill = reader.consumeKeyword("init-fill");
  if (failed(parseExecutions(op.executions)) || failed(parseWork(op.total)))
    return failure();
  tree.ops.push_back(std::move(op));
  return success();
}

LogicalResult Parser::parseUnmodelled(SMLoc location) {
  Unmodelled entry;
  entry.location = reader.print(location);
  if (failed(reader.parseWord(entry.name, "a name")) ||
      failed(parseExecutions(entry.count)))
    return failure();
  tree.unmodelled.push_back(std::move(entry));
  return success();
}

/// A buffer or an op: the second word of the line says which.
LogicalResult Parser::parseDefinition() {
  SMLoc location = reader.getLocation();
  StringRef id = reader.consumeName();
  if (id.empty())
    return reader.fail("a buffer, an op, a loop, a nest or an access");
  if (std::optional<BufferKind> kind =
          consumeKind(reader, BufferKind::Intermediate)) {
    if (failed(define<BufferId>(buffers, id, tree.buffers.size(), location)))
      return failure();
    return parseBuffer(id, *kind);
  }
  if (failed(define<OpId>(ops, id, tree.ops.size(), location)))
    return failure();
  return parseOp(id, location);
}

LogicalResult Parser::closeNodes(bool isNode) {
  int64_t indentation = reader.getIndentation();
  int64_t closed = indentation;
  while (open.back().indentation >= indentation) {
    around.truncate(open.back().loopsAround);
    closed = open.back().indentation;
    open.pop_back();
  }
  if (isNode && closed != indentation)
    return reader.fail("a loop or nest indented by " + llvm::Twine(closed));
  return success();
}

LogicalResult Parser::addNode(Node::Kind kind) {
  if (failed(closeNodes(/*isNode=*/true)))
    return failure();
  NodeId parent = open.back().node, id = tree.nodes.size();
  if (tree.nodes[parent].kind == Node::Kind::Nest)
    return reader.fail("an access, or less indentation");
  Node &node = tree.nodes.emplace_back();
  node.kind = kind;
  node.parent = parent;
  tree.nodes[parent].children.push_back(id);
  open.push_back({id, reader.getIndentation(), around.size()});
  return success();
}

LogicalResult Parser::parseLoopName(LoopId &loop) {
  SMLoc location = reader.getLocation();
  StringRef name = reader.consumeName();
  for (auto [other, id] : around)
    if (other == name) {
      loop = id;
      return success();
    }
  return reader.fail(location, "a loop around this");
}

LogicalResult Parser::parseGather(GatherTerm &gather) {
  if (failed(reader.parse("(")))
    return failure();
  if (!reader.consume(")")) {
    do
      if (failed(parseLoopName(gather.loops.emplace_back())))
        return failure();
    while (reader.consume(","));
    if (failed(reader.parse(")")))
      return failure();
  }
  gather.stride = 1;
  if (reader.consume("*") &&
      failed(reader.parseInteger(gather.stride, -kMost, kMost, "a stride")))
    return failure();
  if (failed(reader.parse("<")) ||
      failed(reader.parseInteger(gather.extent, 1, kMost,
                                 "a positive number of values")))
    return failure();
  gather.hitsAll = reader.consumeKeyword("all");
  if (reader.consumeKeyword("least"))
    return reader.parseInteger(gather.distinct, 1, gather.extent,
                               "a number of values that occur");
  return success();
}

/// `access`: where its gathers go; null in an extent.
LogicalResult Parser::parseForm(AffineForm &form, Access *access) {
  for (bool isFirst = true;; isFirst = false) {
    bool isNegative = reader.consume("-");
    if (!isNegative && !isFirst && !reader.consume("+"))
      return success();
    if (access && !isNegative && reader.consume("?")) {
      if (failed(parseGather(access->gathers.emplace_back())))
        return failure();
      continue;
    }
    int64_t number = 1;
    StringRef word = reader.peekWord();
    bool hasNumber = !word.empty() && llvm::isDigit(word.front());
    SMLoc location = reader.getLocation();
    if (hasNumber &&
        failed(reader.parseInteger(number, 0, kMost, "a number of 63 bits")))
      return failure();
    number = isNegative ? -number : number;
    if (!hasNumber || reader.consume("*")) {
      LoopId loop;
      if (failed(parseLoopName(loop)))
        return failure();
      form.terms.push_back({loop, number});
    } else if (llvm::AddOverflow(form.constant, number, form.constant)) {
      return reader.fail(location, "a sum of 63 bits");
    }
  }
}

LogicalResult Parser::parseExtent(Loop &loop) {
  if (!reader.consume("min("))
    return parseForm(loop.extent.emplace_back());
  do
    if (failed(parseForm(loop.extent.emplace_back())))
      return failure();
  while (reader.consume(","));
  return reader.parse(")");
}

LogicalResult Parser::parseRangeFlags(Loop &loop) {
  if (reader.consumeKeyword("step") &&
      failed(reader.parseInteger(loop.step, 1, kMost, "a positive step")))
    return failure();
  loop.isReduction = reader.consumeKeyword("reduction");
  loop.isInnerTile = reader.consumeKeyword("inner-tile");
  loop.maxTripCount = computeMaxTripCount(tree.loops, loop.extent, loop.step);
  if (!reader.consumeKeyword("max"))
    return success();
  bool isConstant = loop.extent.size() == 1 && loop.extent[0].terms.empty();
  int64_t most = loop.maxTripCount;
  return reader.parseInteger(loop.maxTripCount, isConstant ? most : 0, most,
                             "a trip count that the extents allow, at most " +
                                 llvm::Twine(most));
}

LogicalResult Parser::parseRange(LoopKind kind, LoopId &id) {
  SMLoc location = reader.getLocation();
  StringRef name = reader.consumeName();
  bool isTaken = llvm::any_of(
      around, [&](const auto &other) { return other.first == name; });
  if (name.empty() || isTaken)
    return reader.fail(location, "a name that no loop around it has");
  if (around.size() >= kMostAround)
    return reader.fail(location, "at most 256 loops around one another");
  Loop loop;
  loop.kind = kind;
  if (!reader.consumeKeyword("in"))
    return reader.fail("'in'");
  if (failed(parseExtent(loop)) || failed(parseRangeFlags(loop)))
    return failure();
  id = tree.loops.size();
  tree.loops.push_back(std::move(loop));
  around.push_back({name, id});
  return success();
}

LogicalResult Parser::parseLoop(LoopKind kind) {
  LoopId id;
  if (failed(addNode(Node::Kind::Loop)) || failed(parseRange(kind, id)))
    return failure();
  NodeId node = tree.nodes.size() - 1;
  tree.nodes[node].loop = id;
  auto [named, isFirst] = loopNodes.try_emplace(around.back().first, node);
  if (!isFirst)
    named->second = std::nullopt;
  return success();
}

LogicalResult Parser::parseOpOfNest(OpId &op) {
  SMLoc location = reader.getLocation();
  StringRef name = reader.consumeName();
  if (name.empty()) {
    op = tree.ops.size();
    OpRecord &record = tree.ops.emplace_back();
    record.name = "nest";
    record.location = reader.print(location);
    return success();
  }
  auto found = ops.find(name);
  if (found == ops.end())
    return reader.fail(location, "the name of an op");
  op = found->second;
  return success();
}

LogicalResult Parser::parseNest() {
  Nest nest;
  if (failed(addNode(Node::Kind::Nest)) || failed(parseOpOfNest(nest.op)) ||
      failed(reader.parse("(")))
    return failure();
  if (!reader.consume(")")) {
    do
      if (failed(parseRange(LoopKind::Dimension, nest.loops.emplace_back())))
        return failure();
    while (reader.consume(","));
    if (failed(reader.parse(")")))
      return failure();
  }
  if (failed(parseWork(nest.perIteration)))
    return failure();
  tree.nodes.back().nest = std::move(nest);
  return success();
}

LogicalResult Parser::parseAccess(Access access) {
  if (failed(closeNodes(/*isNode=*/false)))
    return failure();
  Node &node = tree.nodes[open.back().node];
  if (node.kind != Node::Kind::Nest)
    return reader.fail("a nest around the access");
  SMLoc location = reader.getLocation();
  auto buffer = buffers.find(reader.consumeName());
  if (buffer == buffers.end())
    return reader.fail(location, "the name of a buffer");
  access.buffer = buffer->second;
  if (failed(reader.parse("[")) || failed(parseForm(access.element, &access)) ||
      failed(reader.parse("]")))
    return failure();
  if (int64_t results = 0; reader.consume("results=")) {
    if (failed(reader.parseInteger(results, 0, UINT32_MAX, "a set of results")))
      return failure();
    access.results = results;
  }
  node.nest.accesses.push_back(std::move(access));
  return success();
}

LogicalResult Parser::parseLine() {
  SMLoc location = reader.getLocation();
  if (reader.consumeKeyword("tree"))
    return parseTreeLine();
  if (reader.consumeKeyword("unmodelled"))
    return parseUnmodelled(location);
  if (reader.consumeKeyword("for"))
    return parseLoop(LoopKind::Serial);
  if (reader.consumeKeyword("parallel"))
    return parseLoop(LoopKind::Parallel);
  if (reader.consumeKeyword("nest"))
    return parseNest();
  Access access;
  if (reader.consumeKeyword("read"))
    return parseAccess(access);
  if (reader.consumeKeyword("read-fill")) {
    access.readsFill = true;
    return parseAccess(access);
  }
  access.isWrite = true;
  if (reader.consumeKeyword("write"))
    return parseAccess(access);
  if (reader.consumeKeyword("write-around")) {
    access.isNontemporal = true;
    return parseAccess(access);
  }
  return parseDefinition();
}

LogicalResult Parser::resolveScopes() {
  for (const Scope &scope : scopes) {
    auto found = loopNodes.find(scope.loop);
    if (found == loopNodes.end() || !found->second)
      return reader.fail(scope.location, "the name of one loop");
    tree.buffers[scope.buffer].scope = *found->second;
  }
  return success();
}

llvm::Expected<LoopTree> Parser::parse() {
  Loop once;
  once.kind = LoopKind::Serial;
  once.extent.emplace_back().constant = 1;
  tree.loops.push_back(once);
  tree.nodes.emplace_back();
  open.push_back({LoopTree::root, -1, 0});
  while (reader.nextLine()) {
    if (failed(parseLine()))
      return reader.takeError();
    if (!reader.isAtEndOfLine()) {
      (void)reader.fail("the end of the line");
      return reader.takeError();
    }
  }
  if (failed(resolveScopes()))
    return reader.takeError();
  if (llvm::Error error = tree.check())
    return std::move(error);
  return std::move(tree);
}

llvm::Expected<LoopTree> memwall::parseLoopTree(StringRef text,
                                                StringRef bufferName) {
  return Parser(text, bufferName).parse();
}
