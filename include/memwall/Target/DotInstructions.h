//===- DotInstructions.h - Products and sums in one instruction -*- C++ -*-===//

#ifndef MEMWALL_TARGET_DOTINSTRUCTIONS_H
#define MEMWALL_TARGET_DOTINSTRUCTIONS_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace memwall {

/// Instructions that multiply two registers of narrow elements, and add the
/// products of neighbours, two of 16 bits or four of 8, to a sum of 32 bits.
/// Their names are those that LLVM has for them as features of a CPU.
struct DotInstructions {
  bool bf16 = false;     ///< "avx512bf16": vdpbf16ps, sums of f32.
  bool integers = false; ///< "avx512vnni": vpdpbusd and vpdpwssd, sums of i32.

  bool any() const { return bf16 || integers; }
  /// Names with commas between them, "none" where there are none.
  std::string print() const;
  /// What `print` wrote, in any order; nullopt for an unknown name.
  static std::optional<DotInstructions> parse(llvm::StringRef text);
  /// What `parse` takes, for messages.
  static llvm::StringRef getSyntax();
};

} // namespace memwall

#endif // MEMWALL_TARGET_DOTINSTRUCTIONS_H
