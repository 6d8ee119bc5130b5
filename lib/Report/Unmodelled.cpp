//===- Unmodelled.cpp - What is in no figure ------------------------------===//

#include "memwall/Report/Format.h"
#include "memwall/Report/Report.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

llvm::SmallVector<UnmodelledFigures, 0>
memwall::mergeUnmodelled(llvm::ArrayRef<Unmodelled> entries) {
  llvm::SmallVector<UnmodelledFigures, 0> merged;
  for (const Unmodelled &entry : entries) {
    auto *same = llvm::find_if(merged, [&](const UnmodelledFigures &other) {
      return other.name == entry.name && other.advice == entry.advice &&
             other.counted == entry.counted;
    });
    if (same == merged.end()) {
      merged.push_back(
          {entry.name, entry.location, 0, 0, entry.advice, entry.counted, 0});
      same = std::prev(merged.end());
    }
    same->count = addCounts(same->count, entry.count);
    ++same->places;
    same->countedBytes = addCounts(same->countedBytes, entry.countedBytes);
  }
  return merged;
}

/// "a, b, c and 2 more".
static std::string joinNames(llvm::ArrayRef<std::string> names) {
  constexpr size_t kNamed = 3;
  std::string text = llvm::join(names.take_front(kNamed), ", ");
  if (names.size() > kNamed)
    text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text;
}

/// "1 op is", "3 ops are".
static std::string countOps(int64_t places) {
  return std::to_string(places) + (places == 1 ? " op is " : " ops are ");
}

/// What is said of ops of which `part` is counted.
static std::string describePart(CountedPart part, int64_t places,
                                int64_t bytes) {
  switch (part) {
  case CountedPart::Nothing:
    return "in no figure";
  case CountedPart::Body:
    return "not modelled, only what is inside is counted, once";
  case CountedPart::Operands:
    if (bytes == 0)
      return std::string("not modelled, the memory that ") +
             (places == 1 ? "it gives" : "they give") +
             " counts where it is used";
    return "not modelled, only " + formatQuantity((double)bytes, "B") +
           " of operands and results are counted";
  }
  llvm_unreachable("all parts are above");
}

/// The warning about those of `unmodelled` of which `part` is counted, if any.
static std::optional<ReportWarning>
warnOfPart(llvm::ArrayRef<UnmodelledFigures> unmodelled, CountedPart part) {
  llvm::SmallVector<std::string> names;
  int64_t places = 0, bytes = 0;
  std::string advice;
  for (const UnmodelledFigures &entry : unmodelled) {
    if (entry.counted != part)
      continue;
    if (names.empty())
      advice = entry.advice;
    names.push_back(entry.name);
    places += entry.places;
    bytes = addCounts(bytes, entry.countedBytes);
  }
  if (names.empty())
    return std::nullopt;
  return ReportWarning{countOps(places) + describePart(part, places, bytes) +
                           ": " + joinNames(names),
                       advice};
}

llvm::SmallVector<ReportWarning, 1>
memwall::listWarnings(llvm::ArrayRef<UnmodelledFigures> unmodelled,
                      llvm::ArrayRef<UndefinedRead> undefinedReads) {
  llvm::SmallVector<ReportWarning, 1> warnings;
  for (CountedPart part :
       {CountedPart::Nothing, CountedPart::Operands, CountedPart::Body})
    if (std::optional<ReportWarning> warning = warnOfPart(unmodelled, part))
      warnings.push_back(std::move(*warning));
  if (undefinedReads.empty())
    return warnings;
  llvm::SmallVector<std::string> places;
  for (const UndefinedRead &read : undefinedReads)
    places.push_back(read.name + " (" + read.location + ")");
  warnings.push_back(
      {std::to_string(places.size()) +
           (places.size() == 1 ? " op uses" : " ops use") +
           " content that nothing has written: " + joinNames(places),
       "fill the output first (linalg.fill)"});
  return warnings;
}
