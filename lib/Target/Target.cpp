//===- Target.cpp - Queries and checks of a machine ------------------------===//

#include "memwall/Target/Target.h"

using namespace memwall;

const Level *Target::findLevel(llvm::StringRef name) const {
  for (const Level &level : levels)
    if (level.name == name)
      return &level;
  return nullptr;
}
