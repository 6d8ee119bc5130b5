//===- ExplicitAsCached.cpp - Scratchpads run as caches -------------------===//

#include "memwall/Target/ExplicitAsCached.h"

using namespace memwall;

Target memwall::treatExplicitAsCached(Target target) {
  for (Level &level : target.levels)
    if (level.kind == LevelKind::Explicit)
      level.kind = LevelKind::Cached;
  return target;
}
