//===- BindDimsPass.cpp - memwall-bind-dims -------------------------------===//

#include "ModuleTrees.h"
#include "memwall/Passes/Passes.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {
#define GEN_PASS_DEF_BINDDIMS
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

namespace {
struct BindDimsPass : public memwall::impl::BindDimsBase<BindDimsPass> {
  using BindDimsBase::BindDimsBase;

  void runOnOperation() override {
    if (failed(memwall::bindDims(getOperation(), dims)))
      signalPassFailure();
  }
};
} // namespace
