//===- NativeProgram.h - IR as a program of its own -------------*- C++ -*-===//

#ifndef MEMWALL_BENCH_NATIVEPROGRAM_H
#define MEMWALL_BENCH_NATIVEPROGRAM_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace memwall {

/// A function of three square f32 matrices that returns one, compiled at -O1
/// into an executable file that calls it once.
class NativeProgram {
public:
  /// Lowers `module` in place. Fails when it cannot be lowered or compiled.
  static llvm::Expected<NativeProgram>
  compile(mlir::ModuleOp module, llvm::StringRef entry, int64_t extent);
  ~NativeProgram();
  NativeProgram(NativeProgram &&other);

  /// What valgrind says of a run, without what it does when the program returns
  /// at once.
  struct Run {
    double accesses = 0; ///< Data references.
    double seconds = 0;  ///< Of CPU time.
  };
  /// Runs under cachegrind with the caches D1 and LL, as "bytes,ways,line".
  llvm::Expected<Run> runCachegrind(llvm::StringRef d1, llvm::StringRef ll);

private:
  NativeProgram() = default;
  llvm::SmallString<64> directory; ///< Removed with the object.
};

} // namespace memwall

#endif // MEMWALL_BENCH_NATIVEPROGRAM_H
