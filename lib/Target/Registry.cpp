//===- Registry.cpp - Targets by name -------------------------------------===//

#include "memwall/Target/Registry.h"
#include "memwall/Target/DLTI.h"
#include "memwall/Target/NearestName.h"
#include "memwall/Target/TargetError.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace memwall;
using llvm::Error;
using llvm::StringRef;

namespace {
struct ShippedTarget {
  StringRef name;
  StringRef text;
};
} // namespace

/// In alphabetical order. CMake writes the entries {name, text} from
/// lib/Target/targets/<name>.mlir.
static const ShippedTarget kShippedTargets[] = {
#include "ShippedTargets.inc"
};

static std::vector<std::string> &defaultTargetFiles() {
  static std::vector<std::string> files;
  return files;
}

void memwall::addDefaultTargetFile(std::string path) {
  defaultTargetFiles().push_back(std::move(path));
}

llvm::Expected<Registry>
memwall::createRegistry(llvm::ArrayRef<std::string> files) {
  Registry registry;
  for (const std::string &file :
       llvm::concat<const std::string>(defaultTargetFiles(), files))
    if (Error error = registry.addFile(file))
      return error;
  return registry;
}

//===----------------------------------------------------------------------===//
// Adding
//===----------------------------------------------------------------------===//

Error Registry::addFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (std::error_code code = buffer.getError())
    return llvm::createStringError("cannot read target file '" + path +
                                   "': " + code.message());
  return addText((*buffer)->getBuffer(), path);
}

/// Parses text in a context of its own, so that no pass has to load a dialect
/// while others run; diagnostics become the error.
static llvm::Expected<llvm::SmallVector<Target, 0>>
parseTargets(StringRef text, StringRef bufferName) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::DLTIDialect>();
  std::optional<TargetError> mistake;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        if (mistake)
          return;
        mistake.emplace(bufferName.str(), 0, 0, diagnostic.str());
        if (auto location = llvm::dyn_cast<mlir::FileLineColLoc>(
                diagnostic.getLocation())) {
          mistake->path = location.getFilename().str();
          mistake->line = location.getLine();
          mistake->column = location.getColumn();
        }
      });
  mlir::ParserConfig config(&context);
  auto module =
      mlir::parseSourceString<mlir::ModuleOp>(text, config, bufferName);
  if (module) {
    mlir::FailureOr<llvm::SmallVector<Target, 0>> targets =
        readTargets(*module, text);
    if (succeeded(targets))
      return std::move(*targets);
  }
  return llvm::make_error<TargetError>(std::move(*mistake));
}

void Registry::add(Target target) {
  auto added = std::make_unique<Target>(std::move(target));
  for (std::unique_ptr<Target> &known : targets)
    if (known->name == added->name) {
      known = std::move(added);
      return;
    }
  targets.push_back(std::move(added));
}

const Target *Registry::lookup(StringRef name) const {
  for (const std::unique_ptr<Target> &target : targets)
    if (target->name == name)
      return target.get();
  return nullptr;
}

Error Registry::addText(StringRef text, StringRef bufferName) {
  auto parsed = parseTargets(text, bufferName);
  if (!parsed)
    return parsed.takeError();
  if (parsed->empty())
    return llvm::createStringError(
        "no target in '" + bufferName +
        "': expected a module with dlti.target_system_spec");
  for (Target &target : *parsed)
    add(std::move(target));
  return Error::success();
}

mlir::LogicalResult
Registry::addModule(mlir::Operation *module,
                    llvm::SmallVectorImpl<std::string> &names) {
  mlir::FailureOr<llvm::SmallVector<Target, 0>> read = readTargets(module);
  if (failed(read))
    return mlir::failure();
  for (Target &target : *read) {
    names.push_back(target.name);
    add(std::move(target));
  }
  return mlir::success();
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

llvm::Expected<const Target *> Registry::find(StringRef name) {
  if (const Target *target = lookup(name))
    return target;
  for (const ShippedTarget &shipped : kShippedTargets) {
    if (shipped.name != name)
      continue;
    if (Error error = addText(shipped.text, shipped.name))
      return error;
    return lookup(name);
  }
  std::vector<std::string> all = names();
  llvm::SmallVector<StringRef> candidates(all.begin(), all.end());
  std::string suggestion = suggestName(name, candidates);
  if (suggestion.empty())
    suggestion = "; known targets: " + llvm::join(all, ", ");
  return llvm::createStringError("unknown target '" + name + "'" + suggestion);
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> all;
  for (const ShippedTarget &shipped : kShippedTargets)
    all.push_back(shipped.name.str());
  for (const auto &target : targets)
    if (!llvm::is_contained(all, target->name))
      all.push_back(target->name);
  return all;
}

llvm::Expected<std::vector<const Target *>> Registry::findAll() {
  std::vector<const Target *> all;
  for (const std::string &name : names()) {
    llvm::Expected<const Target *> target = find(name);
    if (!target)
      return target.takeError();
    all.push_back(*target);
  }
  return all;
}

Error Registry::checkLevelName(StringRef level) {
  llvm::Expected<std::vector<const Target *>> all = findAll();
  if (!all)
    return all.takeError();
  llvm::SmallVector<StringRef> known;
  for (const Target *target : *all)
    for (const Level &candidate : target->levels) {
      if (candidate.name == level)
        return Error::success();
      if (!llvm::is_contained(known, candidate.name))
        known.push_back(candidate.name);
    }
  return llvm::createStringError("no target has a level '" + level + "'" +
                                 suggestName(level, known));
}
