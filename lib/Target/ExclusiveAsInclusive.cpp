//===- ExclusiveAsInclusive.cpp - Victim caches as plain ones -------------===//

#include "memwall/Target/ExclusiveAsInclusive.h"

using namespace memwall;

/// An inclusive level of `heldBytes` and of the sets of `level`.
static Level enlarge(Level level, int64_t heldBytes) {
  level.inclusive = true;
  if (level.associativity == 0) {
    level.capacityBytes = heldBytes;
    return level;
  }
  int64_t sets = level.lines() / level.associativity;
  level.associativity = heldBytes / level.lineBytes / sets;
  level.capacityBytes = sets * level.associativity * level.lineBytes;
  return level;
}

Target memwall::treatExclusiveAsInclusive(Target target, bool areAllUnitsUsed) {
  // From the outermost in: what a level holds depends on those inside of it.
  for (size_t depth = target.levels.size(); depth-- > 0;)
    if (!target.levels[depth].inclusive)
      target.levels[depth] = enlarge(
          target.levels[depth], target.countHeldBytes(depth, areAllUnitsUsed));
  return target;
}
