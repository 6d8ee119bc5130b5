//===- ParseChoice.h - Options with a few words as values -------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_PARSECHOICE_H
#define MEMWALL_LIB_PASSES_PARSECHOICE_H

#include "memwall/Target/NearestName.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"

namespace memwall {

/// The value behind the word of an option. An unknown word is one error at
/// `module` with all words; LLVM's parser of enumerations makes two of it, and
/// names none.
template <typename Value>
mlir::FailureOr<Value>
parseChoice(mlir::ModuleOp module, llvm::StringRef option, llvm::StringRef word,
            llvm::ArrayRef<std::pair<llvm::StringRef, Value>> choices) {
  llvm::SmallVector<llvm::StringRef> words;
  for (auto [name, value] : choices) {
    if (name == word)
      return value;
    words.push_back(name);
  }
  return mlir::emitError(module.getLoc(), "expected ")
         << option << " to be "
         << llvm::join(llvm::ArrayRef(words).drop_back(), ", ") << " or "
         << words.back() << ", found '" << word << "'"
         << suggestName(word, words);
}

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_PARSECHOICE_H
