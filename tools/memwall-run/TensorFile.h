//===- TensorFile.h - Tensors of a run as JSON ------------------*- C++ -*-===//
//
// An array with one object per tensor, in the order of the program:
//   {"type": "f32", "shape": [2, 3], "data": [0.5, ...]}
// Elements are row-major. In inputs, null stands for an argument that is filled
// as ever, and only "data" is read. Numbers that are not finite are strings:
// "nan", "inf", "-inf".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_RUN_TENSORFILE_H
#define MEMWALL_TOOLS_RUN_TENSORFILE_H

#include "memwall/Simulator/RunProgram.h"

namespace memwall {

/// Writes tensors, for `--save-outputs`.
llvm::Error writeTensors(llvm::StringRef path,
                         llvm::ArrayRef<HostTensor> tensors);

/// Reads the arguments of `--load-inputs`.
llvm::Expected<InputNumbers> readInputs(llvm::StringRef path);

} // namespace memwall

#endif // MEMWALL_TOOLS_RUN_TENSORFILE_H
