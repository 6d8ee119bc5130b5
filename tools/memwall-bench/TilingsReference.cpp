//===- TilingsReference.cpp - The best integer tiling ---------------------===//
//
// A tiled matmul is six loops: m, n, k over tiles in some order, then m, n, k
// inside in some order. An operand that is held inside of the first r loops
//   - occupies a box: a dimension is whole (no loop on it is outside), a tile
//     (its tile loop is), or one element (both are);
//   - is fetched anew by every iteration of the outside loops that it does not
//     depend on: never, once per tile, or once per element.
// So what matters of two orders and three depths are nine digits, and few
// combinations of them differ (formulary C1). For each and every tile of two
// dimensions, the largest third that fits is the best: traffic falls and the
// buffer fills as tiles grow.
//
//===----------------------------------------------------------------------===//

#include "TilingsReference.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <array>
#include <set>

using namespace memwall;
using namespace memwall::tilings;

namespace {

enum Dim { M, N, K };
/// Which dimensions A, B, C have, and which one they lack.
constexpr std::array<std::array<Dim, 2>, 3> kDims = {{{M, K}, {K, N}, {M, N}}};
constexpr std::array<Dim, 3> kLacks = {N, M, K};

/// How many loops on a dimension are outside: 0, 1 (the tile loop), 2.
struct Pattern {
  std::array<std::array<int, 2>, 3> box; ///< Per operand and dimension.
  std::array<int, 3> visits;             ///< Per operand, on what it lacks.

  bool operator<(const Pattern &other) const {
    return std::tie(box, visits) < std::tie(other.box, other.visits);
  }
};

/// The six loops, outermost first: dimensions, tile loops first.
using Loops = std::array<Dim, 6>;

} // namespace

static int countOutside(const Loops &loops, int depth, Dim dim) {
  int count = 0;
  for (int q = 0; q < depth; ++q)
    count += loops[q] == dim;
  return count;
}

static std::set<Pattern> listPatterns() {
  std::set<Pattern> patterns;
  std::array<Dim, 3> outer = {M, N, K};
  do {
    std::array<Dim, 3> inner = {M, N, K};
    do {
      Loops loops = {outer[0], outer[1], outer[2],
                     inner[0], inner[1], inner[2]};
      for (int depths = 0; depths < 7 * 7 * 7; ++depths) {
        std::array<int, 3> depth = {depths % 7, depths / 7 % 7, depths / 49};
        Pattern pattern;
        for (int o = 0; o < 3; ++o) {
          for (int i = 0; i < 2; ++i)
            pattern.box[o][i] = countOutside(loops, depth[o], kDims[o][i]);
          pattern.visits[o] = countOutside(loops, depth[o], kLacks[o]);
        }
        patterns.insert(pattern);
      }
    } while (std::next_permutation(inner.begin(), inner.end()));
  } while (std::next_permutation(outer.begin(), outer.end()));
  return patterns;
}

/// Patterns that no other one beats whatever the tiles: at most as large boxes
/// and at most as many visits.
static std::vector<Pattern> listUndominated() {
  std::set<Pattern> all = listPatterns();
  auto dominates = [](const Pattern &a, const Pattern &b) {
    for (int o = 0; o < 3; ++o) {
      if (a.visits[o] > b.visits[o])
        return false;
      for (int i = 0; i < 2; ++i)
        if (a.box[o][i] < b.box[o][i])
          return false;
    }
    return true;
  };
  std::vector<Pattern> result;
  for (const Pattern &pattern : all)
    if (llvm::none_of(all, [&](const Pattern &other) {
          return pattern < other != other < pattern &&
                 dominates(other, pattern);
        }))
      result.push_back(pattern);
  return result;
}

namespace {

/// One cell.
class Exhaustive {
public:
  Exhaustive(const Shape &shape, const Widths &widths, int64_t capacityBytes)
      : extents{shape.m, shape.n, shape.k},
        bits{widths.a, widths.b, widths.accumulator},
        capacityBits(capacityBytes * 8) {
    for (int d = 0; d < 3; ++d)
      for (int64_t tiles = 1; tiles <= extents[d]; ++tiles) {
        int64_t size = (extents[d] + tiles - 1) / tiles;
        if (sizes[d].empty() || sizes[d].back() != size)
          sizes[d].push_back(size);
      }
  }

  /// In bits.
  int64_t run() {
    static const std::vector<Pattern> patterns = listUndominated();
    for (const Pattern &pattern : patterns)
      for (int64_t m : sizes[M])
        for (int64_t n : sizes[N])
          tryTiles(pattern, m, n);
    return best;
  }

private:
  int64_t extent(int outside, Dim dim, int64_t tile) const {
    return outside == 0 ? extents[dim] : outside == 1 ? tile : 1;
  }

  /// The largest tile of k, and what moves with it.
  void tryTiles(const Pattern &pattern, int64_t m, int64_t n) {
    std::array<int64_t, 3> tile = {m, n, 1};
    // The buffer is linear in the tile of k: fixed + slope * k.
    int64_t fixed = 0, slope = 0;
    for (int o = 0; o < 3; ++o) {
      int64_t box = bits[o];
      bool isLinear = false;
      for (int i = 0; i < 2; ++i) {
        Dim dim = kDims[o][i];
        int outside = pattern.box[o][i];
        if (dim == K && outside == 1)
          isLinear = true;
        else
          box *= extent(outside, dim, tile[dim]);
      }
      (isLinear ? slope : fixed) += box;
    }
    if (fixed + slope > capacityBits)
      return;
    tile[K] = slope == 0 ? extents[K]
                         : std::min(extents[K], (capacityBits - fixed) / slope);
    int64_t moved = 0;
    for (int o = 0; o < 3; ++o) {
      int64_t operand = bits[o] * extents[kDims[o][0]] * extents[kDims[o][1]];
      Dim lacks = kLacks[o];
      int64_t visits = pattern.visits[o] == 0 ? 1
                       : pattern.visits[o] == 1
                           ? (extents[lacks] + tile[lacks] - 1) / tile[lacks]
                           : extents[lacks];
      moved += operand * (o == 2 ? 2 * visits - 1 : visits);
    }
    best = std::min(best, moved);
  }

  std::array<int64_t, 3> extents, bits;
  int64_t capacityBits;
  std::array<std::vector<int64_t>, 3> sizes;
  int64_t best = INT64_MAX;
};

} // namespace

int64_t tilings::findBestTiling(const Shape &shape, const Widths &widths,
                                int64_t capacityBytes) {
  int64_t bits = Exhaustive(shape, widths, capacityBytes).run();
  return shape.batch * (bits / 8);
}
