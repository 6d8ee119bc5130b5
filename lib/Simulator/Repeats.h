//===- Repeats.h - Accesses that change nothing -----------------*- C++ -*-===//
//
// A loop touches some sectors in every iteration and leaves them after many;
// the rest of its accesses, say down the column of a matrix, move on each time:
//
//   iteration        0     1     2     3     4
//   stays    A      a0    a0    a0    a0    a0
//   moves    B      b0    b1    b2    b3    b4
//
// Take a stretch of iterations that touches at most W sectors, where every
// cache has room for W lines (in each set). The touches of a0 between the first
// and the last iteration change nothing:
//  - They hit. From the first touch to the last, fewer than W other lines are
//    touched, and a cache holds the W lines, at least, that were touched last.
//  - They evict nothing else. A set of n ways holds the n lines that were
//    touched last. Without the touches in between, the line ranks lower among
//    them for a while, but never below W <= n; so the n lines are the same.
//  - After the last touch, the order of use is the same as well.
//  - A sector that one iteration stores is dirty from the first one on.
// The last iteration of a stretch may be the first of the next. Where all
// accesses stay, the last iteration repeats the order of the first and changes
// nothing either.
//
// Where a cache does not simply fetch what a store misses, it matters which
// bytes were stored, and whether a load finds the sector incomplete. There, a
// store stays in two cases:
//  - This iteration has loaded the same bytes before: the sector is complete.
//  - No other access of the loop comes near its lines: nobody can tell whether
//    the bytes of a sector came one by one or, as they are simulated, all at
//    once.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_REPEATS_H
#define MEMWALL_LIB_SIMULATOR_REPEATS_H

#include "memwall/Simulator/Hierarchy.h"

namespace memwall {

class Repeats {
public:
  /// For the caches among the levels of `target`.
  explicit Repeats(const Target &target);

  /// Appends the accesses of `count` iterations to `accesses`, in order,
  /// without those that change nothing. Calls `drain`, which empties
  /// `accesses`, when they become many.
  void reduce(llvm::ArrayRef<AccessStream> streams, int64_t count,
              std::vector<MemoryAccess> &accesses,
              llvm::function_ref<void()> drain);

private:
  /// A stream at some iteration.
  struct Cursor {
    MemoryAccess access;
    int64_t strideBits;
    int64_t sectors;     ///< That one access touches, at most.
    bool mayStay = true; ///< As long as it is in one sector.
    bool isSlow = false; ///< It does so for several iterations.
    bool grows = false;  ///< Where it stays, its bytes come all at once.
    int64_t stays = 0;   ///< Iterations after this one.
  };

  void start(llvm::ArrayRef<AccessStream> streams, int64_t count);
  bool mayGoAround(const AccessStream &stream) const;
  bool isAlone(const AccessStream &stream, llvm::ArrayRef<AccessStream> streams,
               int64_t count) const;
  int64_t countSectors(const AccessStream &stream) const;
  int64_t countStays(const Cursor &cursor) const;
  int64_t findStretch(int64_t longest);
  static MemoryAccess cover(const Cursor &cursor, int64_t iterations);

  unsigned sectorShift = 64; ///< Bits of an address below the smallest sector.
  unsigned lineShift = 0;    ///< Below the largest line.
  int64_t maxSectors = 256;  ///< W.
  bool storesMayStay = true, storesMayBypass = false;
  llvm::SmallVector<Cursor, 8> cursors;
  llvm::SmallVector<const Cursor *, 8> moving; ///< In the present stretch.
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_REPEATS_H
