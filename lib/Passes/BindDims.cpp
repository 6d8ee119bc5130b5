//===- BindDims.cpp - Numbers for dynamic dimensions ----------------------===//
//
// A new argument type is followed by a cast back to the old one, so the IR is
// valid at every step; the casts are then moved down through the body, out of
// its returns, and into the functions it calls, until nothing changes.
//
//===----------------------------------------------------------------------===//

#include "memwall/Passes/BindDims.h"
#include "CheckSizes.h"
#include "ModuleTrees.h"
#include "RefineShapes.h"
#include "memwall/Target/NearestName.h"
#include "memwall/Work/BuildLoopTree.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace memwall;

/// `type` with another shape, the layout of a memref kept.
static Type withShape(ShapedType type, ArrayRef<int64_t> shape) {
  if (auto memref = dyn_cast<MemRefType>(type))
    return MemRefType::Builder(memref).setShape(shape);
  return type.clone(shape);
}

/// Makes `type` the type of argument `index`, with a cast back for its users.
static void retypeArgument(FunctionOpInterface function, unsigned index,
                           Type type) {
  BlockArgument argument = function.getArgument(index);
  Type oldType = argument.getType();
  if (oldType == type)
    return;
  SmallVector<Type> inputs(function.getArgumentTypes());
  inputs[index] = type;
  function.setType(function.cloneTypeWith(inputs, function.getResultTypes()));
  argument.setType(type);
  OpBuilder builder = OpBuilder::atBlockBegin(argument.getOwner());
  Value cast = buildShapeCast(builder, argument, oldType);
  argument.replaceAllUsesExcept(cast, cast.getDefiningOp());
}

//===----------------------------------------------------------------------===//
// Bindings to arguments
//===----------------------------------------------------------------------===//

/// Puts a constant in the place of an argument; the signature stays.
static void bindScalarTo(FunctionOpInterface function, unsigned index,
                         int64_t value) {
  BlockArgument argument = function.getArgument(index);
  OpBuilder builder = OpBuilder::atBlockBegin(argument.getOwner());
  Value constant = arith::ConstantOp::create(
      builder, argument.getLoc(),
      builder.getIntegerAttr(argument.getType(), value));
  argument.replaceAllUsesWith(constant);
}

static LogicalResult bindScalar(FunctionOpInterface function,
                                const DimBinding &binding) {
  Type type = function.getArgument(binding.argument).getType();
  if (!type.isIntOrIndex())
    return emitErrorAt(function)
           << "expected an integer or index as argument " << binding.argument
           << " to bind, found " << type;
  bindScalarTo(function, binding.argument, binding.value);
  return success();
}

static LogicalResult bindNamed(FunctionOpInterface function,
                               const DimBinding &binding) {
  if (function.isExternal())
    return emitErrorAt(function, "cannot be bound: it has no body");
  if (binding.argument >= function.getNumArguments())
    return emitErrorAt(function)
           << "has " << function.getNumArguments()
           << " arguments, found a binding of argument " << binding.argument;
  if (!binding.dimension)
    return bindScalar(function, binding);
  Type type = function.getArgument(binding.argument).getType();
  auto shaped = dyn_cast<ShapedType>(type);
  if (!isa<RankedTensorType, MemRefType>(type) ||
      *binding.dimension >= shaped.getRank())
    return emitErrorAt(function)
           << "has no dimension " << *binding.dimension << " in argument "
           << binding.argument << " of type " << type;
  if (!shaped.isDynamicDim(*binding.dimension))
    return emitErrorAt(function)
           << "expected a dynamic dimension " << *binding.dimension
           << " in argument " << binding.argument << " to bind, found " << type;
  SmallVector<int64_t> shape(shaped.getShape());
  shape[*binding.dimension] = binding.value;
  retypeArgument(function, binding.argument, withShape(shaped, shape));
  return success();
}

