//===- VisiblePairs.cpp - What masks leave of an intermediate -------------===//

#include "VisiblePairs.h"
#include <algorithm>

using namespace memwall;

namespace {

/// Where a mask hides columns t of row n: from begin + step * n on, or before.
struct Edge {
  bool isEnd = false;
  int64_t begin = 0, step = 0;
};

} // namespace

/// c + a n + t > 0 holds from t = 1 - c - a n on, c + a n - t > 0 before
/// t = c + a n.
static std::optional<Edge> findEdge(const MaskBound &mask, unsigned row,
                                    unsigned column) {
  // Rows and columns that are counted one by one keep sums within this.
  constexpr int64_t kMost = int64_t(1) << 40;
  int64_t ofRow = 0, ofColumn = 0;
  for (auto [dim, coefficient] : mask.terms) {
    if (dim != row && dim != column)
      return std::nullopt;
    (dim == row ? ofRow : ofColumn) = coefficient;
  }
  if ((ofColumn != 1 && ofColumn != -1) || std::abs(ofRow) > 1 ||
      mask.constant > kMost || mask.constant < -kMost)
    return std::nullopt;
  if (ofColumn == 1)
    return Edge{true, 1 - mask.constant, -ofRow};
  return Edge{false, mask.constant, ofRow};
}

std::optional<VisiblePairs>
memwall::countVisiblePairs(llvm::ArrayRef<MaskBound> masks, unsigned row,
                           unsigned column, int64_t rows, int64_t columns) {
  // A prompt of a million tokens is counted in a millisecond or two.
  constexpr int64_t kMostRows = int64_t(1) << 24;
  if (rows > kMostRows || columns > kMostRows)
    return std::nullopt;
  llvm::SmallVector<Edge, 2> edges;
  for (const MaskBound &mask : masks) {
    std::optional<Edge> edge = findEdge(mask, row, column);
    if (!edge)
      return std::nullopt;
    edges.push_back(*edge);
  }
  VisiblePairs visible;
  // Edges move by at most one column per row, so that columns that are seen by
  // one row and those of the next are next to one another.
  int64_t firstSeen = columns, lastSeen = 0;
  for (int64_t n = 0; n < rows; ++n) {
    int64_t first = 0, end = columns;
    for (const Edge &edge : edges) {
      int64_t at = edge.begin + edge.step * n;
      if (edge.isEnd)
        end = std::min(end, at);
      else
        first = std::max(first, at);
    }
    if (first >= end)
      return std::nullopt;
    visible.pairs += end - first;
    firstSeen = std::min(firstSeen, first);
    lastSeen = std::max(lastSeen, end);
  }
  visible.columns = lastSeen - firstSeen;
  return visible;
}
