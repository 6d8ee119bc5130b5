//===- LineCache.h - Lines of one cache, by recency -------------*- C++ -*-===//
//
// Internal to the walk. Line numbers are dense (buffers follow one another), so
// every line of memory has its state in an array and a cache is only an order:
// one list per set, most recent first.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_LINECACHE_H
#define MEMWALL_LIB_TRAFFIC_LINECACHE_H

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemAlloc.h"
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace memwall {

/// What a cache knows of a line; all zero when it is absent. Masks are by
/// sector.
struct LineState {
  uint32_t newer, older; ///< Neighbours in the set, plus one; 0: none.
  uint32_t writer;       ///< The access that stored last.
  uint16_t valid, dirty;
  bool present;
};

/// The order of the lines that are present.
class LineCache {
public:
  static constexpr int32_t none = -1;
  using StoredBytes = std::array<uint64_t, 2>; ///< A bit per byte of a line.

  /// `lines`: of all memory. Sets beyond that many stay empty. Stored bytes are
  /// kept on demand.
  LineCache(int64_t lines, int64_t sets, int64_t ways, bool keepsBytes)
      : sets(std::min(sets, lines)),
        mask(llvm::isPowerOf2_32(this->sets) ? this->sets - 1 : 0), ways(ways),
        states(allocate(lines)), newest(this->sets, 0), oldest(this->sets, 0),
        present(this->sets, 0), bytes(keepsBytes ? lines : 0) {}

  LineState &operator[](int64_t line) { return states.get()[line]; }
  StoredBytes &storedBytes(int64_t line) { return bytes[line]; }

  /// Calls `visit` with every present line and its state.
  template <typename Visit>
  void forEachPresent(Visit visit) const {
    for (uint32_t first : newest)
      for (uint32_t line = first; line != 0; line = at(line).older)
        visit(int32_t(line) - 1, at(line));
  }

  /// Makes a present line the most recent of its set.
  void touch(int32_t line) {
    uint32_t set = setOf(line);
    if (newest[set] == uint32_t(line) + 1)
      return;
    unlink(line, set);
    link(line, set);
  }

  /// The line that has to leave before `line` can come, or `none`.
  int32_t victim(int32_t line) const {
    uint32_t set = setOf(line);
    return present[set] == ways ? int32_t(oldest[set]) - 1 : none;
  }
  void insert(int32_t line) {
    (*this)[line].present = true;
    ++present[setOf(line)];
    link(line, setOf(line));
  }
  void remove(int32_t line) {
    unlink(line, setOf(line));
    --present[setOf(line)];
    (*this)[line] = LineState();
    if (!bytes.empty())
      bytes[line] = {};
  }
  /// Forgets what was stored to the line.
  void clean(int32_t line) {
    (*this)[line].dirty = 0;
    if (!bytes.empty())
      bytes[line] = {};
  }

private:
  struct Free {
    void operator()(LineState *states) const { std::free(states); }
  };
  /// Zeroed pages come as they are touched: a walk in part needs few.
  static LineState *allocate(int64_t lines) {
    return static_cast<LineState *>(
        llvm::safe_calloc(size_t(lines), sizeof(LineState)));
  }

  /// By number plus one.
  LineState &at(uint32_t line) const { return states.get()[line - 1]; }
  uint32_t setOf(int32_t line) const {
    return mask ? uint32_t(line) & mask : uint32_t(line) % sets;
  }
  void link(int32_t line, uint32_t set) {
    LineState &state = (*this)[line];
    state.newer = 0;
    state.older = newest[set];
    (state.older == 0 ? oldest[set] : at(state.older).newer) = line + 1;
    newest[set] = line + 1;
  }
  void unlink(int32_t line, uint32_t set) {
    LineState &state = (*this)[line];
    (state.newer == 0 ? newest[set] : at(state.newer).older) = state.older;
    (state.older == 0 ? oldest[set] : at(state.older).newer) = state.newer;
  }

  uint32_t sets, mask;
  int64_t ways;
  std::unique_ptr<LineState, Free> states;
  std::vector<uint32_t> newest, oldest; ///< By set, plus one; 0: none.
  std::vector<int64_t> present;         ///< By set.
  std::vector<StoredBytes> bytes;       ///< By line.
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_LINECACHE_H
