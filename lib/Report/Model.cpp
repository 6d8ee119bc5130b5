//===- Model.cpp - What bytes are for -------------------------------------===//

#include "memwall/Report/Model.h"
#include "ModelOnTarget.h"
#include "Sums.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace memwall;

llvm::StringRef memwall::getRoleName(Role role) {
  switch (role) {
  case Role::Weight:
    return "weights";
  case Role::KV:
    return "KV cache";
  case Role::Optimizer:
    return "optimizer";
  case Role::Activation:
    return "activations";
  }
  llvm_unreachable("all roles are above");
}

llvm::StringRef ModelFacts::getRole(const Buffer &buffer) const {
  llvm::StringRef name = buffer.name;
  size_t argument;
  if (buffer.kind != BufferKind::Argument)
    return buffer.result && *buffer.result < resultRoles.size()
               ? llvm::StringRef(resultRoles[*buffer.result])
               : "";
  if (!name.consume_front("%arg") || name.getAsInteger(10, argument) ||
      argument >= roles.size())
    return "";
  return roles[argument];
}

/// A count that an attribute says; 0 when it does not.
static int64_t readCount(mlir::Operation *function, llvm::StringRef name) {
  auto attribute = function->getAttrOfType<mlir::IntegerAttr>(name);
  if (!attribute || !attribute.getType().isInteger(64))
    return 0;
  return std::max<int64_t>(attribute.getInt(), 0);
}

std::optional<ModelFacts> memwall::readModelFacts(mlir::Operation *op) {
  auto function = llvm::dyn_cast_or_null<mlir::FunctionOpInterface>(op);
  if (!function)
    return std::nullopt;
  ModelFacts facts;
  bool hasRole = false;
  for (unsigned i = 0; i != function.getNumArguments(); ++i) {
    auto role = function.getArgAttrOfType<mlir::StringAttr>(i, "memwall.role");
    facts.roles.push_back(role ? role.getValue().str() : "");
    hasRole |= role != nullptr;
  }
  if (!hasRole)
    return std::nullopt;
  for (unsigned i = 0; i != function.getNumResults(); ++i) {
    auto role =
        function.getResultAttrOfType<mlir::StringAttr>(i, "memwall.role");
    facts.resultRoles.push_back(role ? role.getValue().str() : "");
  }
  facts.tokens = readCount(op, "memwall.tokens");
  facts.sequences = readCount(op, "memwall.sequences");
  facts.interconnectBytes = readCount(op, "memwall.interconnect_bytes");
  return facts;
}

Role memwall::getRole(const ModelFacts &facts, const Buffer &buffer) {
  llvm::StringRef role = facts.getRole(buffer);
  if (role == "weight")
    return Role::Weight;
  if (role == "kv")
    return Role::KV;
  return role == "optimizer" ? Role::Optimizer : Role::Activation;
}

void memwall::sumByRole(const LoopTree &tree, const ModelFacts &facts,
                        llvm::ArrayRef<Bytes> buffers,
                        RoleBytes (&sums)[kRoles]) {
  double total = 0;
  for (auto [buffer, bytes] : llvm::zip_equal(tree.buffers, buffers)) {
    RoleBytes &sum = sums[size_t(getRole(facts, buffer))];
    sum.bytes.add(bytes);
    // The sum of all may be more than fits 64 bits.
    double moved = (double)bytes.read + (double)bytes.written;
    sum.share += moved;
    total += moved;
  }
  for (RoleBytes &sum : sums)
    sum.share = total > 0 ? sum.share / total : 0;
}

ModelFigures memwall::describeModel(const LoopTree &tree,
                                    const ModelFacts &facts,
                                    const BufferBytes &buffers,
                                    int64_t residentBytes) {
  ModelFigures model;
  model.tokens = facts.tokens;
  model.sequences = facts.sequences;
  model.interconnectBytes = facts.interconnectBytes;
  sumByRole(tree, facts, buffers.compulsory, model.compulsory);
  sumByRole(tree, facts, buffers.floor, model.floor);
  // Storage that has a role, and all else that is resident. What a prompt
  // returns need not all be there when most is.
  int64_t &rest = model.residentBytes[size_t(Role::Activation)];
  rest = residentBytes;
  for (const Buffer &buffer : tree.buffers) {
    Role role = getRole(facts, buffer);
    if (role == Role::Activation)
      continue;
    int64_t bytes = std::min(buffer.bytes(), rest);
    addSaturating(model.residentBytes[size_t(role)], bytes);
    rest -= bytes;
  }
  return model;
}
