//===- ParseSize.h - "512 KiB" ----------------------------------*- C++ -*-===//
//
// Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TARGET_PARSESIZE_H
#define MEMWALL_LIB_TARGET_PARSESIZE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace memwall {

/// The bytes of a decimal number with a unit: B; kB, MB, GB, TB of powers of
/// 1000; KiB, MiB, GiB, TiB of powers of 1024. A point is allowed ("1.5 MiB")
/// where the bytes are whole. Errors say what was expected.
llvm::Expected<int64_t> parseSize(llvm::StringRef text);

} // namespace memwall

#endif // MEMWALL_LIB_TARGET_PARSESIZE_H
