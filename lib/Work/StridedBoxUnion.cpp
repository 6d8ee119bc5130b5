//===- StridedBoxUnion.cpp - Distinct elements of many sets ---------------===//
//
// docs/Model.md, B3: intervals are merged directly. Other sets become boxes in
// the mixed radix of all their strides ("digits"); boxes that agree in all
// digits but one are merged, those that still overlap are cut apart.
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/StridedBox.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <optional>

using namespace memwall;

namespace {

/// Half-open.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(Range other) const {
    return begin == other.begin && end == other.end;
  }
  bool operator<(Range other) const {
    return begin != other.begin ? begin < other.begin : end < other.end;
  }
};

/// One range per digit, most significant first.
using DigitBox = llvm::SmallVector<Range, 4>;
using DigitBoxes = llvm::SmallVector<DigitBox, 0>;

} // namespace

/// Above these the pieces are not cut apart: a lower bound is returned.
static constexpr unsigned kBoxesCap = 1024;
static constexpr unsigned kPiecesCap = 4096;

/// Disjoint boxes have no more elements than there are places.
static int64_t countBox(const DigitBox &box) {
  int64_t count = 1;
  for (Range range : box)
    count *= range.end - range.begin;
  return count;
}

static ElementCount clampCount(uint64_t elements, bool exact) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  return {int64_t(std::min(elements, kMost)), exact && elements <= kMost};
}

/// Sets sorted by first element, all intervals.
static ElementCount countIntervals(llvm::ArrayRef<StridedBox> sets) {
  uint64_t total = 0; // There are 2^64 places.
  int64_t covered = std::numeric_limits<int64_t>::min();
  for (const StridedBox &set : sets) {
    int64_t begin = std::max(covered, set.first());
    if (begin <= set.last())
      total += uint64_t(set.last() - begin) + 1;
    covered = std::max(covered, set.last() + 1);
  }
  return clampCount(total, true);
}

/// Sound for anything: clusters whose spans do not overlap add up, and a
/// cluster has at least the elements of its largest set.
static ElementCount countClusters(llvm::ArrayRef<StridedBox> sets) {
  uint64_t total = 0;
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
  return clampCount(total + largest, false);
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

/// Merges boxes that agree in every digit but `digit` and touch there.
static void mergeAlong(unsigned digit, DigitBoxes &boxes) {
  auto agree = [&](const DigitBox &a, const DigitBox &b) {
    for (unsigned i = 0; i < a.size(); ++i)
      if (i != digit && !(a[i] == b[i]))
        return false;
    return true;
  };
  llvm::sort(boxes, [&](const DigitBox &a, const DigitBox &b) {
    for (unsigned i = 0; i < a.size(); ++i)
      if (i != digit && !(a[i] == b[i]))
        return a[i] < b[i];
    return a[digit] < b[digit];
  });
  DigitBoxes merged;
  for (const DigitBox &box : boxes) {
    if (!merged.empty() && agree(merged.back(), box) &&
        box[digit].begin <= merged.back()[digit].end)
      merged.back()[digit].end =
          std::max(merged.back()[digit].end, box[digit].end);
    else
      merged.push_back(box);
  }
  boxes = std::move(merged);
}

static bool overlap(const DigitBox &a, const DigitBox &b) {
  for (unsigned i = 0; i < a.size(); ++i)
    if (a[i].end <= b[i].begin || b[i].end <= a[i].begin)
      return false;
  return true;
}

/// Appends `box` without `hole` (they overlap) as disjoint boxes.
static void subtractBox(DigitBox box, const DigitBox &hole,
                        DigitBoxes &pieces) {
  for (unsigned i = 0; i < box.size(); ++i) {
    if (box[i].begin < hole[i].begin) {
      pieces.push_back(box);
      pieces.back()[i].end = hole[i].begin;
      box[i].begin = hole[i].begin;
    }
    if (box[i].end > hole[i].end) {
      pieces.push_back(box);
      pieces.back()[i].begin = hole[i].end;
      box[i].end = hole[i].end;
    }
  }
}

/// Elements of `box` that none of `earlier` has; nullopt when cut too often.
static std::optional<int64_t> countFresh(const DigitBox &box,
                                         llvm::ArrayRef<DigitBox> earlier) {
  DigitBoxes pieces = {box};
  for (const DigitBox &hole : earlier) {
    if (!overlap(box, hole))
      continue;
    DigitBoxes left;
    for (const DigitBox &piece : pieces) {
      if (overlap(piece, hole))
        subtractBox(piece, hole, left);
      else
        left.push_back(piece);
    }
    if (left.size() > kPiecesCap)
      return std::nullopt;
    pieces = std::move(left);
  }
  int64_t count = 0;
  for (const DigitBox &piece : pieces)
    count += countBox(piece);
  return count;
}

static std::optional<int64_t> countBoxes(DigitBoxes boxes) {
  for (size_t before = 0; before != boxes.size();) {
    before = boxes.size();
    for (unsigned digit = boxes[0].size(); digit-- > 0;)
      mergeAlong(digit, boxes);
  }
  if (boxes.size() > kBoxesCap)
    return std::nullopt;
  int64_t total = 0;
  for (unsigned i = 0; i < boxes.size(); ++i) {
    std::optional<int64_t> fresh =
        countFresh(boxes[i], llvm::ArrayRef(boxes).take_front(i));
    if (!fresh)
      return std::nullopt;
    total += *fresh;
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
  if (llvm::all_of(sorted, [](auto &set) { return set.isInterval(); }))
    return countIntervals(sorted);
  // 2. Boxes, where the strides allow it.
  auto isPlain = [](const StridedBox &set) {
    return set.isNested() && set.first() >= 0;
  };
  if (llvm::all_of(sorted, isPlain))
    if (auto digits = findDigits(sorted)) {
      DigitBoxes boxes;
      for (const StridedBox &set : sorted)
        appendBoxes(set, *digits, boxes);
      if (std::optional<int64_t> count = countBoxes(std::move(boxes)))
        return {*count, true};
    }
  // 3. Place by place.
  int64_t origin = sorted.front().first(), last = origin, distance;
  for (const StridedBox &set : sorted)
    last = std::max(last, set.last());
  if (!llvm::SubOverflow(last, origin, distance) &&
      distance < StridedBox::placesCap) {
    llvm::BitVector places(distance + 1);
    for (const StridedBox &set : sorted)
      set.mark(places, origin);
    return {places.count(), true};
  }
  // 4. Something sound.
  return countClusters(sorted);
}
