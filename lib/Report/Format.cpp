//===- Format.cpp - Figures as people read them ---------------------------===//

#include "memwall/Report/Format.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>

using namespace memwall;

/// snprintf into a string, for one number.
static std::string print(const char *format, double value) {
  char text[32];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

/// Three significant digits of a value below 1000, never "1000".
static std::string formatThreeDigits(double value) {
  if (value >= 99.95)
    return print("%.0f", value);
  return print(value >= 9.995 ? "%.1f" : "%.2f", value);
}

std::string memwall::formatQuantity(double value, llvm::StringRef unit) {
  static constexpr const char *prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  unsigned prefix = 0;
  // 999.5 and more would be printed as 1000.
  for (; value >= 999.5 && prefix + 1 < std::size(prefixes); ++prefix)
    value /= 1000;
  bool isExact = prefix == 0 && value == std::floor(value);
  std::string digits =
      isExact ? print("%.0f", value) : formatThreeDigits(value);
  std::string suffix = prefixes[prefix] + unit.str();
  return suffix.empty() ? digits : digits + " " + suffix;
}

std::string memwall::formatCount(int64_t count, llvm::StringRef unit) {
  std::string text = formatQuantity((double)count, unit);
  return count == kTooManyBytes ? "> " + text : text;
}

std::string memwall::formatBytes(int64_t bytes) {
  return formatCount(bytes, "B");
}

std::string memwall::formatShortCount(int64_t count) {
  if (count == kTooManyBytes)
    return ">9E";
  static constexpr const char *prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  double value = (double)count;
  unsigned prefix = 0;
  for (; value >= 999.5 && prefix + 1 < std::size(prefixes); ++prefix)
    value /= 1000;
  bool wantsDecimal = prefix > 0 && value < 9.95;
  return print(wantsDecimal ? "%.1f" : "%.0f", value) + prefixes[prefix];
}

std::string memwall::formatShortRatio(std::optional<double> ratio) {
  if (!ratio)
    return "-";
  double value = *ratio;
  if (value == 0)
    return "0";
  if (value >= 999.5)
    return formatShortCount(value < 9e18 ? std::llround(value) : INT64_MAX - 1);
  if (value >= 9.95)
    return print("%.0f", value);
  if (value >= 0.995)
    return print("%.1f", value);
  if (value >= 0.0995)
    return print("%.2f", value);
  if (value >= 0.0005)
    return print("%.3f", value).substr(1);
  int exponent = (int)std::floor(std::log10(value));
  int digit = (int)std::lround(value / std::pow(10.0, exponent));
  if (digit == 10)
    return formatShortRatio(std::pow(10.0, exponent + 1) * 1.000001);
  return exponent < -9 ? "0"
                       : print("%.0f", digit) + "e" + print("%.0f", exponent);
}

std::string memwall::formatRatio(std::optional<double> ratio) {
  if (!ratio)
    return "-";
  if (*ratio >= 999.5)
    return formatQuantity(*ratio, "");
  if (*ratio == 0 || *ratio >= 0.995)
    return *ratio == 0 ? "0" : formatThreeDigits(*ratio);
  return print("%.3g", *ratio);
}

std::string memwall::formatSeconds(std::optional<double> seconds) {
  if (!seconds)
    return "unknown";
  if (*seconds == 0)
    return "0 s";
  static constexpr std::pair<double, const char *> units[] = {
      {1, "s"}, {1e-3, "ms"}, {1e-6, "us"}};
  if (*seconds >= 999.5)
    return print("%.0f s", *seconds);
  for (auto [scale, unit] : units)
    if (*seconds >= 0.9995 * scale)
      return formatThreeDigits(*seconds / scale) + " " + unit;
  return formatThreeDigits(*seconds / 1e-9) + " ns";
}

std::string memwall::formatShare(double share) {
  if (share <= 0)
    return "0 %";
  return share < 0.005 ? "<1 %" : print("%.0f %%", 100 * share);
}

std::string memwall::formatStandardError(std::optional<double> error,
                                         double of) {
  if (!error)
    return "~";
  double percent = 100 * *error / std::max(of, 1.0);
  if (percent <= 0.05)
    return "";
  // Beside next to nothing a percentage says nothing.
  if (percent > 100)
    return "± " + formatBytes(int64_t(std::min(*error, 9e18)));
  return print(percent < 9.95 ? "± %.1f %%" : "± %.0f %%", percent);
}

/// Terminal columns of UTF-8 text; bytes when it is not UTF-8.
static unsigned countColumns(llvm::StringRef text) {
  int columns = llvm::sys::unicode::columnWidthUTF8(text);
  return columns < 0 ? text.size() : columns;
}

/// The longest prefix of `text` with an ellipsis that takes `columns` columns.
static std::string cutTo(llvm::StringRef text, unsigned columns) {
  if (countColumns(text) <= columns)
    return text.str();
  if (columns == 0)
    return "";
  while (!text.empty() && countColumns(text) > columns - 1) {
    // Whole characters only: continuation bytes are 10xxxxxx.
    while (text.size() > 1 && ((unsigned char)text.back() & 0xC0) == 0x80)
      text = text.drop_back();
    text = text.drop_back();
  }
  return text.rtrim().str() + "…";
}

std::string memwall::padRight(llvm::StringRef text, unsigned columns) {
  std::string cut = cutTo(text, columns);
  unsigned width = countColumns(cut);
  return cut + std::string(columns - std::min(columns, width), ' ');
}

std::string memwall::padLeft(llvm::StringRef text, unsigned columns) {
  std::string cut = cutTo(text, columns);
  unsigned width = countColumns(cut);
  return std::string(columns - std::min(columns, width), ' ') + cut;
}
