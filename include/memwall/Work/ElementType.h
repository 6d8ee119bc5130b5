//===- ElementType.h - Bits and names of element types ----------*- C++ -*-===//

#ifndef MEMWALL_WORK_ELEMENTTYPE_H
#define MEMWALL_WORK_ELEMENTTYPE_H

#include "mlir/IR/Types.h"
#include <cstdint>
#include <optional>
#include <string>

namespace memwall {

/// Bits that one element of `type` takes in storage:
///   iN, fN: N (i1 = 1, i4 = 4, f8 = 8, bf16 = 16, f80 = 80); tf32: 32, as
///   every machine stores it; index: 64; complex: twice its part; fixed
///   vectors: lanes times the element; quantized types: their storage type.
/// Absent for anything else (scalable vectors, pointers, tuples...) and where
/// the product does not fit 64 bits.
std::optional<int64_t> getElementBits(mlir::Type type);

/// The name under which targets state a peak: "f32", "bf16", "tf32", "f8" (all
/// 8-bit floats), "f6", "f4", "i8" (signless, signed, unsigned), "index",
/// "complex<f32>"; vectors and quantized types: that of their elements.
/// Anything else as MLIR prints it.
std::string getElementTypeName(mlir::Type type);

/// The other way: the bits of a scalar with this name; 32 for a name that does
/// not tell.
int64_t getElementBits(llvm::StringRef name);

} // namespace memwall

#endif // MEMWALL_WORK_ELEMENTTYPE_H