/// Whether `argument` is the size of storage that the function allocates.
static bool isSize(BlockArgument argument) {
  return argument.getType().isIndex() &&
         llvm::any_of(argument.getUsers(), [](Operation *user) {
           return isa<tensor::EmptyOp, memref::AllocOp, memref::AllocaOp>(user);
         });
}

/// The loop that runs up to `use`: as an upper bound, or as what the condition
/// of an scf.while compares with; null for other uses.
static Operation *findLoopUpTo(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto compare = dyn_cast<arith::CmpIOp>(user)) {
    auto loop = dyn_cast<scf::WhileOp>(compare->getParentOp());
    bool isCondition =
        loop && compare->getBlock() == loop.getBeforeBody() &&
        loop.getConditionOp().getCondition() == compare.getResult();
    return isCondition ? loop.getOperation() : nullptr;
  }
  if (auto loop = dyn_cast<affine::AffineForOp>(user))
    return llvm::is_contained(loop.getUpperBoundOperands(), use.get())
               ? user
               : nullptr;
  auto loop = dyn_cast<LoopLikeOpInterface>(user);
  auto bounds = loop ? loop.getLoopUpperBounds() : std::nullopt;
  return bounds && llvm::is_contained(*bounds, OpFoldResult(use.get()))
             ? user
             : nullptr;
}

/// Whether `argument` says how often a loop runs that does not say so itself.
static bool boundsLoop(BlockArgument argument) {
  Type type = argument.getType();
  return (type.isIndex() || type.isInteger(64)) &&
         llvm::any_of(argument.getUses(), [](OpOperand &use) {
           Operation *loop = findLoopUpTo(use);
           return loop && !loop->hasAttr("memwall.trip_count");
         });
}

static void bindRest(FunctionOpInterface function, int64_t value) {
  for (unsigned index : llvm::seq(function.getNumArguments())) {
    BlockArgument argument = function.getArgument(index);
    if (isSize(argument) || boundsLoop(argument))
      bindScalarTo(function, index, value);
    Type type = function.getArgument(index).getType();
    if (!isa<RankedTensorType, MemRefType>(type))
      continue;
    auto shaped = cast<ShapedType>(type);
    SmallVector<int64_t> shape(shaped.getShape());
    llvm::replace(shape, ShapedType::kDynamic, value);
    retypeArgument(function, index, withShape(shaped, shape));
  }
}

static LogicalResult bindArguments(ModuleOp module,
                                   const DimBindings &bindings) {
  for (const DimBinding &binding : bindings.named) {
    FunctionOpInterface function = findFunction(module, binding.function);
    if (!function) {
      SmallVector<StringRef> names;
      module.walk(
          [&](FunctionOpInterface other) { names.push_back(other.getName()); });
      return emitErrorAt(module)
             << "has no function '@" << binding.function << "' to bind"
             << suggestName(binding.function, names);
    }
    if (failed(bindNamed(function, binding)))
      return failure();
  }
  if (bindings.rest)
    for (FunctionOpInterface function : getEntryFunctions(module))
      bindRest(function, *bindings.rest);
  return success();
}

//===----------------------------------------------------------------------===//
// Between functions
//===----------------------------------------------------------------------===//

using CallMap = llvm::MapVector<Operation *, SmallVector<func::CallOp>>;

/// All calls, by the function with a body that they call.
static CallMap collectCalls(ModuleOp module) {
  CallMap calls;
  SymbolTableCollection symbols;
  module.walk([&](func::CallOp call) {
    auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(
        call, call.getCalleeAttr());
    if (callee && !callee.isExternal())
      calls[callee].push_back(call);
  });
  return calls;
}

/// The types of a call's operands before casts that forget sizes.
static SmallVector<Type> computeRefinedInputs(func::CallOp call) {
  return llvm::map_to_vector(call.getOperands(), [](Value operand) {
    return lookThroughShapeCast(operand).getType();
  });
}

/// Calls `callee`, which takes the refined types, with the refined operands.
static void redirect(func::CallOp call, func::FuncOp callee) {
  call.setCallee(callee.getName());
  for (OpOperand &operand : call->getOpOperands())
    operand.set(lookThroughShapeCast(operand.get()));
}

