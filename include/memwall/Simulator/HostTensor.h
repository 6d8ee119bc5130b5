//===- HostTensor.h - A tensor in the memory of this process ----*- C++ -*-===//
//
// Arguments and results of programs that are run. Elements lie row-major, each
// in the bytes that LLVM gives its type (a byte for i1, i4 and f4).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_HOSTTENSOR_H
#define MEMWALL_SIMULATOR_HOSTTENSOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include <optional>
#include <vector>

namespace memwall {

/// See the head of this file.
struct HostTensor {
  mlir::Type elementType;
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<char> bytes;

  /// A tensor of zeros of a static shape. Nullopt when elements of the type
  /// cannot be stored (vectors, scalable types).
  static std::optional<HostTensor> create(mlir::Type elementType,
                                          llvm::ArrayRef<int64_t> shape);

  int64_t elements() const;
  /// Bytes that one element takes here.
  int64_t elementBytes() const;
  /// The number at a linear index; a complex number's real part.
  double getNumber(int64_t index) const;
  void setNumber(int64_t index, double number);
};

/// Bytes that LLVM gives one element; nullopt when it is not a number.
std::optional<int64_t> getHostBytes(mlir::Type elementType);

/// Bytes of memory that this machine has.
double getMachineBytes();

/// Integers that a random tensor is made of.
struct IntegerRange {
  int64_t end = 2;       ///< 0 ... end-1.
  bool distinct = false; ///< No value twice before every value was drawn.
};

/// Floats in [-1, 1), integers in `range`; the same for the same seed. Takes
/// milliseconds for millions of elements.
void fillRandom(HostTensor &tensor, uint64_t seed, const IntegerRange &range);

/// The data of a constant; false when the constant has none.
bool fillFrom(HostTensor &tensor, mlir::ElementsAttr value);

} // namespace memwall

#endif // MEMWALL_SIMULATOR_HOSTTENSOR_H
