//===- ModuleBytes.h - What all functions of a module move ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_MODULEBYTES_H
#define MEMWALL_LIB_PASSES_MODULEBYTES_H

#include "ModuleTrees.h"
#include "memwall/Target/Target.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/DenseMap.h"

namespace memwall {

/// On an op while it is not decided whether its schedule stays: the number of
/// its candidate.
inline constexpr llvm::StringLiteral kCandidateAttrName = "memwall.candidate";

/// Bytes of one function.
struct FunctionBytes {
  std::string name;
  llvm::SmallVector<int64_t, 4> levels; ///< Read plus written, DRAM first.
  size_t unmodelled = 0;
};

/// Bytes of all entry functions, in order.
struct ModuleBytes {
  llvm::SmallVector<FunctionBytes, 1> functions;
  /// Of the trees that were given; empty where packing ahead was left out.
  llvm::SmallVector<Traffic, 1> traffic;
  /// By number, read plus written, DRAM first.
  llvm::DenseMap<int64_t, llvm::SmallVector<int64_t, 4>> candidates;
};

/// The bytes of `module`, whose trees are `trees`. Weights that are packed
/// ahead of an entry function come in packed.
mlir::FailureOr<ModuleBytes> computeBytes(mlir::ModuleOp module,
                                          const ModuleTrees &trees,
                                          const Target &target,
                                          TrafficOptions options = {});

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_MODULEBYTES_H
