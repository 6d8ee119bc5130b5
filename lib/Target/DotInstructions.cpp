//===- DotInstructions.cpp - Their names ----------------------------------===//

#include "memwall/Target/DotInstructions.h"
#include "llvm/ADT/SmallVector.h"

using namespace memwall;

static constexpr llvm::StringLiteral kNone = "none";

static constexpr std::pair<llvm::StringLiteral, bool DotInstructions::*>
    kNames[] = {{"avx512bf16", &DotInstructions::bf16},
                {"avx512vnni", &DotInstructions::integers}};

std::string DotInstructions::print() const {
  std::string text;
  for (auto [name, member] : kNames)
    if (this->*member)
      text += (text.empty() ? "" : ",") + name.str();
  return text.empty() ? kNone.str() : text;
}

std::optional<DotInstructions> DotInstructions::parse(llvm::StringRef text) {
  DotInstructions dots;
  if (text == kNone)
    return dots;
  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ',');
  for (llvm::StringRef word : words) {
    bool isKnown = false;
    for (auto [name, member] : kNames)
      if (word == name)
        isKnown = dots.*member = true;
    if (!isKnown)
      return std::nullopt;
  }
  return dots;
}

llvm::StringRef DotInstructions::getSyntax() {
  return "'avx512bf16', 'avx512vnni', both with a comma between them, or "
         "'none'";
}
