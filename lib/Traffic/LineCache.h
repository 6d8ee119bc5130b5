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
#include <array>
#include <vector>

namespace memwall {

/// What a cache knows of a line; masks are by sector, `stored` by byte.
struct LineState {
  static constexpr int32_t none = -1;
  int32_t newer = none, older = none;
  bool present = false;
  uint16_t valid = 0, dirty = 0;
  OpId writer = 0;
  std::array<uint64_t, 2> stored{};
};

/// The order of the lines that are present.
class LineCache {
public:
  LineCache(int64_t lines, int64_t sets, int64_t ways)
      : sets(sets), ways(ways), states(lines), newest(sets, LineState::none),
        oldest(sets, LineState::none), present(sets, 0) {}

  LineState &operator[](int64_t line) { return states[line]; }
  int64_t lineCount() const { return states.size(); }

  /// Makes a present line the most recent of its set.
  void touch(int32_t line) {
    int64_t set = line % sets;
    if (newest[set] == line)
      return;
    unlink(line, set);
    link(line, set);
  }

  /// The line that has to leave before `line` can come, or `none`.
  int32_t victim(int32_t line) const {
    int64_t set = line % sets;
    return present[set] == ways ? oldest[set] : LineState::none;
  }
  void insert(int32_t line) {
    states[line].present = true;
    ++present[line % sets];
    link(line, line % sets);
  }
  void remove(int32_t line) {
    unlink(line, line % sets);
    --present[line % sets];
    states[line] = LineState();
  }

private:
  void link(int32_t line, int64_t set) {
    LineState &state = states[line];
    state.newer = LineState::none;
    state.older = newest[set];
    (newest[set] == LineState::none ? oldest[set] : states[newest[set]].newer) =
        line;
    newest[set] = line;
  }
  void unlink(int32_t line, int64_t set) {
    LineState &state = states[line];
    (state.newer == LineState::none ? newest[set] : states[state.newer].older) =
        state.older;
    (state.older == LineState::none ? oldest[set] : states[state.older].newer) =
        state.newer;
  }

  int64_t sets, ways;
  std::vector<LineState> states;
  std::vector<int32_t> newest, oldest;
  std::vector<int64_t> present;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_LINECACHE_H
