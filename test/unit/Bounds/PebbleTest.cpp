//===- PebbleTest.cpp - The bound against the best of all schedules -------===//
//
// Dijkstra over all states of fast and slow memory finds the least traffic of
// a tiny matmul; the bound may not exceed it.
//
//===----------------------------------------------------------------------===//

#include "memwall/Bounds/Contraction.h"
#include "llvm/ADT/Hashing.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <vector>

using namespace memwall;

namespace {

/// C[m, n] += A[m, k] B[k, n], everything in half bytes to stay in integers.
struct Game {
  int m, n, k;
  int a, b, c;   ///< Half bytes per element.
  int capacity;  ///< Half bytes of fast memory.
  bool zeroInit; ///< C need not be loaded.

  int inputs() const { return m * k + k * n; }
  int elements() const { return inputs() + m * n; }
  int weight(int element) const {
    return element < m * k ? a : element < inputs() ? b : c;
  }
};

/// Bit sets: done products; elements in fast memory; C elements whose latest
/// value is also in slow memory; C elements that have a value.
struct State {
  uint32_t done, fast, saved, started;
  bool operator==(const State &o) const {
    return std::tie(done, fast, saved, started) ==
           std::tie(o.done, o.fast, o.saved, o.started);
  }
};

struct Hash {
  size_t operator()(const State &s) const {
    return llvm::hash_combine(s.done, s.fast, s.saved, s.started);
  }
};

class Solver {
public:
  explicit Solver(const Game &game) : game(game) {}

  int solve() {
    State start{0, 0, 0, 0};
    if (!game.zeroInit)
      start.saved = start.started =
          ((1u << game.elements()) - 1) & ~((1u << game.inputs()) - 1);
    relax(start, 0);
    while (!queue.empty()) {
      auto [cost, state] = queue.top();
      queue.pop();
      if (cost > best[state])
        continue;
      if (isFinal(state))
        return cost;
      expand(state, cost);
    }
    return -1;
  }

private:
  struct Later {
    bool operator()(const std::pair<int, State> &x,
                    const std::pair<int, State> &y) const {
      return x.first > y.first;
    }
  };

  bool isFinal(const State &state) const {
    uint32_t outputs =
        ((1u << game.elements()) - 1) & ~((1u << game.inputs()) - 1);
    return state.done == (1u << (game.m * game.n * game.k)) - 1 &&
           (state.saved & outputs) == outputs;
  }

  int weightOf(uint32_t set) const {
    int total = 0;
    for (int e = 0; e < game.elements(); ++e)
      total += (set >> e & 1) ? game.weight(e) : 0;
    return total;
  }

  void relax(const State &state, int cost) {
    if (weightOf(state.fast) > game.capacity)
      return;
    auto [entry, isNew] = best.try_emplace(state, cost);
    if (!isNew && entry->second <= cost)
      return;
    entry->second = cost;
    queue.push({cost, state});
  }

  void expand(const State &state, int cost) {
    for (int e = 0; e < game.elements(); ++e) {
      uint32_t bit = 1u << e;
      bool isOutput = e >= game.inputs();
      State next = state;
      if (state.fast & bit) {
        next.fast &= ~bit; // Drop, or write back first.
        if (!isOutput || (state.saved & bit))
          relax(next, cost);
        if (isOutput && !(state.saved & bit)) {
          next = state;
          next.saved |= bit;
          relax(next, cost + game.weight(e));
        }
      } else if (!isOutput || (state.started & bit)) {
        next.fast |= bit;
        relax(next, cost + game.weight(e));
      }
    }
    multiply(state, cost);
  }

  void multiply(const State &state, int cost) {
    for (int p = 0; p < game.m * game.n * game.k; ++p) {
      int i = p / (game.n * game.k), j = p / game.k % game.n, l = p % game.k;
      uint32_t needed =
          1u << (i * game.k + l) | 1u << (game.m * game.k + l * game.n + j);
      uint32_t output = 1u << (game.inputs() + i * game.n + j);
      bool ready = (state.fast & needed) == needed &&
                   ((state.fast & output) || !(state.started & output));
      if ((state.done >> p & 1) || !ready)
        continue;
      State next = state;
      next.done |= 1u << p;
      next.fast |= output;
      next.started |= output;
      next.saved &= ~output;
      relax(next, cost);
    }
  }

  Game game;
  std::unordered_map<State, int, Hash> best;
  std::priority_queue<std::pair<int, State>, std::vector<std::pair<int, State>>,
                      Later>
      queue;
};

} // namespace

TEST(Pebble, BoundIsNeverAboveTheOptimum) {
  int tight = 0, cases = 0;
  for (auto [m, n, k] :
       {std::tuple(2, 2, 1), std::tuple(1, 3, 2), std::tuple(2, 1, 3),
        std::tuple(1, 1, 5), std::tuple(3, 2, 1), std::tuple(1, 2, 2)})
    for (auto [a, b, c] : {std::tuple(2, 2, 2), std::tuple(4, 1, 4),
                           std::tuple(1, 4, 2), std::tuple(2, 1, 4)})
      for (int capacity = a + b + c; capacity <= a + b + 2 * c; capacity += 3)
        for (bool zeroInit : {true, false}) {
          Game game{m, n, k, a, b, c, capacity, zeroInit};
          int optimum = Solver(game).solve();
          ASSERT_GT(optimum, 0);
          ContractionShape shape;
          shape.dims = {(double)m, (double)n, (double)k};
          shape.operands = {
              {a / 2.0, 0b101}, {b / 2.0, 0b110}, {c / 2.0, 0b011}};
          // In bytes; B6: C = AB gives credit for what is created, and each
          // output is stored.
          double outputs = m * n * c / 2.0;
          double charged = maximizeChargedBytes(shape, capacity / 2.0);
          double bound = zeroInit ? charged : charged + outputs;
          double compulsory =
              m * k * a / 2.0 + k * n * b / 2.0 + (zeroInit ? 1 : 2) * outputs;
          bound = std::max(bound, compulsory);
          ASSERT_LE(bound, optimum / 2.0 + 1e-9)
              << m << n << k << " " << a << b << c << " in " << capacity;
          ASSERT_LE(optimum / 2.0, 1.5 * bound);
          ++cases;
          tight += bound > optimum / 2.0 - 1e-9;
        }
  EXPECT_GT(tight * 3, cases);
}
