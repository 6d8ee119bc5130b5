//===- StridedBoxUnion.cpp - Distinct elements of many sets ---------------===//
//
// docs/Model.md, B3: intervals are merged as runs. Other sets become boxes in
// the mixed radix of all their strides ("digits"), whose union is counted digit
// by digit.
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/StridedBox.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>
#include <optional>

using namespace memwall;

namespace {

/// Half-open.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
};

/// One range per digit, most significant first.
using DigitBox = llvm::SmallVector<Range, 4>;
using DigitBoxes = llvm::SmallVector<DigitBox, 0>;
using DigitBoxRefs = llvm::SmallVector<const DigitBox *, 0>;

} // namespace

/// Boxes that are looked at, some ten milliseconds' worth: a lower bound is
/// returned above.
static constexpr int64_t kBoxesBudget = 1 << 18;

/// Sound for anything: clusters whose spans do not overlap add up, and a
/// cluster has at least the elements of its largest set.
static ElementCount countClusters(llvm::ArrayRef<StridedBox> sets) {
  uint64_t total = 0; // There are 2^64 places.
  int64_t largest = 0;
  int64_t covered = std::numeric_limits<int64_t>::min();
  for (const StridedBox &set : sets) {
    if (set.first() >= covered) {
      total += largest;
      largest = 0;
    }
    largest = std::max(largest, set.count().elements);
    covered = std::max(covered, set.last() + 1);
  }
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  return {int64_t(std::min(total + largest, kMost)), false};
}

/// All strides and 1, descending; nullopt unless each divides the one before.
static std::optional<llvm::SmallVector<int64_t, 4>>
findDigits(llvm::ArrayRef<StridedBox> sets) {
  llvm::SmallVector<int64_t, 4> digits = {1};
  for (const StridedBox &set : sets)
    for (Progression step : set.getSteps())
      if (!llvm::is_contained(digits, step.stride))
        digits.push_back(step.stride);
  llvm::sort(digits, std::greater<int64_t>());
  for (unsigned i = 1; i < digits.size(); ++i)
    if (digits[i - 1] % digits[i] != 0)
      return std::nullopt;
  return digits;
}

/// Carries digit `digit` of `box` into the next one where it passes `radix`:
/// a first part row, full rows, a last part row. Appends the pieces.
static void carryDigit(const DigitBox &box, unsigned digit, int64_t radix,
                       DigitBoxes &pieces) {
  Range range = box[digit];
  auto emit = [&](Range low, int64_t firstCarry, int64_t lastCarry) {
    if (low.begin >= low.end || firstCarry > lastCarry)
      return;
    DigitBox piece = box;
    piece[digit] = low;
    piece[digit - 1].begin += firstCarry;
    piece[digit - 1].end += lastCarry;
    pieces.push_back(piece);
  };
  int64_t rows = range.end / radix, rest = range.end % radix;
  if (rows == 0)
    return emit(range, 0, 0);
  bool startsRow = range.begin == 0;
  if (!startsRow)
    emit({range.begin, radix}, 0, 0);
  emit({0, radix}, startsRow ? 0 : 1, rows - 1);
  emit({0, rest}, rows, rows);
}

/// The boxes of one nested set.
static void appendBoxes(const StridedBox &set, llvm::ArrayRef<int64_t> digits,
                        DigitBoxes &boxes) {
  DigitBox box;
  int64_t rest = set.first();
  for (int64_t stride : digits) {
    int64_t digit = rest / stride;
    rest %= stride;
    Range range{digit, digit + 1};
    for (Progression step : set.getSteps())
      if (step.stride == stride)
        range.end = range.begin + step.count;
    box.push_back(range);
  }
  DigitBoxes current = {box};
  for (unsigned digit = digits.size(); digit-- > 1;) {
    DigitBoxes carried;
    for (const DigitBox &piece : current)
      carryDigit(piece, digit, digits[digit - 1] / digits[digit], carried);
    current = std::move(carried);
  }
  boxes.append(current.begin(), current.end());
}

/// Elements of the union of `boxes`, which agree in all digits before `digit`:
/// between two neighbouring ends of their ranges the same boxes count, so
///   sum over stretches of [length] * [union of those boxes in what follows].
/// Nullopt when more boxes are looked at than `budget` has left.
static std::optional<int64_t> countBoxes(DigitBoxRefs boxes, unsigned digit,
                                         int64_t &budget) {
  if (digit == boxes[0]->size())
    return 1;
  budget -= boxes.size();
  if (budget < 0)
    return std::nullopt;
  llvm::SmallVector<int64_t, 8> ends;
  for (const DigitBox *box : boxes)
    ends.append({(*box)[digit].begin, (*box)[digit].end});
  llvm::sort(ends);
  ends.erase(llvm::unique(ends), ends.end());
  llvm::sort(boxes, [&](const DigitBox *a, const DigitBox *b) {
    return (*a)[digit].begin < (*b)[digit].begin;
  });
  DigitBoxRefs here;
  int64_t total = 0;
  const DigitBox **next = boxes.begin();
  for (unsigned i = 0; i + 1 < ends.size(); ++i) {
    llvm::erase_if(here, [&](const DigitBox *box) {
      return (*box)[digit].end <= ends[i];
    });
    while (next != boxes.end() && (**next)[digit].begin <= ends[i])
      here.push_back(*next++);
    if (here.empty())
      continue;
    std::optional<int64_t> inner = countBoxes(here, digit + 1, budget);
    if (!inner)
      return std::nullopt;
    total += *inner * (ends[i + 1] - ends[i]);
  }
  return total;
}

ElementCount memwall::countUnion(llvm::ArrayRef<StridedBox> sets) {
  // 1. Different, not empty, by first element.
  llvm::SmallVector<StridedBox, 8> sorted;
  for (const StridedBox &set : sets)
    if (!set.isEmpty() && set.fits())
      sorted.push_back(set);
  bool fit = llvm::all_of(sets, [](auto &set) { return set.fits(); });
  llvm::sort(sorted);
  sorted.erase(llvm::unique(sorted), sorted.end());
  if (!fit) {
    ElementCount rest = countUnion(sorted);
    return {std::max<int64_t>(rest.elements, 1), false};
  }
  if (sorted.empty())
    return {0, true};
  if (sorted.size() == 1)
    return sorted[0].count();
  auto countRuns = [&]() -> std::optional<int64_t> {
    if (sorted.front().getWidth() != 1)
      return std::nullopt;
    return countGranules(sorted, /*granule=*/1);
  };
  if (llvm::all_of(sorted, [](auto &set) { return set.isInterval(); }))
    if (std::optional<int64_t> count = countRuns())
      return {*count, true};
  // 2. Boxes, where the strides allow it.
  auto isPlain = [](const StridedBox &set) {
    return set.isNested() && set.first() >= 0;
  };
  if (llvm::all_of(sorted, isPlain))
    if (auto digits = findDigits(sorted)) {
      DigitBoxes boxes;
      for (const StridedBox &set : sorted)
        appendBoxes(set, *digits, boxes);
      DigitBoxRefs refs;
      for (const DigitBox &box : boxes)
        refs.push_back(&box);
      int64_t budget = kBoxesBudget;
      if (std::optional<int64_t> count = countBoxes(refs, 0, budget))
        return {*count, true};
    }
  // 3. Run by run.
  if (std::optional<int64_t> count = countRuns())
    return {*count, true};
  // 4. Something sound.
  return countClusters(sorted);
}
