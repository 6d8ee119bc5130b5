//===- SetProgram.h - A program as the sets of a cache see it ---*- C++ -*-===//
//
// A constant tree with its addresses laid out, prepared for walks of the sets
// of one cache: how far every access moves with every loop around it, for how
// long it stays within a sector, after how many iterations it is back at the
// same place of the same set, and a filter that tells which iterations of a
// loop can touch a set at all. docs/Model.md, "Walking sets".
//
// All lengths and addresses are in bits.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SETPROGRAM_H
#define MEMWALL_LIB_TRAFFIC_SETPROGRAM_H

#include "ConstantTree.h"
#include "RepeatedBlocks.h"
#include "memwall/Target/Target.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace memwall {

/// Where the lines of a cache go: line l is in set l mod `sets`.
struct SetGeometry {
  int64_t lineBits = 512;
  int64_t sectorBits = 512;
  int64_t sets = 1;
  int64_t ways = 1;
  StorePolicy storePolicy = StorePolicy::Fetch;
  bool writesDead = false; ///< DeadLines::Written.
  /// All sets are walked at once: no iteration is left out, and only whole
  /// rounds of the sets count as moving to the same place.
  bool isWhole = false;
  /// The sets are residues of a fully associative cache.
  bool isResidue = false;

  /// Addresses that far apart are at the same place of the same set.
  int64_t period() const { return lineBits * sets; }
};

/// One way to tell from an address alone that no loop inside reaches a set. Of
/// the strides of these loops those below some cut reach `reach` bits
/// together, and those above it are multiples of `modulus`, which divides the
/// period of the sets: only what is within `reach` of a line of the set, modulo
/// `modulus`, can touch it.
struct SetFilter {
  int64_t modulus = 1;
  int64_t reach = 0; ///< The element included, less one bit.
  int64_t step = 0;  ///< Of the loop, modulo `modulus`.
};

/// How one access moves with one loop around it.
struct AccessTerm {
  int64_t strideBits = 0;
  /// Greatest common divisor of the sector and of the strides of the loops
  /// inside. While the address stays within a block of that many bits, every
  /// address that the loops inside make stays within its sector.
  int64_t blockBits = 1;
  /// Least offset that the loops inside add (strides may be negative).
  int64_t leastInside = 0;
  /// Iterations after which the access is at the same place of the sets again.
  int64_t period = 1;
  uint32_t firstFilter = 0, endFilter = 0; ///< Into SetProgram::filters.
  /// The loop picks rows by data, or loops inside do not: every iteration of it
  /// may touch any set.
  bool isUnknown = false;
};

/// A loop, or an access of a body.
struct SetNode {
  bool isAccess = false;
  unsigned access = 0;
  int64_t tripCount = 1;
  llvm::SmallVector<unsigned, 4> children;
  unsigned firstAccess = 0, endAccess = 0; ///< The accesses inside.
  unsigned firstTerm = 0;                  ///< Of `firstAccess`.
  /// A loop around accesses only, in whose body no buffer dies.
  bool isInnermost = false;
  /// Repeating its body within the same sectors changes nothing, and no rows
  /// are chosen by it.
  bool mayRun = true;
  /// Some access has a period of more than one iteration, of which enough fit
  /// into the loop, or of 2 to `kShortPeriod`; or iterations are numbered.
  bool mayRepeat = false, hasShortPeriod = false;
  /// Some access moves by whole rounds of the sets in every iteration.
  bool movesByRounds = false;
  double bodies = 0; ///< Innermost bodies inside.
  /// Steps of a walk of all sets through the node once, when no stretch of a
  /// loop recurs: an innermost loop takes as many iterations at once as stay
  /// within their sectors.
  double wholeSteps = 0;
  llvm::SmallVector<BufferId, 0> deaths; ///< Buffers that die right after it.
  /// Accesses whose data-dependent rows are known once this loop is at an
  /// iteration.
  llvm::SmallVector<unsigned, 0> gathers;

  /// Loops whose iterations are dealt out to units. Iteration v is number
  /// `firstNumber + v * numbersPerIteration` within an iteration of the
  /// parallel loop around it; where `deals`, the unit is that number modulo the
  /// units.
  bool isNumbered = false, deals = false, beginsNumbers = false;
  int64_t firstNumber = 0, numbersPerIteration = 1;
};

struct SetAccess {
  OpId op = 0;
  BufferId buffer = 0;
  BufferId storage = 0; ///< The buffer whose memory it is.
  bool isWrite = false;
  bool isDealt = false; ///< In a loop that is dealt out to units.
  int64_t bits = 32;
  int64_t address = 0; ///< When all loops are at their first iteration.
  llvm::SmallVector<ConstantGather, 0> gathers;
};

/// See the head of this file.
struct SetProgram {
  /// Periods up to so many iterations are looked for in every stretch of a
  /// loop.
  static constexpr int64_t kShortPeriod = 64;
  /// Chunks of a loop that are worth a look: two have to pass before a third
  /// can be skipped.
  static constexpr int64_t kLeastChunks = 3;

  SetGeometry geometry;
  std::vector<SetNode> nodes; ///< By node of the constant tree.
  std::vector<SetAccess> accesses;
  std::vector<AccessTerm> terms;
  std::vector<SetFilter> filters;
  std::vector<int64_t> bufferBegin, bufferEnd; ///< Bits, by buffer.
  int64_t storageEnd = 0;                      ///< Bits: the last of them.
  std::vector<RepeatedBlock> repeats;          ///< Among children of the root.
  /// Units of the target and units per cache; 1 and 1 where nothing is dealt.
  int64_t units = 1, unitsPerInstance = 1;
  /// Random orders of rows, by extent (docs/Model.md, "Gathers").
  llvm::DenseMap<int64_t, std::vector<int32_t>> rowOrders;

  /// Lines of all buffers, which follow one another, and one more.
  int64_t countStorageLines() const {
    return storageEnd / geometry.lineBits + 2;
  }
  int64_t countInstances() const {
    return (units + unitsPerInstance - 1) / unitsPerInstance;
  }
  const AccessTerm &term(const SetNode &loop, unsigned access) const {
    return terms[loop.firstTerm + access - loop.firstAccess];
  }
};

/// Prepares `tree`, the constant tree of `source`.
SetProgram buildSetProgram(const LoopTree &source, const ConstantTree &tree,
                           const SetGeometry &geometry, int64_t units,
                           int64_t unitsPerInstance);

/// Why the sets of `level` cannot be walked for this program, or empty:
/// addresses that do not fit 62 bits, lines that are no powers of two or too
/// long, accesses outside of their buffers, too large tables.
std::string findWalkObstacle(const LoopTree &source, const ConstantTree &tree,
                             const Level &level);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SETPROGRAM_H