namespace {
/// The functions that were cloned for calls of several shapes: of which one,
/// by clone, the originals included.
using Origins = llvm::MapVector<Operation *, StringAttr>;
} // namespace

/// Gives `callee` the types that its calls know; a clone for every further
/// combination. Returns whether anything changed.
static bool refineCallee(func::FuncOp callee, ArrayRef<func::CallOp> calls,
                         SymbolTable &symbols, Origins &origins) {
  llvm::MapVector<ArrayRef<Type>, SmallVector<func::CallOp>> callsOfTypes;
  SmallVector<SmallVector<Type>> types =
      llvm::map_to_vector(calls, computeRefinedInputs);
  for (auto [call, inputs] : llvm::zip(calls, types))
    callsOfTypes[inputs].push_back(call);
  if (callsOfTypes.size() == 1 &&
      callsOfTypes.front().first == callee.getArgumentTypes())
    return false;
  // Finding all uses takes as long as the module is.
  auto uses = SymbolTable::getSymbolUses(callee, symbols.getOp());
  if (!uses || llvm::range_size(*uses) != calls.size())
    return false;
  StringAttr origin =
      origins.insert({callee, callee.getSymNameAttr()}).first->second;
  func::FuncOp original = callee.clone();
  for (auto &[inputs, callsHere] : callsOfTypes) {
    func::FuncOp specialised = callee;
    if (&inputs != &callsOfTypes.front().first) {
      specialised = original.clone();
      symbols.insert(specialised, std::next(callee->getIterator()));
      origins.insert({specialised, origin});
    }
    for (auto [index, type] : llvm::enumerate(inputs))
      retypeArgument(specialised, index, type);
    for (func::CallOp call : callsHere)
      redirect(call, specialised);
  }
  original->destroy();
  return true;
}

/// Makes one function of clones that turned out to take the same types, as
/// they do when one call's result is another one's operand.
static void mergeClones(ModuleOp module, Origins &origins) {
  llvm::MapVector<std::pair<StringAttr, Type>, func::FuncOp> kept;
  SmallVector<func::FuncOp> merged;
  for (auto &[clone, origin] : origins) {
    auto function = cast<func::FuncOp>(clone);
    auto [entry, isNew] =
        kept.insert({{origin, function.getFunctionType()}, function});
    if (isNew)
      continue;
    // Failing leaves two identical functions.
    if (succeeded(SymbolTable::replaceAllSymbolUses(
            function, entry->second.getSymNameAttr(), module)))
      merged.push_back(function);
  }
  for (func::FuncOp function : merged) {
    origins.erase(function);
    function.erase();
  }
}

/// Moves casts of returned values out of `function`, to behind its calls.
/// Returns whether anything changed.
static bool refineResults(func::FuncOp function, ArrayRef<func::CallOp> calls) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return false;
  Operation *terminator = function.getBody().front().getTerminator();
  bool changed = false;
  for (OpOperand &operand : terminator->getOpOperands()) {
    Value refined = lookThroughShapeCast(operand.get());
    changed |= refined != operand.get();
    operand.set(refined);
  }
  if (!changed)
    return false;
  function.setType(
      function.cloneTypeWith(function.getArgumentTypes(),
                             SmallVector<Type>(terminator->getOperandTypes())));
  for (func::CallOp call : calls) {
    OpBuilder builder(call->getContext());
    builder.setInsertionPointAfter(call);
    for (auto [result, type] :
         llvm::zip(call.getResults(), terminator->getOperandTypes())) {
      Type oldType = result.getType();
      if (oldType == type)
        continue;
      result.setType(type);
      Value cast = buildShapeCast(builder, result, oldType);
      result.replaceAllUsesExcept(cast, cast.getDefiningOp());
    }
  }
  return true;
}

