//===- OutputUnlessReported.h - Standard output for the IR ------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_OUTPUTUNLESSREPORTED_H
#define MEMWALL_TOOLS_OUTPUTUNLESSREPORTED_H

#include "memwall/Passes/Passes.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

/// Standard output until a report was written, and nothing from then on.
class OutputUnlessReported : public llvm::raw_ostream {
public:
  OutputUnlessReported() : raw_ostream(/*unbuffered=*/true) {}

private:
  void write_impl(const char *text, size_t length) override {
    if (!wroteReport())
      llvm::outs().write(text, length);
  }
  uint64_t current_pos() const override { return llvm::outs().tell(); }
};

} // namespace memwall

#endif // MEMWALL_TOOLS_OUTPUTUNLESSREPORTED_H
