//===- Format.h - Figures as people read them -------------------*- C++ -*-===//
//
// Human units of the text and markdown reports. 1 k = 1e3, 1 M = 1e6,
// 1 G = 1e9, and so on: never powers of two.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_FORMAT_H
#define MEMWALL_REPORT_FORMAT_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace memwall {

/// Three significant digits and an SI prefix: "1.23 GB", "405 MFLOP", "512 B".
std::string formatQuantity(double value, llvm::StringRef unit);

/// "405 MFLOP"; "> 9.22 EFLOP" for `kTooManyBytes`.
std::string formatCount(int64_t count, llvm::StringRef unit);

/// The same in bytes: "1.23 GB".
std::string formatBytes(int64_t bytes);

/// At most four characters: "1.2G", "405M", "512", "0"; ">9E" for
/// `kTooManyBytes`.
std::string formatShortCount(int64_t value);

/// At most four characters: "295", "1.2", ".034", "3e-5"; "-" when absent.
std::string formatShortRatio(std::optional<double> value);

/// Three significant digits: "295", "1.23", "0.0340"; "-" when absent.
std::string formatRatio(std::optional<double> value);

/// "13.1 ms", "2.40 us"; "unknown" when absent.
std::string formatSeconds(std::optional<double> seconds);

/// "41 %", "<1 %", "0 %".
std::string formatShare(double share);

/// A standard error as a part of what it is an error of, which is positive:
/// "± 0.3 %", "± 12 %". Empty up to 0.05 %; "~" where no error can be stated.
std::string formatStandardError(std::optional<double> error, double of);

/// `text` in exactly `columns` terminal columns: padded with blanks on the
/// right, or cut with an ellipsis.
std::string padRight(llvm::StringRef text, unsigned columns);

/// The same with the blanks on the left.
std::string padLeft(llvm::StringRef text, unsigned columns);

} // namespace memwall

#endif // MEMWALL_REPORT_FORMAT_H
