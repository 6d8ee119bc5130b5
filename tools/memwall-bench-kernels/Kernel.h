//===- Kernel.h - A function of linalg as machine code ----------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_KERNEL_H
#define MEMWALL_TOOLS_BENCHKERNELS_KERNEL_H

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace memwall {

/// A row-major tensor in the memory of this process.
struct Tensor {
  std::vector<int64_t> shape;
  std::string element; ///< "f32", "bf16", "i8", "i32", "i4" (in bytes).
  std::shared_ptr<char> storage; ///< At a multiple of 64; copies share it.

  /// Random numbers in [-scale, scale], small integers; the same for the same
  /// seed.
  static Tensor makeRandom(std::vector<int64_t> shape, std::string element,
                           uint64_t seed, float scale = 1);
  int64_t elements() const;
  int64_t bytes() const;
  void *data() const { return storage.get(); }
  /// "tensor<2x3xf32>".
  std::string type() const;
};

/// From now on no kernel has instructions of AVX-512; registers are those of
/// AVX2.
void limitToAVX2();

/// How a program is scheduled before it becomes vector code.
struct ScheduleSource {
  std::string target; ///< Of the search; empty: no schedule.
  std::string targetFile;
};

/// Gives a module the schedules of the search, for one unit.
mlir::LogicalResult optimize(mlir::ModuleOp module,
                             const ScheduleSource &schedule);

/// The function @f of a module: tensors to one tensor.
class Kernel {
public:
  static llvm::Expected<Kernel> compile(mlir::MLIRContext &context,
                                        const std::string &text,
                                        const std::vector<Tensor> &arguments,
                                        unsigned resultRank,
                                        const ScheduleSource &schedule);
  /// The same of a program that has its loops; `module` is lowered.
  static llvm::Expected<Kernel> compile(mlir::ModuleOp module,
                                        const std::vector<Tensor> &arguments,
                                        unsigned resultRank);
  /// Runs it; its result stays until the next run, or until it is released.
  void run();
  /// Gives the memory of the result back: what runs next may get the same.
  void release();
  const void *getResult() const { return reinterpret_cast<void *>(result[1]); }
  ~Kernel() { release(); }
  Kernel(Kernel &&) = default;

private:
  Kernel() = default;
  std::unique_ptr<mlir::ExecutionEngine> engine;
  void (*function)(void **) = nullptr;
  /// Descriptors of memrefs: allocated, aligned, offset, sizes, strides.
  std::vector<std::vector<int64_t>> descriptors;
  std::vector<int64_t> result;
};

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_KERNEL_H
