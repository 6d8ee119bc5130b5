//===- StridedSet.cpp - Counting the elements of a linear form ------------===//

#include "memwall/Work/StridedSet.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

using namespace memwall;

static int64_t clampToInt64(__int128 value) {
  return (int64_t)std::min<__int128>(value,
                                     std::numeric_limits<int64_t>::max());
}

/// Largest sum of `terms`: how far a set reaches beyond its first element.
static int64_t computeReach(llvm::ArrayRef<Progression> terms) {
  __int128 reach = 0;
  for (Progression term : terms)
    reach += (__int128)term.stride * (term.count - 1);
  return clampToInt64(reach);
}

StridedSet::StridedSet(int64_t offset, llvm::ArrayRef<Progression> given)
    : offset(offset) {
  for (Progression term : given) {
    empty |= term.count < 1;
    if (term.count < 2 || term.stride == 0)
      continue;
    if (term.stride < 0) {
      this->offset += term.stride * (term.count - 1);
      term.stride = -term.stride;
    }
    terms.push_back(term);
  }
  if (empty) {
    this->offset = 0;
    terms.clear();
  }
  mergeTerms();
}

StridedSet StridedSet::makeInterval(int64_t first, int64_t count) {
  return StridedSet(first, {Progression{1, count}});
}

/// {0, s, ..., (n-1)s} + {0, ks, ..., (m-1)ks} is one progression when k <= n.
static bool absorbs(Progression inner, Progression outer) {
  return outer.stride % inner.stride == 0 &&
         outer.stride / inner.stride <= inner.count;
}

void StridedSet::mergeTerms() {
  llvm::sort(terms, [](Progression a, Progression b) {
    return std::tie(a.stride, a.count) < std::tie(b.stride, b.count);
  });
  // Merging only makes the inner progression longer, so one more pass from
  // there finds everything that it can absorb now.
  for (unsigned inner = 0; inner < terms.size(); ++inner) {
    for (unsigned outer = inner + 1; outer < terms.size();) {
      if (!absorbs(terms[inner], terms[outer])) {
        ++outer;
        continue;
      }
      int64_t ratio = terms[outer].stride / terms[inner].stride;
      terms[inner].count += ratio * (terms[outer].count - 1);
      terms.erase(terms.begin() + outer);
      outer = inner + 1;
    }
  }
}

int64_t StridedSet::last() const {
  return clampToInt64((__int128)offset + computeReach(terms));
}

bool StridedSet::isInterval() const {
  return terms.empty() || (terms.size() == 1 && terms[0].stride == 1);
}

bool StridedSet::operator<(const StridedSet &other) const {
  if (empty != other.empty)
    return empty;
  if (offset != other.offset)
    return offset < other.offset;
  return std::lexicographical_compare(
      terms.begin(), terms.end(), other.terms.begin(), other.terms.end(),
      [](Progression a, Progression b) {
        return std::tie(a.stride, a.count) < std::tie(b.stride, b.count);
      });
}

/// Where each group of terms starts: sums of the terms from there on are
/// multiples of something larger than all before can reach, so that groups
/// choose independently. docs/Model.md, B2.
static llvm::SmallVector<unsigned, 4>
findGroups(llvm::ArrayRef<Progression> terms) {
  llvm::SmallVector<int64_t, 4> divisors(terms.size() + 1, 0);
  for (unsigned i = terms.size(); i-- > 0;)
    divisors[i] = std::gcd(divisors[i + 1], terms[i].stride);
  llvm::SmallVector<unsigned, 4> starts;
  for (unsigned i = 0; i < terms.size(); ++i)
    if (divisors[i] > computeReach(terms.take_front(i)))
      starts.push_back(i);
  return starts;
}

bool StridedSet::isNested() const {
  return findGroups(terms).size() == terms.size();
}

/// Distinct values of a*x + b*y. With a and b coprime, (x, y) and (x+b, y-a)
/// coincide and nothing else does: count the pairs without a predecessor.
static int64_t countPair(Progression a, Progression b) {
  int64_t divisor = std::gcd(a.stride, b.stride);
  int64_t strideA = a.stride / divisor, strideB = b.stride / divisor;
  __int128 repeated = (__int128)std::max<int64_t>(0, a.count - strideB) *
                      std::max<int64_t>(0, b.count - strideA);
  return clampToInt64((__int128)a.count * b.count - repeated);
}

/// Adds every term to what is marked: 1, 2, 4, ... copies at a time. Strides
/// are divided by `divisor`.
static void spread(llvm::BitVector &marked, llvm::ArrayRef<Progression> terms,
                   int64_t divisor) {
  for (Progression term : terms) {
    int64_t copies = 1;
    while (copies < term.count) {
      int64_t added = std::min(copies, term.count - copies);
      llvm::BitVector shifted = marked;
      shifted <<= added * (term.stride / divisor);
      marked |= shifted;
      copies += added;
    }
  }
}

void StridedSet::mark(llvm::BitVector &places, int64_t origin) const {
  if (empty)
    return;
  llvm::BitVector mine(places.size());
  mine.set(offset - origin);
  spread(mine, terms, 1);
  places |= mine;
}

/// One group. |A + B| >= |A| + |B| - 1 when there is nothing better.
static ElementCount countGroup(llvm::ArrayRef<Progression> terms) {
  if (terms.size() == 1)
    return {terms[0].count, true};
  if (terms.size() == 2)
    return {countPair(terms[0], terms[1]), true};
  int64_t divisor = 0;
  for (Progression term : terms)
    divisor = std::gcd(divisor, term.stride);
  int64_t places = computeReach(terms) / divisor + 1;
  if (places <= StridedSet::placesCap) {
    llvm::BitVector marked(places);
    marked.set(0);
    spread(marked, terms, divisor);
    return {marked.count(), true};
  }
  int64_t bestPair = 0, sum = 0;
  for (unsigned i = 0; i < terms.size(); ++i) {
    sum += terms[i].count - 1;
    for (unsigned j = 0; j < i; ++j)
      bestPair = std::max(bestPair, countPair(terms[i], terms[j]) -
                                        terms[i].count - terms[j].count + 2);
  }
  return {bestPair + sum, false};
}

ElementCount StridedSet::count() const {
  if (empty)
    return {0, true};
  ElementCount total{1, true};
  llvm::ArrayRef<Progression> all(terms);
  llvm::SmallVector<unsigned, 4> starts = findGroups(terms);
  for (unsigned i = 0; i < starts.size(); ++i) {
    unsigned end = i + 1 < starts.size() ? starts[i + 1] : all.size();
    ElementCount group = countGroup(all.slice(starts[i], end - starts[i]));
    total.elements = clampToInt64((__int128)total.elements * group.elements);
    total.exact &= group.exact;
  }
  return total;
}
