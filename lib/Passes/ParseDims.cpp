//===- ParseDims.cpp - The text of a dims option --------------------------===//

#include "memwall/Passes/BindDims.h"
#include "llvm/ADT/StringRef.h"

using namespace memwall;

static llvm::Error makeSyntaxError(llvm::StringRef text) {
  return llvm::createStringError(
      "expected '@function:arg0:1=2048', '@function:arg0=2048' or a number "
      "from 0 in dims, found '" +
      text + "'");
}

/// Parses "@function:arg0:1" into everything but the value.
static std::optional<DimBinding> parsePlace(llvm::StringRef text) {
  DimBinding binding;
  if (!text.consume_front("@"))
    return std::nullopt;
  // From the right, since a quoted symbol may contain colons.
  auto [before, last] = text.rsplit(':');
  unsigned dimension;
  if (!last.getAsInteger(10, dimension)) {
    binding.dimension = dimension;
    std::tie(before, last) = before.rsplit(':');
  }
  if (!last.consume_front("arg") || last.getAsInteger(10, binding.argument) ||
      before.empty())
    return std::nullopt;
  binding.function = before.str();
  return binding;
}

llvm::Expected<DimBindings>
memwall::parseDimBindings(llvm::ArrayRef<std::string> texts) {
  DimBindings bindings;
  for (llvm::StringRef text : texts) {
    auto [place, number] = text.trim().rsplit('=');
    bool isBare = number.empty() && !text.contains('=');
    int64_t value;
    if ((isBare ? place : number).getAsInteger(10, value) || value < 0)
      return makeSyntaxError(text);
    if (isBare) {
      if (bindings.rest)
        return llvm::createStringError(
            "expected at most one bare number in dims, found %lld and %lld",
            (long long)*bindings.rest, (long long)value);
      bindings.rest = value;
      continue;
    }
    std::optional<DimBinding> binding = parsePlace(place.trim());
    if (!binding)
      return makeSyntaxError(text);
    binding->value = value;
    for (const DimBinding &other : bindings.named)
      if (other.function == binding->function &&
          other.argument == binding->argument &&
          other.dimension == binding->dimension)
        return llvm::createStringError("'" + place.trim() +
                                       "' is bound twice in dims");
    bindings.named.push_back(*binding);
  }
  return bindings;
}
