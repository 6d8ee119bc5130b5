//===- RenderModel.cpp - Models in reports for people ---------------------===//

#include "RenderModel.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

// The sum of the operations' minima is the bound, the program's the floor.
static constexpr llvm::StringLiteral kTokensAtBound =
                                         "tokens/s at operations' minima",
                                     kTokensAtFloor =
                                         "tokens/s at program's minimum",
                                     kRidgeAtBound =
                                         "batch at ridge, operations'",
                                     kRidgeAtFloor =
                                         "batch at ridge, program's";

static std::string count(int64_t value, llvm::StringRef what) {
  return std::to_string(value) + " " + what.str() + (value == 1 ? "" : "s");
}

/// For a column of a target.
static llvm::StringRef getShortName(Role role) {
  switch (role) {
  case Role::KV:
    return "KV";
  case Role::Optimizer:
    return "opt.";
  case Role::Activation:
    return "act.";
  default:
    return getRoleName(role);
  }
}

/// "98 % weights, 2 % KV cache": roles that move something.
static std::string
formatShares(const RoleBytes (&roles)[kRoles],
             llvm::function_ref<llvm::StringRef(Role)> getName) {
  llvm::SmallVector<std::string> parts;
  for (size_t role = 0; role != kRoles; ++role)
    if (roles[role].bytes.total() > 0)
      parts.push_back(formatShare(roles[role].share) + " " +
                      getName(Role(role)).str());
  return llvm::join(parts, ", ");
}

llvm::SmallVector<ModelLine, 4>
memwall::formatModel(const ModelFigures &model) {
  llvm::SmallVector<ModelLine, 4> lines;
  if (model.tokens > 0)
    lines.push_back(
        {"one call",
         count(model.tokens, "new token") +
             (model.sequences > 0 ? " of " + count(model.sequences, "sequence")
                                  : "")});
  llvm::SmallVector<std::string> resident;
  for (size_t role = 0; role != kRoles; ++role)
    if (model.residentBytes[role] > 0)
      resident.push_back(
          formatQuantity((double)model.residentBytes[role], "B") + " " +
          getRoleName(Role(role)).str());
  lines.push_back({"resident", llvm::join(resident, ", ")});
  lines.push_back({"compulsory", formatShares(model.compulsory, getRoleName)});
  if (model.interconnectBytes > 0)
    lines.push_back(
        {"interconnect", formatQuantity((double)model.interconnectBytes, "B") +
                             " sent by one device"});
  return lines;
}

llvm::ArrayRef<llvm::StringRef>
memwall::getModelFigureNames(const FunctionFigures &function) {
  static constexpr llvm::StringRef names[] = {
      kTokensAtBound,     kTokensAtFloor, "bytes per token",
      "energy per token", "devices",      "moved as it stands",
      kRidgeAtBound,      kRidgeAtFloor};
  if (!function.model)
    return {};
  return names;
}

static std::string formatRate(std::optional<double> rate) {
  return rate ? formatQuantity(*rate, "") : "";
}

static std::string formatRidge(const std::optional<RidgeBatch> &ridge) {
  if (!ridge)
    return "";
  return ridge->crosses ? std::to_string(ridge->batch) : "none";
}

static std::string formatJoules(std::optional<double> joules) {
  if (!joules)
    return "";
  if (*joules >= 1)
    return formatQuantity(*joules, "J");
  return *joules >= 1e-3 ? formatQuantity(*joules * 1e3, "mJ")
                         : formatQuantity(*joules * 1e6, "uJ");
}

std::string memwall::formatModelFigure(llvm::StringRef name,
                                       const ModelOnTarget &model,
                                       const Target &target) {
  if (name == kTokensAtBound)
    return formatRate(model.tokensPerSecondAtBound);
  if (name == kTokensAtFloor)
    return formatRate(model.tokensPerSecondAtFloor);
  if (name == "bytes per token")
    return model.bytesPerToken ? formatQuantity(*model.bytesPerToken, "B") : "";
  if (name == "energy per token")
    return formatJoules(model.joulesPerToken);
  if (name == "devices")
    return std::to_string(model.devices) + " of " +
           formatQuantity((double)target.dram().capacityBytes, "B");
  if (name == "moved as it stands")
    return formatShares(model.scheduled, getShortName);
  return formatRidge(name == kRidgeAtBound ? model.ridgeAtBound
                                           : model.ridgeAtFloor);
}
