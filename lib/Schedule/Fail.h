//===- Fail.h - Errors of room Schedule -------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_FAIL_H
#define MEMWALL_LIB_SCHEDULE_FAIL_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FormatVariadic.h"

namespace memwall {

/// An error with a text: `format` as of llvm::formatv.
template <typename... Ts>
llvm::Error fail(const char *format, const Ts &...values) {
  return llvm::createStringError(llvm::formatv(format, values...).str());
}

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_FAIL_H
