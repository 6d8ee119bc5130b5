//===- PrintHelp.h - memwall's own part of --help ---------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_PRINTHELP_H
#define MEMWALL_TOOLS_PRINTHELP_H

#include "memwall/Passes/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

namespace memwall {

/// Whether the command line asks for help.
inline bool isHelpAskedFor(int argc, char **argv) {
  return llvm::any_of(llvm::ArrayRef(argv, argc).drop_front(),
                      [](llvm::StringRef argument) {
                        return argument == "--help" || argument == "-help" ||
                               argument == "-h" || argument == "--h";
                      });
}

/// Prints memwall's passes with their options, and its flags: what a user of
/// memwall looks for among the more than a thousand lines of mlir-opt.
inline void printHelp() {
  constexpr size_t kIndent = 2, kLeastColumn = 32, kOfOptions = 4;
  llvm::SmallVector<const mlir::PassRegistryEntry *> entries;
  // Upstream prints 2^32 blanks where a name is longer than its column.
  size_t column = kLeastColumn;
  for (llvm::StringRef name : getPassNames()) {
    const mlir::PassRegistryEntry *entry = mlir::PassInfo::lookup(name);
    if (!entry)
      entry = mlir::PassPipelineInfo::lookup(name);
    if (!entry)
      continue;
    entries.push_back(entry);
    column = std::max(column, entry->getOptionWidth() + kOfOptions);
  }
  llvm::outs() << "OVERVIEW: memwall: the bytes that a program moves\n\n"
               << "memwall's passes:\n\n";
  for (const mlir::PassRegistryEntry *entry : entries)
    entry->printHelpStr(kIndent, column);
  llvm::outs() << "\nmemwall's flags:\n\n";
  std::map<llvm::StringRef, llvm::cl::Option *> flags;
  for (auto &[name, option] : llvm::cl::getRegisteredOptions())
    if (name.starts_with("memwall-"))
      flags[name] = option;
  for (auto [name, option] : flags) {
    std::string text = "--" + name.str();
    if (!option->ValueStr.empty())
      text += "=<" + option->ValueStr.str() + ">";
    llvm::outs().indent(kIndent) << llvm::left_justify(text, column - kIndent)
                                 << "- " << option->HelpStr << "\n";
  }
  llvm::outs() << "\nAll that mlir-opt has:\n\n";
}

} // namespace memwall

#endif // MEMWALL_TOOLS_PRINTHELP_H
