//===- CheckExpansion.cpp - Programs of a size that can be read -----------===//

#include "CheckExpansion.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CallInterfaces.h"

using namespace mlir;
using namespace memwall;

/// The stack of a thread holds some thousand calls of the builder.
static constexpr int64_t maxDepth = 1024;
/// So many operations take seconds to read.
static constexpr int64_t maxOperations = int64_t(1) << 18;

namespace {

/// A call, and the loops of its function that it is in.
struct NestedCall {
  Operation *op;
  FunctionOpInterface callee;
  int64_t depth;
};

/// A function as it is when calls are expanded.
struct Expanded {
  int64_t depth = 0;      ///< Of the most deeply nested operation.
  int64_t operations = 0; ///< Its own and those of its callees.
};

/// A function whose calls are being looked at.
struct Frame {
  FunctionOpInterface function;
  SmallVector<NestedCall, 0> calls;
  size_t next = 0; ///< Call to look at.
  Expanded expanded;
  int64_t inCallees = 0; ///< Operations that calls brought in.
};

/// Visits the functions that one function calls, callees first, with a stack of
/// its own.
class ExpansionChecker {
public:
  LogicalResult check(FunctionOpInterface function);

private:
  LogicalResult enter(FunctionOpInterface function);
  LogicalResult add(const NestedCall &call, Frame &frame);

  SymbolTableCollection symbols;
  llvm::DenseMap<Operation *, Expanded> done;
  SmallVector<Frame, 0> stack;
};

} // namespace

static LogicalResult rejectDepth(Operation *op) {
  return emitError(op->getLoc(), "loops and calls are nested deeper than ")
         << maxDepth;
}

/// Lists the calls of a function.
LogicalResult ExpansionChecker::enter(FunctionOpInterface function) {
  Frame frame;
  frame.function = function;
  llvm::DenseMap<Operation *, int64_t> depths; // Of ops with regions.
  Operation *tooDeep = nullptr;
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == function.getOperation())
      return;
    int64_t depth = depths.lookup(op->getParentOp()) + 1;
    if (op->getNumRegions() != 0)
      depths[op] = depth;
    ++frame.expanded.operations;
    frame.expanded.depth = std::max(frame.expanded.depth, depth);
    if (depth > maxDepth && !tooDeep)
      tooDeep = op;
    auto call = dyn_cast<CallOpInterface>(op);
    auto symbol =
        call ? dyn_cast<SymbolRefAttr>(call.getCallableForCallee()) : nullptr;
    auto callee = dyn_cast_or_null<FunctionOpInterface>(
        symbol ? symbols.lookupNearestSymbolFrom(op, symbol) : nullptr);
    if (callee && !callee.isExternal())
      frame.calls.push_back({op, callee, depth});
  });
  if (tooDeep)
    return rejectDepth(tooDeep);
  stack.push_back(std::move(frame));
  return success();
}

/// Puts the body of a callee in the place of a call.
LogicalResult ExpansionChecker::add(const NestedCall &call, Frame &frame) {
  Expanded callee = done.lookup(call.callee);
  frame.expanded.depth =
      std::max(frame.expanded.depth, call.depth + callee.depth);
  if (frame.expanded.depth > maxDepth)
    return rejectDepth(call.op);
  // Neither sum overflows: every callee is below the limit, or much written.
  frame.inCallees += callee.operations;
  frame.expanded.operations += callee.operations;
  if (frame.inCallees > maxOperations)
    return emitError(call.op->getLoc(), "the program has more than ")
           << maxOperations << " operations when calls are expanded";
  return success();
}

LogicalResult ExpansionChecker::check(FunctionOpInterface function) {
  if (failed(enter(function)))
    return failure();
  llvm::DenseSet<Operation *> open{function.getOperation()};
  while (!stack.empty()) {
    Frame &frame = stack.back();
    if (frame.next == frame.calls.size()) {
      open.erase(frame.function);
      done[frame.function] = frame.expanded;
      stack.pop_back();
      continue;
    }
    NestedCall call = frame.calls[frame.next];
    // Recursion is for the builder to reject.
    if (!done.contains(call.callee) && open.insert(call.callee).second) {
      if (int64_t(stack.size()) > maxDepth)
        return rejectDepth(call.op);
      if (failed(enter(call.callee)))
        return failure();
      continue;
    }
    ++frame.next;
    if (failed(add(call, frame)))
      return failure();
  }
  return success();
}

LogicalResult memwall::checkExpansion(FunctionOpInterface function) {
  return ExpansionChecker().check(function);
}
