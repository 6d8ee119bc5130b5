//===- Registry.h - Targets by name -----------------------------*- C++ -*-===//
//
// Where a name such as "h100-sxm" leads: to a target that the module itself
// carries, else one of the files that were added, else one that is shipped
// (embedded in the library, so that a plugin needs no path to find it).
//
//   Registry registry;
//   if (llvm::Error error = registry.addFile("mine.mlir")) ...
//   llvm::Expected<const Target *> target = registry.find("h100-sxm");
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_REGISTRY_H
#define MEMWALL_TARGET_REGISTRY_H

#include "memwall/Target/Target.h"
#include "mlir/Support/LLVM.h"
#include <memory>
#include <vector>

namespace mlir {
class Operation;
} // namespace mlir

namespace memwall {

/// A set of targets; later additions replace earlier ones of the same name.
/// Pointers to targets stay valid until their name is added again.
class Registry {
public:
  /// Adds every target of a file, or says what is wrong and where in it.
  llvm::Error addFile(llvm::StringRef path);
  /// The same for text; `bufferName` stands for the path in messages.
  llvm::Error addText(llvm::StringRef text, llvm::StringRef bufferName);
  /// Adds the targets on `module` (see DLTI.h); emits an error when they are
  /// malformed. Their names, in order, are appended to `names`.
  mlir::LogicalResult addModule(mlir::Operation *module,
                                llvm::SmallVectorImpl<std::string> &names);

  /// The target of this name; an error that suggests the nearest name.
  llvm::Expected<const Target *> find(llvm::StringRef name);
  /// All names: the shipped ones in alphabetical order, then added ones.
  std::vector<std::string> names() const;
  /// All targets, in the order of `names`.
  llvm::Expected<std::vector<const Target *>> findAll();
  /// Whether any target has a level of this name; a budget for another is a
  /// mistake. The message suggests the nearest level.
  llvm::Error checkLevelName(llvm::StringRef level);

private:
  void add(Target target);
  const Target *lookup(llvm::StringRef name) const;

  /// Targets that were added, or shipped ones that were asked for.
  std::vector<std::unique_ptr<Target>> targets;
};

/// A registry with the files of `addDefaultTargetFile` and then `files`.
llvm::Expected<Registry> createRegistry(llvm::ArrayRef<std::string> files = {});

/// Makes every later `createRegistry` of this process add a file: how a tool's
/// `--memwall-target-file` reaches its passes. Not thread-safe; call it before
/// passes run.
void addDefaultTargetFile(std::string path);

/// Prints a table of targets, at most 100 columns wide: name, memory, peak and
/// achievable bandwidth of reads, capacity, ridge (bf16 matrix peak, or f32
/// vector peak where that is all, over peak bandwidth), and cache levels.
void printTargetList(llvm::raw_ostream &os,
                     llvm::ArrayRef<const Target *> targets);

} // namespace memwall

#endif // MEMWALL_TARGET_REGISTRY_H
