//===- StridedBox.cpp - Counting the elements of a linear form ------------===//

#include "memwall/Work/StridedBox.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>

using namespace memwall;

static constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
/// What spans at most this many places can be counted place by place.
static constexpr int64_t kMostPlaces = 65536;
static constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

/// How far the largest sum of `steps` is from the smallest. The steps are those
/// of a box that fits.
static int64_t computeReach(llvm::ArrayRef<Progression> steps) {
  int64_t reach = 0;
  for (Progression step : steps)
    reach += step.stride * (step.count - 1);
  return reach;
}

/// Whatever is 64 bits wide fits 128 bits after one multiplication.
StridedBox StridedBox::make(__int128 low, llvm::ArrayRef<Progression> steps,
                            __int128 width) {
  StridedBox box;
  __int128 high = low + width - 1;
  auto check = [&] {
    return low >= kLeast && high < kMost && high - low < kMost;
  };
  bool fits = check();
  for (Progression step : steps) {
    box.empty |= step.count < 1;
    if (box.empty || !fits || step.count == 1 || step.stride == 0)
      continue;
    __int128 reach = (__int128)step.stride * (step.count - 1);
    (reach < 0 ? low : high) += reach;
    fits = check();
    if (fits)
      box.steps.push_back({std::abs(step.stride), step.count});
  }
  if (box.empty || !fits) {
    box.steps.clear();
    box.tooLarge = !box.empty;
    box.offset = box.empty ? 0 : kLeast;
    return box;
  }
  box.offset = int64_t(low);
  box.width = int64_t(width);
  box.mergeSteps();
  return box;
}

StridedBox StridedBox::makeInterval(int64_t first, int64_t count) {
  return StridedBox(first, {Progression{1, count}});
}

StridedBox StridedBox::shift(int64_t distance) const {
  if (empty || tooLarge)
    return *this;
  return make((__int128)offset + distance, steps, width);
}

StridedBox StridedBox::repeat(Progression step) const {
  if (empty || (tooLarge && step.count > 0))
    return *this;
  llvm::SmallVector<Progression, 6> all(steps.begin(), steps.end());
  all.push_back(step);
  return make((__int128)offset, all, width);
}

StridedBox StridedBox::refine(int64_t factor) const {
  if (empty || tooLarge)
    return *this;
  // The strides are shorter than the box.
  __int128 span = (__int128)last() - offset + 1;
  llvm::SmallVector<Progression, 6> all;
  if (span * factor < kMost)
    for (Progression step : steps)
      all.push_back({step.stride * factor, step.count});
  else
    all.push_back({kMost, kMost});
  return make((__int128)offset * factor, all, (__int128)width * factor);
}

/// {0, s, ..., (n-1)s} + {0, ks, ..., (m-1)ks} is one progression when k <= n.
static bool absorbs(Progression inner, Progression outer) {
  return outer.stride % inner.stride == 0 &&
         outer.stride / inner.stride <= inner.count;
}

void StridedBox::mergeSteps() {
  llvm::sort(steps);
  // Merging only makes the inner progression longer, so one more pass from
  // there finds everything that it can absorb now.
  for (unsigned inner = 0; inner < steps.size(); ++inner) {
    for (unsigned outer = inner + 1; outer < steps.size();) {
      if (!absorbs(steps[inner], steps[outer])) {
        ++outer;
        continue;
      }
      int64_t ratio = steps[outer].stride / steps[inner].stride;
      steps[inner].count += ratio * (steps[outer].count - 1);
      steps.erase(steps.begin() + outer);
      outer = inner + 1;
    }
  }
}

int64_t StridedBox::last() const {
  return tooLarge ? kMost - 1 : offset + computeReach(steps) + width - 1;
}

bool StridedBox::isInterval() const {
  return !tooLarge && width == 1 &&
         (steps.empty() || (steps.size() == 1 && steps[0].stride == 1));
}

