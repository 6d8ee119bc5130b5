//===- ForeignFunctions.cpp - Functions of dialects nobody knows ----------===//

#include "ForeignFunctions.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace memwall;

/// Whether `block` ends as that of a function does.
static bool hasEnd(Block &block) {
  if (block.empty())
    return false;
  Operation &end = block.back();
  return end.hasTrait<OpTrait::IsTerminator>() ||
         (!end.isRegistered() && end.getNumResults() == 0);
}

/// Whether an op that is not registered looks like a function: it has a name
/// and a body that is not made of other named things.
static bool isForeignFunction(Operation *op) {
  if (op->isRegistered() || op->getNumRegions() != 1 ||
      op->getRegion(0).empty() ||
      !op->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName()))
    return false;
  Block &entry = op->getRegion(0).front();
  bool hasNamed = llvm::any_of(entry, [](Operation &inner) {
    return isa<ModuleOp>(inner) ||
           inner.hasAttr(SymbolTable::getSymbolAttrName());
  });
  bool hasType = llvm::any_of(op->getAttrs(), [](NamedAttribute attribute) {
    auto type = dyn_cast<TypeAttr>(attribute.getValue());
    return type && isa<FunctionType>(type.getValue());
  });
  // A body of one op is the end of it.
  bool hasWork = entry.getNumArguments() > 0 || !llvm::hasSingleElement(entry);
  return !hasNamed && (hasType || hasWork) &&
         llvm::all_of(op->getRegion(0), hasEnd);
}

/// "memwall.tokens": whatever is said of an op in the words of a dialect.
static SmallVector<NamedAttribute> getDialectAttributes(Operation *op) {
  return llvm::filter_to_vector(op->getAttrs(), [](NamedAttribute attribute) {
    return attribute.getName().strref().contains('.');
  });
}

/// Puts `with` where `op` is, and takes `op` out.
static void replace(Operation *op, Operation *with) {
  op->getBlock()->getOperations().insert(op->getIterator(), with);
  op->remove();
}

void RaisedFunctions::raiseReturn(Operation *end) {
  OpBuilder builder(end->getContext());
  OperationState state(end->getLoc(), func::ReturnOp::getOperationName());
  state.addOperands(end->getOperands());
  Operation *standIn = Operation::create(state);
  replace(end, standIn);
  // Nobody is to meet a user that is nowhere.
  end->setOperands({});
  returns.push_back({end, standIn});
}

void RaisedFunctions::raise(Operation *original) {
  Region &body = original->getRegion(0);
  SmallVector<Type> results;
  for (Block &block : body) {
    if (block.back().isRegistered() || block.back().getNumSuccessors())
      continue;
    results.assign(block.back().operand_type_begin(),
                   block.back().operand_type_end());
    raiseReturn(&block.back());
  }
  OpBuilder builder(original->getContext());
  auto name =
      original->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
  auto function = func::FuncOp::create(
      original->getLoc(), name.getValue(),
      builder.getFunctionType(body.getArgumentTypes(), results));
  if (auto attributes = original->getAttrOfType<ArrayAttr>("arg_attrs");
      attributes && attributes.size() == body.getNumArguments() &&
      llvm::all_of(attributes, llvm::IsaPred<DictionaryAttr>))
    function.setAllArgAttrs(attributes);
  for (NamedAttribute attribute : getDialectAttributes(original))
    function->setAttr(attribute.getName(), attribute.getValue());
  function.getBody().takeBody(body);
  replace(original, function);
  functions.push_back({original, function});
}

RaisedFunctions::RaisedFunctions(ModuleOp module) {
  SmallVector<Operation *> found;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isForeignFunction(op))
      return WalkResult::advance();
    found.push_back(op);
    return WalkResult::skip();
  });
  for (Operation *op : found)
    raise(op);
}

RaisedFunctions::~RaisedFunctions() {
  for (auto [original, standIn] : returns) {
    original->setOperands(standIn->getOperands());
    replace(standIn, original);
    standIn->destroy();
  }
  for (auto [original, standIn] : functions) {
    for (NamedAttribute attribute : getDialectAttributes(original))
      original->removeAttr(attribute.getName());
    for (NamedAttribute attribute : getDialectAttributes(standIn))
      original->setAttr(attribute.getName(), attribute.getValue());
    original->getRegion(0).takeBody(standIn->getRegion(0));
    replace(standIn, original);
    standIn->destroy();
  }
}
