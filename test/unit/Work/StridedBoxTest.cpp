//===- StridedBoxTest.cpp - Counts against enumeration --------------------===//
//
// Oracle: the elements of small boxes are listed, one by one, from the offset
// and the steps that made the box. What is too large to be listed has its
// count derived beside it.
//
//===----------------------------------------------------------------------===//

#include "memwall/Work/StridedBox.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <functional>
#include <limits>
#include <random>
#include <set>

using namespace memwall;

namespace {
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

/// Uniform integers.
struct Draw {
  explicit Draw(unsigned seed) : random(seed) {}
  int64_t operator()(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  std::mt19937_64 random;
};

/// A box as it was given, and as the library has it.
struct Given {
  int64_t offset = 0;
  llvm::SmallVector<Progression, 5> steps;
  int64_t width = 1;
  StridedBox box() const { return StridedBox(offset, steps, width); }
};
} // namespace

static void listElements(int64_t offset, llvm::ArrayRef<Progression> terms,
                         std::set<int64_t> &elements) {
  if (terms.empty()) {
    elements.insert(offset);
    return;
  }
  for (int64_t x = 0; x < terms[0].count; ++x)
    listElements(offset + x * terms[0].stride, terms.drop_front(), elements);
}

static std::set<int64_t> listElements(int64_t offset,
                                      llvm::ArrayRef<Progression> terms) {
  std::set<int64_t> elements;
  listElements(offset, terms, elements);
  return elements;
}

/// Granules of the places of `given`, moved by `shift`.
static void listGranules(const Given &given, int64_t shift, int64_t granule,
                         std::set<int64_t> &granules) {
  for (int64_t at : listElements(given.offset + shift, given.steps))
    for (int64_t g = llvm::divideFloorSigned(at, granule);
         g * granule < at + given.width; ++g)
      granules.insert(g);
}

/// Bits of storage: elements of 4 to 64 bits, strides of whole elements.
static Given drawStorage(Draw &draw, int64_t most) {
  constexpr int64_t widths[] = {4, 8, 16, 32, 64};
  Given given;
  given.width = widths[draw(0, 4)];
  given.offset = draw(-60, 200) * given.width;
  int64_t runs = 1;
  for (int64_t n = draw(0, 4); n > 0; --n) {
    constexpr int64_t ranges[] = {2, 12, 150};
    int64_t count =
        draw(1, std::max<int64_t>(1, std::min<int64_t>(9, most / runs)));
    int64_t range = ranges[draw(0, 2)];
    given.steps.push_back({draw(-range, range) * given.width, count});
    runs *= count;
  }
  return given;
}

static int64_t drawGranule(Draw &draw) {
  constexpr int64_t granules[] = {8, 48, 64, 256, 512, 1024};
  return granules[draw(0, 5)];
}

TEST(StridedBox, CountsRandomFormsExactly) {
  Draw draw(1);
  for (int i = 0; i < 5000; ++i) {
    llvm::SmallVector<Progression, 5> terms;
    for (int64_t t = draw(0, 5); t > 0; --t)
      terms.push_back({draw(-12, 12) * (draw(0, 1) ? 1 : 7), draw(1, 6)});
    int64_t offset = draw(-20, 20);
    StridedBox set(offset, terms);
    std::set<int64_t> elements = listElements(offset, terms);
    ElementCount count = set.count();
    ASSERT_TRUE(count.exact);
    ASSERT_EQ(count.elements, (int64_t)elements.size());
    ASSERT_EQ(set.first(), *elements.begin());
    ASSERT_EQ(set.last(), *elements.rbegin());
    ASSERT_EQ(set.isInterval(), set.last() - set.first() + 1 == count.elements);
  }
}

TEST(StridedBox, WindowsOfAConvolution) {
  // Rows h*2 + r*3 with 5 and 3 values, times a row of 100 elements: 0..8 step
  // 2 and 0, 3, 6 give 0 2 3 4 5 6 7 8 9 10 11 12 14.
  StridedBox rows(0, {{200, 5}, {300, 3}, {1, 100}});
  EXPECT_EQ(rows.count().elements, 13 * 100);
}

TEST(StridedBox, HugeCountsDoNotOverflow) {
  StridedBox set(0, {{1, 4096}, {4096, 4096}, {1 << 24, 400}});
  EXPECT_EQ(set.count().elements, (int64_t)400 << 24);
  EXPECT_TRUE(set.isInterval());
  // Too large to mark: a lower bound, and it says so.
  StridedBox dense(0, {{6, 1000000}, {10, 1000000}, {15, 1000000}});
  EXPECT_FALSE(dense.count().exact);
  EXPECT_LE(dense.count().elements, dense.last() + 1);
  EXPECT_GE(dense.count().elements, 3000000 - 2);
}

TEST(StridedBox, EmptyAndZeroStride) {
  EXPECT_TRUE(StridedBox(5, {{1, 0}}).isEmpty());
  EXPECT_EQ(StridedBox(5, {{1, 0}}).count().elements, 0);
  EXPECT_EQ(StridedBox(5, {{0, 100}}).count().elements, 1);
}

TEST(StridedBox, ShiftsRepeatsAndRefines) {
  Draw draw(3);
  for (int i = 0; i < 2000; ++i) {
    Given given = drawStorage(draw, 200), more = given;
    more.steps.push_back({draw(-9, 9) * given.width, draw(0, 4)});
    EXPECT_EQ(given.box().repeat(more.steps.back()).count().elements,
              (int64_t)listElements(more.offset, more.steps).size());
    int64_t distance = draw(-1000, 1000), factor = draw(1, 9);
    Given moved = given, fine = given;
    moved.offset += distance;
    EXPECT_EQ(given.box().shift(distance), moved.box());
    fine.offset *= factor, fine.width *= factor;
    for (Progression &step : fine.steps)
      step.stride *= factor;
    EXPECT_EQ(given.box().refine(factor), fine.box());
  }
}

/// The hull in 128 bits says what fits.
TEST(StridedBox, HugeStepsFitOrSaySo) {
  Draw draw(4);
  auto drawHuge = [&] {
    int64_t value = draw(1, kMost) >> draw(0, 62);
    return draw(0, 2) ? value : -value;
  };
  int fit = 0, interesting = 0;
  for (int i = 0; i < 20000; ++i) {
    Given given{drawHuge(), {}, draw(1, 64)};
    __int128 low = given.offset, high = low + given.width - 1;
    bool nested = true, empty = false;
    // With ascending strides beyond all before, every choice is an element.
    __int128 elements = 1, reach = 0;
    for (int64_t n = draw(0, 4); n > 0; --n) {
      Progression step{drawHuge(), std::max<int64_t>(0, drawHuge())};
      given.steps.push_back(step);
      empty |= step.count == 0;
      __int128 size = (__int128)step.stride * (step.count - 1);
      nested &= (size < 0 ? -size : size) == 0 || std::abs(step.stride) > reach;
      reach += size < 0 ? -size : size;
      elements = std::min<__int128>(elements * (step.stride ? step.count : 1),
                                    (__int128)1 << 64);
      (size < 0 ? low : high) += size;
    }
    StridedBox box = given.box();
    bool fits = empty || (low >= -(__int128)kMost - 1 && high < kMost &&
                          high - low < kMost);
    ASSERT_EQ(box.fits(), fits);
    ASSERT_EQ(box.isEmpty(), empty);
    ElementCount count = box.count();
    if (!fits) {
      ASSERT_EQ(count.elements, 1);
      ASSERT_FALSE(count.exact);
      ASSERT_FALSE(averageGranules(box, 512));
      ASSERT_FALSE(countGranules(box, 512));
      ASSERT_FALSE(countUnion({box, StridedBox()}).exact);
      continue;
    }
    fit += !empty;
    if (empty)
      continue;
    ASSERT_EQ(box.first(), (int64_t)low);
    ASSERT_EQ(box.last(), (int64_t)high);
    ASSERT_LE(box.count().elements, kMost);
    interesting += nested && elements > 1;
    if (nested)
      ASSERT_TRUE(count.exact && count.elements == elements);
    // Whatever is done with it stays a box, or says that it does not fit.
    int64_t distance = drawHuge(), factor = draw(1, kMost) >> draw(0, 62);
    __int128 begin = low + distance, end = high + distance;
    ASSERT_EQ(box.shift(distance).fits(),
              begin >= -(__int128)kMost - 1 && end < kMost);
    __int128 fineLow = low * factor, fineHigh = (high + 1) * factor - 1;
    ASSERT_EQ(box.refine(factor).fits(), fineLow >= -(__int128)kMost - 1 &&
                                             fineHigh < kMost &&
                                             fineHigh - fineLow < kMost);
    std::optional<double> granules = averageGranules(box, 512);
    if (granules)
      ASSERT_LE(*granules, double(high - low) / 512 + 2);
    double all = granules.value_or(0);
    double shared =
        estimateSharedGranules(box, all, box.shift(distance), all, 512);
    ASSERT_TRUE(shared >= 0 && shared <= all);
  }
  EXPECT_GT(fit, 3000);
  EXPECT_GT(interesting, 1000);
}

TEST(StridedBox, TheLargestBoxHasAsManyPlacesAsCanBeCounted) {
  EXPECT_EQ(StridedBox::makeInterval(0, kMost).count().elements, kMost);
  EXPECT_TRUE(StridedBox::makeInterval(0, kMost).fits());
  EXPECT_FALSE(StridedBox(-1, {{1, kMost}}, 2).fits()); // 2^63 places.
  EXPECT_FALSE(StridedBox(1, {{1, kMost}}).fits()); // None is behind the last.
  EXPECT_TRUE(StridedBox::makeInterval(-kMost - 1, kMost).fits());
  EXPECT_FALSE(StridedBox(0, {{-kMost - 1, 2}, {1, 2}}).fits());
}

TEST(CountUnion, HugeSetsDoNotOverflow) {
  // Two intervals of 2^62 elements at either end of 64 bits.
  int64_t size = int64_t(1) << 62;
  StridedBox low = StridedBox::makeInterval(-kMost - 1, size);
  StridedBox high = StridedBox::makeInterval(kMost - size, size);
  EXPECT_FALSE(countUnion({low, high}).exact); // 2^63: one too many.
  EXPECT_EQ(countUnion({low, high}).elements, kMost);
  StridedBox less = StridedBox::makeInterval(kMost - size, size - 1);
  EXPECT_TRUE(countUnion({low, less}).exact);
  EXPECT_EQ(countUnion({low, less}).elements, kMost);
  // Rows at both ends.
  StridedBox rows(-kMost - 1, {{3, 100}}), others(kMost - 400, {{2, 100}});
  EXPECT_TRUE(countUnion({rows, others}).exact);
  EXPECT_EQ(countUnion({rows, others}).elements, 200);
  // All places but 100, and those.
  StridedBox most(-kMost - 1 + 300, {{1, kMost}}), end(kMost - 300, {{1, 200}});
  EXPECT_FALSE(countUnion({most, end, rows}).exact);
  // One that does not fit may be anywhere.
  StridedBox any(0, {{kMost, 3}});
  EXPECT_EQ(countUnion({any, rows}).elements, 100);
  EXPECT_FALSE(countUnion({any, rows}).exact);
}

TEST(CountUnion, RandomSetsAgainstEnumeration) {
  Draw draw(2);
  int exact = 0;
  for (int i = 0; i < 3000; ++i) {
    // Strides of one row-major tensor, or anything.
    bool plain = draw(0, 3) != 0;
    int64_t row = draw(2, 8), plane = row * draw(2, 6);
    llvm::SmallVector<StridedBox, 8> sets;
    std::set<int64_t> all;
    for (int64_t n = draw(1, 8); n > 0; --n) {
      llvm::SmallVector<Progression, 3> terms;
      if (plain)
        terms = {{1, draw(1, row)}, {row, draw(1, 4)}, {plane, draw(1, 4)}};
      else
        terms = {{draw(1, 9), draw(1, 5)}, {draw(1, 9), draw(1, 5)}};
      int64_t offset = draw(0, 60);
      sets.push_back(StridedBox(offset, terms));
      std::set<int64_t> elements = listElements(offset, terms);
      all.insert(elements.begin(), elements.end());
    }
    ElementCount count = countUnion(sets);
    ASSERT_LE(count.elements, (int64_t)all.size());
    if (count.exact)
      ASSERT_EQ(count.elements, (int64_t)all.size());
    exact += count.exact;
  }
  EXPECT_GT(exact, 2000);
}

TEST(CountUnion, SlicesOfOneHugeBuffer) {
  // Llama-7B keeps its weights in one argument of 6.7e9 elements.
  llvm::SmallVector<StridedBox, 0> slices;
  int64_t rows = 4096, columns = 11008;
  for (int64_t i = 0; i < 149; ++i)
    for (int repeat = 0; repeat < 2; ++repeat)
      slices.push_back(
          StridedBox(i * rows * columns, {{columns, rows}, {1, columns}}));
  EXPECT_EQ(countUnion(slices).elements, 149 * rows * columns);
  // Thirds of the columns: q, k and v of one tensor, twice each.
  slices.clear();
  for (int64_t i = 0; i < 6; ++i)
    slices.push_back(StridedBox(i % 3 * 64, {{192, rows}, {1, 64}}));
  EXPECT_TRUE(countUnion(slices).exact);
  EXPECT_EQ(countUnion(slices).elements, rows * 192);
}

TEST(SplitRuns, RunsLeaveNoGranuleOut) {
  Draw draw(5);
  for (int i = 0; i < 3000; ++i) {
    Given given = drawStorage(draw, 300);
    int64_t granule = drawGranule(draw);
    StridedBox box = given.box();
    Runs runs = splitRuns(box.getWidth(), box.getSteps(), granule);
    std::set<int64_t> expected, covered;
    listGranules(given, 0, granule, expected);
    Given asRuns{box.first(), {}, runs.length};
    asRuns.steps.append(runs.steps.begin(), runs.steps.end());
    listGranules(asRuns, 0, granule, covered);
    ASSERT_EQ(expected, covered);
    if (!runs.steps.empty())
      ASSERT_GE(runs.steps.front().stride - runs.length, granule);
  }
}

TEST(CountGranules, RandomBoxesAgainstEnumeration) {
  Draw draw(6);
  for (int i = 0; i < 5000; ++i) {
    int64_t granule = drawGranule(draw);
    llvm::SmallVector<StridedBox, 4> boxes;
    std::set<int64_t> expected;
    for (int64_t n = draw(1, 3); n > 0; --n) {
      Given given = drawStorage(draw, 300);
      boxes.push_back(given.box());
      listGranules(given, 0, granule, expected);
    }
    ASSERT_EQ(countGranules(boxes, granule), (int64_t)expected.size());
  }
}

TEST(CountGranules, HugeBoxesHaveTheirProduct) {
  // Runs of 3 elements of 32 bits, 2^14 times at steps of 2^40 bits, which
  // keep the alignment, and 3 times at steps that are 8 bits short of 2^55: at
  // 0, 56 and 48 bits into a granule of 64, where 96 bits meet 2, 3 and 3; at
  // 0, 120 and 112 bits into one of 128, where they meet 1, 2 and 2.
  int64_t far = int64_t(1) << 40, farther = (int64_t(1) << 55) - 8;
  StridedBox box(0, {{32, 3}, {far, 1 << 14}, {farther, 3}}, 32);
  EXPECT_EQ(countGranules(box, 64), (int64_t(1) << 14) * (2 + 3 + 3));
  EXPECT_EQ(countGranules(box, 128), (int64_t(1) << 14) * (1 + 2 + 2));
  // A whole granule less than 64 bits: dense, from either end.
  StridedBox all(-(int64_t(1) << 61), {{1, kMost / 2}});
  EXPECT_EQ(averageGranules(all, 512), double((int64_t(1) << 62) / 512));
  // Alignments beyond those that are counted.
  EXPECT_FALSE(countGranules(StridedBox(0, {{(1 << 20) + 1, 9}}), 1 << 20));
}

TEST(AverageGranules, RandomPlacesAgainstEnumeration) {
  Draw draw(7);
  for (int i = 0; i < 1500; ++i) {
    int64_t granule = drawGranule(draw);
    Given given = drawStorage(draw, 60);
    llvm::SmallVector<Progression, 3> outer;
    for (int64_t n = draw(0, 2); n > 0; --n)
      outer.push_back({draw(-200, 200) * given.width, draw(1, 12)});
    // Every place counts, also the same one twice.
    double sum = 0, places = 0;
    std::function<void(llvm::ArrayRef<Progression>, int64_t)> visit =
        [&](llvm::ArrayRef<Progression> steps, int64_t shift) {
          if (!steps.empty()) {
            for (int64_t x = 0; x < steps[0].count; ++x)
              visit(steps.drop_front(), shift + x * steps[0].stride);
            return;
          }
          std::set<int64_t> granules;
          listGranules(given, shift, granule, granules);
          sum += double(granules.size());
          ++places;
        };
    visit(outer, 0);
    std::optional<double> average =
        averageGranules(given.box(), granule, outer);
    ASSERT_TRUE(average);
    ASSERT_NEAR(*average, sum / places, 1e-9 * sum);
  }
}

/// Where more than 8,192 runs share granules the count is an upper bound: the
/// header says 3 times.
TEST(AverageGranules, TooManyTangledRunsAreBoundedFromAbove) {
  Draw draw(8);
  double worst = 1;
  int bounds = 0;
  for (int i = 0; i < 300; ++i) {
    int64_t granule = drawGranule(draw);
    Given given{0, {}, draw(0, 1) ? 8 : 32};
    for (int n = 0; n < 3; ++n)
      given.steps.push_back(
          {granule + draw(1, 400) * given.width, draw(21, 60)});
    StridedBox box = given.box();
    if (box.getSteps().size() < 3)
      continue;
    std::set<int64_t> granules;
    listGranules(given, 0, granule, granules);
    double truth = double(granules.size()),
           bound = *averageGranules(box, granule);
    ASSERT_GE(bound, truth);
    worst = std::max(worst, bound / truth);
    bounds += !countGranules(box, granule);
  }
  EXPECT_GT(bounds, 200);
  EXPECT_LT(worst, 3);
  EXPECT_GT(worst, 1); // Else the header could say that it is exact.
}

static double countShared(const Given &a, const Given &b, int64_t granule) {
  std::set<int64_t> inA, inB;
  listGranules(a, 0, granule, inA);
  listGranules(b, 0, granule, inB);
  double shared = 0;
  for (int64_t at : inA)
    shared += double(inB.count(at));
  return shared;
}

static double estimateShared(const Given &a, const Given &b, int64_t granule) {
  StridedBox boxA = a.box(), boxB = b.box();
  return estimateSharedGranules(boxA, *averageGranules(boxA, granule), boxB,
                                *averageGranules(boxB, granule), granule);
}

TEST(SharedGranules, FewRunsAreExact) {
  Draw draw(9);
  int some = 0;
  for (int i = 0; i < 5000; ++i) {
    int64_t granule = drawGranule(draw);
    Given a = drawStorage(draw, 250), b = drawStorage(draw, 250);
    if (draw(0, 1)) { // Moved, or with other counts.
      b = a;
      b.offset += draw(-40, 40) * b.width;
      for (Progression &step : b.steps)
        step.count = draw(1, step.count);
    }
    double truth = countShared(a, b, granule);
    ASSERT_NEAR(estimateShared(a, b, granule), truth, 1e-6);
    some += truth > 0 && !(a.box() == b.box());
  }
  EXPECT_GT(some, 2000);
}

/// Tiles of one array with odd pitches, of more than 512 rows together: their
/// borders meet in granules, also from one row to the next.
TEST(SharedGranules, TilesOfOneArrayAreExact) {
  Draw draw(10);
  for (int i = 0; i < 100; ++i) {
    int64_t granule = drawGranule(draw), width = 8 << draw(0, 2);
    int64_t columns = 4 * granule / width + draw(0, 90), rows = draw(400, 500);
    auto drawTile = [&] {
      int64_t row = draw(0, rows - 1), column = draw(0, columns - 1);
      int64_t most = columns - granule / width - column;
      Given tile{(row * columns + column) * width, {}, width};
      tile.steps = {{width, draw(1, std::max<int64_t>(most, 1))},
                    {columns * width, draw(300, 500)}};
      return tile;
    };
    Given a = drawTile(), b = drawTile();
    ASSERT_NEAR(estimateShared(a, b, granule), countShared(a, b, granule),
                1e-6);
  }
}

TEST(SharedGranules, ARunHasAllOfABoxInItsHull) {
  // 2^20 rows of 3 elements inside of a dense array.
  StridedBox array(0, {{32, int64_t(1) << 32}}, 32);
  StridedBox rows(32 * 1000, {{32, 3}, {32 * 1000, 1 << 20}}, 32);
  double granules = *averageGranules(rows, 512);
  EXPECT_EQ(estimateSharedGranules(array, *averageGranules(array, 512), rows,
                                   granules, 512),
            granules);
}

/// By density, boxes at random places share what they do on average, within 10
/// percent.
TEST(SharedGranules, DensityIsRightOnAverage) {
  Draw draw(11);
  double truth = 0, estimate = 0;
  for (int i = 0; i < 200; ++i) {
    Given a{draw(0, 20000) * 8, {{8 * draw(150, 300), 400}}, 8};
    Given b{draw(0, 20000) * 8, {{8 * draw(150, 300), 400}}, 8};
    truth += countShared(a, b, 512);
    estimate += estimateShared(a, b, 512);
  }
  EXPECT_NEAR(estimate / truth, 1, 0.1);
}
