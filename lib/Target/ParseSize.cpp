//===- ParseSize.cpp - "512 KiB" ------------------------------------------===//

#include "ParseSize.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace memwall;
using llvm::StringRef;

static constexpr StringRef kDigits = "0123456789";

/// Bytes of a unit; 0 of an unknown one.
static int64_t getUnitBytes(StringRef unit) {
  return llvm::StringSwitch<int64_t>(unit)
      .Case("B", 1)
      .Case("kB", 1000)
      .Case("MB", 1000'000)
      .Case("GB", 1000'000'000)
      .Case("TB", 1000'000'000'000)
      .Case("KiB", INT64_C(1) << 10)
      .Case("MiB", INT64_C(1) << 20)
      .Case("GiB", INT64_C(1) << 30)
      .Case("TiB", INT64_C(1) << 40)
      .Default(0);
}

llvm::Expected<int64_t> memwall::parseSize(StringRef text) {
  auto fail = [&](const llvm::Twine &expected) {
    return llvm::createStringError("expects " + expected + ", found \"" + text +
                                   "\"");
  };
  StringRef rest = text.trim();
  size_t whole = std::min(rest.find_first_not_of(kDigits), rest.size());
  std::string digits = rest.take_front(whole).str();
  rest = rest.drop_front(whole);
  int64_t divisor = 1;
  if (whole > 0 && rest.consume_front(".")) {
    StringRef fraction =
        rest.take_front(std::min(rest.find_first_not_of(kDigits), rest.size()));
    rest = rest.drop_front(fraction.size());
    fraction = fraction.rtrim('0');
    digits += fraction;
    if (fraction.size() > 15)
      return fail("at most 15 digits after the point");
    for (size_t i = 0; i < fraction.size(); ++i)
      divisor *= 10;
  }
  int64_t unit = getUnitBytes(rest.trim()), number = 0;
  if (digits.empty() || unit == 0)
    return fail("a number with a unit (B, kB, MB, GB, TB of 1000, or KiB, MiB, "
                "GiB, TiB of 1024), like \"512 KiB\"");
  if (StringRef(digits).getAsInteger(10, number))
    return fail("less than 2^63 bytes");
  std::optional<int64_t> bytes = llvm::checkedMul(number, unit);
  if (!bytes)
    return fail("less than 2^63 bytes");
  if (*bytes % divisor != 0)
    return fail("a whole number of bytes");
  return *bytes / divisor;
}
