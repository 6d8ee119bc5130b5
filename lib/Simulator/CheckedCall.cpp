//===- CheckedCall.cpp - Calls that a failed check ends -------------------===//

#include "RuntimeChecks.h"
#include "llvm/Support/FormatVariadic.h"
#include <csetjmp>

using namespace mlir;
using namespace memwall;

std::string FailedCheck::describe(ArrayRef<RuntimeCheck> checks) const {
  return llvm::formatv(/*Validate=*/false, checks[check].complaint.c_str(),
                       found, limit);
}

static thread_local std::jmp_buf *innermostCall = nullptr;
static thread_local FailedCheck failed;

std::optional<FailedCheck> memwall::callChecked(void (*function)(void **),
                                                void **arguments) {
  std::jmp_buf here;
  innermostCall = &here;
  // Nothing between here and `failCheck` has a destructor: the frames are
  // those of generated code.
  if (setjmp(here) != 0) {
    innermostCall = nullptr;
    return ::failed;
  }
  function(arguments);
  innermostCall = nullptr;
  return std::nullopt;
}

void memwall::failCheck(int64_t check, int64_t found, int64_t limit) {
  ::failed = {check, found, limit};
  std::longjmp(*innermostCall, 1);
}
