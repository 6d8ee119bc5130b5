//===- Checks.h - Errors about numbers that flags set -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_CHECKS_H
#define MEMWALL_LIB_WORKLOAD_CHECKS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstdint>

namespace memwall {

/// No dimension is larger; products of three still fit 64 bits.
constexpr int64_t largestDimension = int64_t(1) << 20;
/// What the length of the module goes with: layers, experts of a token.
constexpr int64_t largestCount = 1024;

template <typename... Values>
llvm::Error makeError(const char *format, Values &&...values) {
  return llvm::createStringError(
      llvm::formatv(format, std::forward<Values>(values)...).str());
}

/// A number and the flag that sets it.
struct Dimension {
  const char *flag;
  int64_t value;
};

/// Fails unless all are `smallest` to `largest`.
llvm::Error checkAtLeast(int64_t smallest, llvm::ArrayRef<Dimension> dimensions,
                         int64_t largest = largestDimension);
llvm::Error checkDivides(const char *part, int64_t divisor, const char *whole,
                         int64_t value);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_CHECKS_H