/// Sizes that follow calls around a cycle would never end.
static LogicalResult checkNoRecursion(ModuleOp module) {
  // A depth-first walk with a stack of its own: chains of calls are long.
  enum class State { Unseen, Open, Done };
  llvm::DenseMap<Operation *, State> states;
  SymbolTableCollection symbols;
  struct Frame {
    func::FuncOp function;
    SmallVector<func::CallOp> calls;
  };
  for (auto root : module.getOps<func::FuncOp>()) {
    SmallVector<Frame> stack;
    auto enter = [&](func::FuncOp function) {
      states[function] = State::Open;
      Frame frame{function, {}};
      function.walk([&](func::CallOp call) { frame.calls.push_back(call); });
      std::reverse(frame.calls.begin(), frame.calls.end());
      stack.push_back(std::move(frame));
    };
    if (states.lookup(root) == State::Unseen)
      enter(root);
    while (!stack.empty()) {
      if (stack.back().calls.empty()) {
        states[stack.pop_back_val().function] = State::Done;
        continue;
      }
      func::CallOp call = stack.back().calls.pop_back_val();
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(
          call, call.getCalleeAttr());
      if (!callee || callee.isExternal())
        continue;
      if (states.lookup(callee) == State::Open)
        return emitErrorAt(call, "calls @")
               << callee.getName()
               << ", which is being called already: recursive calls are not "
                  "supported";
      if (states.lookup(callee) == State::Unseen)
        enter(callee);
    }
  }
  return success();
}

LogicalResult memwall::bindDims(ModuleOp module, const DimBindings &bindings) {
  if (failed(checkNoRecursion(module)) ||
      failed(bindArguments(module, bindings)))
    return failure();
  Origins origins;
  bool changed = true;
  // Each round carries sizes over one more call; dynamic dimensions only ever
  // become static, so this ends.
  while (changed) {
    changed = false;
    if (failed(refineShapes(module)))
      return failure();
    SymbolTable symbols(module);
    CallMap calls = collectCalls(module);
    for (auto function : module.getOps<func::FuncOp>())
      changed |= refineResults(function, calls.lookup(function));
    for (auto &[callee, callsOfIt] : calls)
      changed |=
          refineCallee(cast<func::FuncOp>(callee), callsOfIt, symbols, origins);
  }
  mergeClones(module, origins);
  return checkSizes(module);
}

//===----------------------------------------------------------------------===//
// What is left
//===----------------------------------------------------------------------===//

/// "@f:arg0:1" for every dynamic dimension of an argument of `function`, and
/// "@f:arg2" for an argument that is a size.
static SmallVector<std::string> listDynamicDims(FunctionOpInterface function) {
  SmallVector<std::string> places;
  if (function.isExternal())
    return places;
  for (BlockArgument argument : function.getArguments()) {
    std::string place = "@" + function.getName().str() + ":arg" +
                        std::to_string(argument.getArgNumber());
    auto shaped = dyn_cast<ShapedType>(argument.getType());
    if (isSize(argument))
      places.push_back(place);
    if (!shaped || !shaped.hasRank())
      continue;
    for (int64_t dim : llvm::seq(shaped.getRank()))
      if (shaped.isDynamicDim(dim))
        places.push_back(place + ":" + std::to_string(dim));
  }
  return places;
}

bool memwall::hasDynamicArguments(ModuleOp module) {
  WalkResult result = module.walk([](FunctionOpInterface function) {
    return listDynamicDims(function).empty() ? WalkResult::advance()
                                             : WalkResult::interrupt();
  });
  return result.wasInterrupted();
}

LogicalResult memwall::checkDimsAreBound(ModuleOp module) {
  SmallVector<std::string> places;
  FunctionOpInterface first;
  for (FunctionOpInterface function : getEntryFunctions(module)) {
    SmallVector<std::string> found = listDynamicDims(function);
    if (!first && !found.empty())
      first = function;
    llvm::append_range(places, found);
  }
  if (places.empty())
    return success();
  return emitErrorAt(first)
         << "expected static sizes, found the dynamic dimensions "
         << llvm::join(places, ", ")
         << "; set them with dims=" << places.front()
         << "=<size>,... or all of them with dims=<size>";
}