bool StridedBox::operator==(const StridedBox &other) const {
  return getKey() == other.getKey();
}

bool StridedBox::operator<(const StridedBox &other) const {
  return getKey() < other.getKey();
}

/// Where each group of steps starts, so that groups choose independently: sums
/// of the steps from there on are multiples of something larger than all before
/// can reach, or every step from there on is itself longer than all before it
/// can reach. docs/Model.md, B2.
static llvm::SmallVector<unsigned, 4>
findGroups(llvm::ArrayRef<Progression> steps) {
  llvm::SmallVector<unsigned, 4> starts;
  int64_t divisor = 0;
  bool longer = true;
  for (unsigned i = steps.size(); i-- > 0;) {
    int64_t reach = computeReach(steps.take_front(i));
    divisor = std::gcd(divisor, steps[i].stride);
    longer &= steps[i].stride > reach;
    if (longer || divisor > reach)
      starts.push_back(i);
  }
  return {starts.rbegin(), starts.rend()};
}

bool StridedBox::isNested() const {
  return !tooLarge && findGroups(steps).size() == steps.size();
}

/// Distinct values of a*x + b*y. With a and b coprime, (x, y) and (x+b, y-a)
/// coincide and nothing else does: count the pairs without a predecessor.
static int64_t countPair(Progression a, Progression b) {
  int64_t divisor = std::gcd(a.stride, b.stride);
  int64_t strideA = a.stride / divisor, strideB = b.stride / divisor;
  __int128 repeated = (__int128)std::max<int64_t>(0, a.count - strideB) *
                      std::max<int64_t>(0, b.count - strideA);
  return int64_t((__int128)a.count * b.count - repeated);
}

/// Adds every term to what is marked: 1, 2, 4, ... copies at a time. Strides
/// are divided by `divisor`.
static void spread(llvm::BitVector &marked, llvm::ArrayRef<Progression> steps,
                   int64_t divisor) {
  for (Progression step : steps) {
    int64_t copies = 1;
    while (copies < step.count) {
      int64_t added = std::min(copies, step.count - copies);
      llvm::BitVector shifted = marked;
      shifted <<= added * (step.stride / divisor);
      marked |= shifted;
      copies += added;
    }
  }
}

/// One group. |A + B| >= |A| + |B| - 1 when there is nothing better.
static ElementCount countGroup(llvm::ArrayRef<Progression> steps) {
  if (steps.size() == 1)
    return {steps[0].count, true};
  if (steps.size() == 2)
    return {countPair(steps[0], steps[1]), true};
  int64_t divisor = 0;
  for (Progression step : steps)
    divisor = std::gcd(divisor, step.stride);
  int64_t places = computeReach(steps) / divisor + 1;
  if (places <= kMostPlaces) {
    llvm::BitVector marked(places);
    marked.set(0);
    spread(marked, steps, divisor);
    return {marked.count(), true};
  }
  int64_t bestPair = 0, sum = 0;
  for (unsigned i = 0; i < steps.size(); ++i) {
    sum += steps[i].count - 1;
    for (unsigned j = 0; j < i; ++j)
      bestPair = std::max(bestPair, countPair(steps[i], steps[j]) -
                                        steps[i].count - steps[j].count + 2);
  }
  return {bestPair + sum, false};
}

ElementCount StridedBox::count() const {
  if (empty || tooLarge)
    return {tooLarge, !tooLarge};
  ElementCount total{1, true};
  llvm::ArrayRef<Progression> all(steps);
  llvm::SmallVector<unsigned, 4> starts = findGroups(steps);
  for (unsigned i = 0; i < starts.size(); ++i) {
    unsigned end = i + 1 < starts.size() ? starts[i + 1] : all.size();
    ElementCount group = countGroup(all.slice(starts[i], end - starts[i]));
    total.elements *= group.elements; // No more than there are places.
    total.exact &= group.exact;
  }
  return total;
}
