//===- StridedSetUnion.cpp - Distinct elements of many sets ---------------===//
//
// docs/Model.md, B3: intervals are merged directly. Other sets become boxes in
// the mixed radix of all their strides ("digits"); boxes that agree in all
// digits but one are merged, those that still overlap are cut apart.
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/StridedSet.h"
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
  bool operator==(Range other) const {
    return begin == other.begin && end == other.end;
  }
  bool operator<(Range other) const {
    return begin != other.begin ? begin < other.begin : end < other.end;
  }
};

/// One range per digit, most significant first.
using Box = llvm::SmallVector<Range, 4>;
using Boxes = llvm::SmallVector<Box, 0>;

} // namespace

/// Above these the pieces are not cut apart: a lower bound is returned.
static constexpr unsigned kBoxesCap = 1024;
static constexpr unsigned kPiecesCap = 4096;

static int64_t countBox(const Box &box) {
  __int128 count = 1;
  for (Range range : box)
    count *= range.end - range.begin;
  return (int64_t)std::min<__int128>(count,
                                     std::numeric_limits<int64_t>::max());
}

/// Sets sorted by first element, all intervals.
static int64_t countIntervals(llvm::ArrayRef<StridedSet> sets) {
  int64_t total = 0, covered = std::numeric_limits<int64_t>::min();
  for (const StridedSet &set : sets) {
    int64_t begin = std::max(covered, set.first());
    total += std::max<int64_t>(0, set.last() - begin + 1);
    covered = std::max(covered, set.last() + 1);
  }
  return total;
}

/// Sound for anything: clusters whose spans do not overlap add up, and a
/// cluster has at least the elements of its largest set.
static int64_t countClusters(llvm::ArrayRef<StridedSet> sets) {
  int64_t total = 0, largest = 0;
  int64_t covered = std::numeric_limits<int64_t>::min();
  for (const StridedSet &set : sets) {
    if (set.first() >= covered) {
      total += largest;
      largest = 0;
    }
    largest = std::max(largest, set.count().elements);
    covered = std::max(covered, set.last() + 1);
  }
  return total + largest;
}

/// All strides and 1, descending; nullopt unless each divides the one before.
static std::optional<llvm::SmallVector<int64_t, 4>>
findDigits(llvm::ArrayRef<StridedSet> sets) {
  llvm::SmallVector<int64_t, 4> digits = {1};
  for (const StridedSet &set : sets)
    for (Progression term : set.getTerms())
      if (!llvm::is_contained(digits, term.stride))
        digits.push_back(term.stride);
  llvm::sort(digits, std::greater<int64_t>());
  for (unsigned i = 1; i < digits.size(); ++i)
    if (digits[i - 1] % digits[i] != 0)
      return std::nullopt;
  return digits;
}

/// Carries digit `digit` of `box` into the next one where it passes `radix`:
/// a first part row, full rows, a last part row. Appends the pieces.
static void carryDigit(const Box &box, unsigned digit, int64_t radix,
                       Boxes &pieces) {
  Range range = box[digit];
  auto emit = [&](Range low, int64_t firstCarry, int64_t lastCarry) {
    if (low.begin >= low.end || firstCarry > lastCarry)
      return;
    Box piece = box;
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
static void appendBoxes(const StridedSet &set, llvm::ArrayRef<int64_t> digits,
                        Boxes &boxes) {
  Box box;
  int64_t rest = set.first();
  for (int64_t stride : digits) {
    int64_t digit = rest / stride;
    rest %= stride;
    Range range{digit, digit + 1};
    for (Progression term : set.getTerms())
      if (term.stride == stride)
        range.end = range.begin + term.count;
    box.push_back(range);
  }
  Boxes current = {box};
  for (unsigned digit = digits.size(); digit-- > 1;) {
    Boxes carried;
    for (const Box &piece : current)
      carryDigit(piece, digit, digits[digit - 1] / digits[digit], carried);
    current = std::move(carried);
  }
  boxes.append(current.begin(), current.end());
}

/// Merges boxes that agree in every digit but `digit` and touch there.
static void mergeAlong(unsigned digit, Boxes &boxes) {
  auto agree = [&](const Box &a, const Box &b) {
    for (unsigned i = 0; i < a.size(); ++i)
      if (i != digit && !(a[i] == b[i]))
        return false;
    return true;
  };
  llvm::sort(boxes, [&](const Box &a, const Box &b) {
    for (unsigned i = 0; i < a.size(); ++i)
      if (i != digit && !(a[i] == b[i]))
        return a[i] < b[i];
    return a[digit] < b[digit];
  });
  Boxes merged;
  for (const Box &box : boxes) {
    if (!merged.empty() && agree(merged.back(), box) &&
        box[digit].begin <= merged.back()[digit].end)
      merged.back()[digit].end =
          std::max(merged.back()[digit].end, box[digit].end);
    else
      merged.push_back(box);
  }
  boxes = std::move(merged);
}

static bool overlap(const Box &a, const Box &b) {
  for (unsigned i = 0; i < a.size(); ++i)
    if (a[i].end <= b[i].begin || b[i].end <= a[i].begin)
      return false;
  return true;
}

/// Appends `box` without `hole` (they overlap) as disjoint boxes.
static void subtractBox(Box box, const Box &hole, Boxes &pieces) {
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
static std::optional<int64_t> countFresh(const Box &box,
                                         llvm::ArrayRef<Box> earlier) {
  Boxes pieces = {box};
  for (const Box &hole : earlier) {
    if (!overlap(box, hole))
      continue;
    Boxes left;
    for (const Box &piece : pieces) {
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
  for (const Box &piece : pieces)
    count += countBox(piece);
  return count;
}

static std::optional<int64_t> countBoxes(Boxes boxes) {
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

ElementCount memwall::countUnion(llvm::ArrayRef<StridedSet> sets) {
  // 1. Different, not empty, by first element.
  llvm::SmallVector<StridedSet, 8> sorted;
  for (const StridedSet &set : sets)
    if (!set.isEmpty())
      sorted.push_back(set);
  llvm::sort(sorted);
  sorted.erase(llvm::unique(sorted), sorted.end());
  if (sorted.empty())
    return {0, true};
  if (sorted.size() == 1)
    return sorted[0].count();
  if (llvm::all_of(sorted, [](auto &set) { return set.isInterval(); }))
    return {countIntervals(sorted), true};
  // 2. Boxes, where the strides allow it.
  auto isPlain = [](const StridedSet &set) {
    return set.isNested() && set.first() >= 0;
  };
  if (llvm::all_of(sorted, isPlain))
    if (auto digits = findDigits(sorted)) {
      Boxes boxes;
      for (const StridedSet &set : sorted)
        appendBoxes(set, *digits, boxes);
      if (std::optional<int64_t> count = countBoxes(std::move(boxes)))
        return {*count, true};
    }
  // 3. Place by place.
  int64_t origin = sorted.front().first(), last = origin;
  for (const StridedSet &set : sorted)
    last = std::max(last, set.last());
  if (last - origin < StridedSet::placesCap) {
    llvm::BitVector places(last - origin + 1);
    for (const StridedSet &set : sorted)
      set.mark(places, origin);
    return {places.count(), true};
  }
  // 4. Something sound.
  return {countClusters(sorted), false};
}
