//===- LineCache.h - Lines of one cache, by recency -------------*- C++ -*-===//
//
// Internal to the walk. Line numbers are dense (buffers follow one another), so
// every line of memory has its state in an array and a cache is only an order:
// one list per set, most recent first.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_LINECACHE_H
#define MEMWALL_LIB_TRAFFIC_LINECACHE_H

#include "memwall/Work/LoopTree.h"
#include <algorithm>
#include <array>
#include <vector>

namespace memwall {

/// What a cache knows of a line; masks are by sector, `stored` by byte.
struct LineState {
  static constexpr int32_t none = -1;
  int32_t newer = none, older = none;
  bool present = false;
  uint16_t valid = 0, dirty = 0;
  uint32_t writer = 0; ///< The access that stored last.
  std::array<uint64_t, 2> stored{};
};

/// The order of the lines that are present.
class LineCache {
public:
  /// `lines`: of all memory. Sets beyond that many stay empty.
  LineCache(int64_t lines, int64_t sets, int64_t ways)
      : sets(std::min(sets, lines)), ways(ways), states(lines),
        newest(this->sets, LineState::none),
        oldest(this->sets, LineState::none), present(this->sets, 0) {}

  LineState &operator[](int64_t line) { return states[line]; }
  int64_t lineCount() const { return states.size(); }

  /// Makes a present line the most recent of its set.
  void touch(int32_t line) {
    uint32_t set = setOf(line);
    if (newest[set] == line)
      return;
    unlink(line, set);
    link(line, set);
  }

  /// The line that has to leave before `line` can come, or `none`.
  int32_t victim(int32_t line) const {
    uint32_t set = setOf(line);
    return present[set] == ways ? oldest[set] : LineState::none;
  }
  void insert(int32_t line) {
    states[line].present = true;
    ++present[setOf(line)];
    link(line, setOf(line));
  }
  void remove(int32_t line) {
    unlink(line, setOf(line));
    --present[setOf(line)];
    states[line] = LineState();
  }

private:
  uint32_t setOf(int32_t line) const { return uint32_t(line) % sets; }
  void link(int32_t line, uint32_t set) {
    LineState &state = states[line];
    state.newer = LineState::none;
    state.older = newest[set];
    (newest[set] == LineState::none ? oldest[set] : states[newest[set]].newer) =
        line;
    newest[set] = line;
  }
  void unlink(int32_t line, uint32_t set) {
    LineState &state = states[line];
    (state.newer == LineState::none ? newest[set] : states[state.newer].older) =
        state.older;
    (state.older == LineState::none ? oldest[set] : states[state.older].newer) =
        state.newer;
  }

  uint32_t sets;
  int64_t ways;
  std::vector<LineState> states;
  std::vector<int32_t> newest, oldest;
  std::vector<int64_t> present;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_LINECACHE_H
