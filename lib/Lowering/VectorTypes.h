//===- VectorTypes.h - Elements of vectors ----------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_LOWERING_VECTORTYPES_H
#define MEMWALL_LIB_LOWERING_VECTORTYPES_H

#include "mlir/IR/Builders.h"

namespace memwall {

/// Whether vector registers hold elements of `type` and compute with them:
/// integers of 8 bits and more, floats of 16 bits and more.
bool isVectorElement(mlir::Type type);

/// `value`, a scalar or vector, with elements of `type` instead: integers are
/// widened (with zeros if `isUnsigned`), cut off, or made floats, floats
/// converted.
mlir::Value convertElements(mlir::OpBuilder &builder, mlir::Location location,
                            mlir::Value value, mlir::Type type,
                            bool isUnsigned = false);

/// a * b + c of scalars or vectors of one type, fused for floats.
mlir::Value buildMultiplyAdd(mlir::OpBuilder &builder, mlir::Location location,
                             mlir::Value a, mlir::Value b, mlir::Value c);

/// The zero of an element type.
mlir::Value buildZero(mlir::OpBuilder &builder, mlir::Location location,
                      mlir::Type type);

/// Asks the L2 for the line of element `indices` of a tensor, which may lie
/// behind the tensor's end: no element is read.
void buildPrefetch(mlir::OpBuilder &builder, mlir::Location location,
                   mlir::Value tensor, mlir::ValueRange indices);

} // namespace memwall

#endif // MEMWALL_LIB_LOWERING_VECTORTYPES_H
