//===- TargetFlags.cpp - The target flags of memwall's tools --------------===//

#include "TargetFlags.h"
#include "memwall/Target/DLTI.h"
#include "memwall/Target/Registry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

namespace cl = llvm::cl;

static cl::opt<bool> listTargets("memwall-list-targets",
                                 cl::desc("Print a table of all targets"));
static cl::opt<std::string>
    targetToPrint("memwall-print-target", cl::value_desc("name"),
                  cl::desc("Print a target, to copy and edit"));
static cl::list<std::string>
    targetFiles("memwall-target-file", cl::value_desc("file.mlir"),
                cl::desc("Add the targets of a file (may be repeated)"));

static llvm::Error printWhatWasAskedFor() {
  auto registry = memwall::createRegistry();
  if (!registry)
    return registry.takeError();
  if (!targetToPrint.empty()) {
    auto target = registry->find(targetToPrint);
    if (!target)
      return target.takeError();
    memwall::printTargets(llvm::outs(), **target);
    return llvm::Error::success();
  }
  auto targets = registry->findAll();
  if (!targets)
    return targets.takeError();
  memwall::printTargetList(llvm::outs(), *targets);
  return llvm::Error::success();
}

std::optional<int> memwall::handleTargetFlags() {
  for (const std::string &file : targetFiles)
    addDefaultTargetFile(file);
  if (!listTargets && targetToPrint.empty())
    return std::nullopt;
  llvm::Error error = printWhatWasAskedFor();
  if (!error)
    return EXIT_SUCCESS;
  llvm::WithColor::error() << llvm::toString(std::move(error)) << '\n';
  return EXIT_FAILURE;
}
