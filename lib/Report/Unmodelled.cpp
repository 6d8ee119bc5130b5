//===- Unmodelled.cpp - What is in no figure ------------------------------===//

#include "memwall/Report/Report.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

llvm::SmallVector<UnmodelledFigures, 0>
memwall::mergeUnmodelled(llvm::ArrayRef<Unmodelled> entries) {
  llvm::SmallVector<UnmodelledFigures, 0> merged;
  for (const Unmodelled &entry : entries) {
    auto *same = llvm::find_if(merged, [&](const UnmodelledFigures &other) {
      return other.name == entry.name && other.advice == entry.advice;
    });
    if (same == merged.end()) {
      merged.push_back({entry.name, entry.location, 0, 0, entry.advice});
      same = std::prev(merged.end());
    }
    same->count = addCounts(same->count, entry.count);
    ++same->places;
  }
  return merged;
}

std::string
memwall::describeUnmodelled(llvm::ArrayRef<UnmodelledFigures> unmodelled) {
  constexpr size_t kNamed = 3;
  if (unmodelled.empty())
    return "";
  int64_t places = 0;
  for (const UnmodelledFigures &entry : unmodelled)
    places += entry.places;
  std::string text = std::to_string(places) +
                     (places == 1 ? " op is" : " ops are") + " in no figure: ";
  for (auto [i, entry] : llvm::enumerate(unmodelled.take_front(kNamed)))
    text += (i ? ", " : "") + entry.name;
  if (unmodelled.size() > kNamed)
    text += " and " + std::to_string(unmodelled.size() - kNamed) + " more";
  return text;
}
