//===- FunctionBuilder.cpp - A function whose arguments come as needed ----===//

#include "FunctionBuilder.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace memwall;

static constexpr StringLiteral nameAttr = "memwall.name";
static constexpr StringLiteral roleAttr = "memwall.role";
static constexpr StringLiteral interconnectAttr = "memwall.interconnect_bytes";

FunctionBuilder::FunctionBuilder(ModuleOp module, StringRef name)
    : builder(module.getContext()) {
  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, builder.getUnknownLoc(), name,
                                  builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
}

Value FunctionBuilder::addArgument(StringRef name, StringRef role, Type type) {
  Value value = function.getBody().addArgument(type, builder.getUnknownLoc());
  arguments.push_back({value, name.str(), role.str()});
  return value;
}

Value FunctionBuilder::addArgument(StringRef name, StringRef role,
                                   ArrayRef<int64_t> shape, Type element) {
  return addArgument(name, role, RankedTensorType::get(shape, element));
}

Value FunctionBuilder::getArgument(StringRef name, StringRef role, Type type) {
  for (const NamedTensor &argument : arguments)
    if (argument.name == name)
      return argument.value;
  return addArgument(name, role, type);
}

void FunctionBuilder::addResult(Value value, StringRef name, StringRef role) {
  results.push_back({value, name.str(), role.str()});
}

void FunctionBuilder::addFirstResult(Value value, StringRef name,
                                     StringRef role) {
  results.insert(results.begin(), {value, name.str(), role.str()});
}

SmallVector<NamedTensor> FunctionBuilder::call(func::FuncOp callee,
                                               StringRef prefix,
                                               ArrayRef<NamedTensor> operands,
                                               StringRef cachePrefix) {
  auto getPrefix = [&](StringRef role) {
    return role == role::kv ? cachePrefix : prefix;
  };
  SmallVector<Value> values;
  for (auto [index, type] : llvm::enumerate(callee.getArgumentTypes())) {
    StringRef name = getArgumentName(callee, index);
    StringRef role = getArgumentRole(callee, index);
    const NamedTensor *operand = llvm::find_if(
        operands, [&](const NamedTensor &t) { return t.name == name; });
    bool isShared = role == role::table || role == role::index;
    std::string ownName =
        isShared ? name.str() : (getPrefix(role) + name).str();
    values.push_back(operand != operands.end()
                         ? operand->value
                         : getArgument(ownName, role, type));
  }
  auto op =
      func::CallOp::create(builder, builder.getUnknownLoc(), callee, values);
  if (auto bytes = callee->getAttrOfType<IntegerAttr>(interconnectAttr))
    addInterconnectBytes(bytes.getInt());
  SmallVector<NamedTensor> called;
  for (auto [index, value] : llvm::enumerate(op.getResults())) {
    StringRef name =
        callee.getResultAttrOfType<StringAttr>(index, nameAttr).getValue();
    StringRef role =
        callee.getResultAttrOfType<StringAttr>(index, roleAttr).getValue();
    called.push_back({value, name.str(), role.str()});
    if (role != role::activation)
      addResult(value, (getPrefix(role) + name).str(), role);
  }
  return called;
}

func::FuncOp FunctionBuilder::finish(bool isPrivate) {
  SmallVector<Value> values;
  SmallVector<Type> inputTypes, resultTypes;
  SmallVector<DictionaryAttr> inputAttrs, resultAttrs;
  auto describe = [&](const NamedTensor &tensor) {
    return builder.getDictionaryAttr(
        {builder.getNamedAttr(nameAttr, builder.getStringAttr(tensor.name)),
         builder.getNamedAttr(roleAttr, builder.getStringAttr(tensor.role))});
  };
  for (const NamedTensor &argument : arguments) {
    inputTypes.push_back(argument.value.getType());
    inputAttrs.push_back(describe(argument));
  }
  for (const NamedTensor &result : results) {
    values.push_back(result.value);
    resultTypes.push_back(result.value.getType());
    resultAttrs.push_back(describe(result));
  }
  func::ReturnOp::create(builder, builder.getUnknownLoc(), values);
  function.setFunctionType(builder.getFunctionType(inputTypes, resultTypes));
  function.setAllArgAttrs(inputAttrs);
  function.setAllResultAttrs(resultAttrs);
  if (isPrivate)
    function.setPrivate();
  if (interconnectBytes > 0)
    function->setAttr(interconnectAttr,
                      builder.getI64IntegerAttr(interconnectBytes));
  return function;
}

StringRef memwall::getArgumentName(func::FuncOp function, unsigned index) {
  return function.getArgAttrOfType<StringAttr>(index, nameAttr).getValue();
}

StringRef memwall::getArgumentRole(func::FuncOp function, unsigned index) {
  return function.getArgAttrOfType<StringAttr>(index, roleAttr).getValue();
}
