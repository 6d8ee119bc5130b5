//===- Normalize.cpp - One spelling of every program ----------------------===//

#include "NormalizeModule.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Transforms/ApplyScheduleAttributes.h"

namespace memwall {
#define GEN_PASS_DEF_NORMALIZE
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {
struct NormalizePass : public memwall::impl::NormalizeBase<NormalizePass> {
  using NormalizeBase::NormalizeBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registerMemWallDialect(registry);
    registerTilingDialects(registry);
  }

  void runOnOperation() override { normalizeModule(getOperation()); }
};
} // namespace
