//===- MemWallDialect.cpp - The memwall dialect ---------------------------===//

#include "memwall/IR/MemWallDialect.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

#include "memwall/IR/MemWallDialect.cpp.inc"

using namespace mlir;

namespace memwall {

void MemWallDialect::initialize() { registerAttributes(); }

std::optional<int64_t> getBudgetBytes(Attribute value) {
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    // `true` is an i1, and an i128 may not fit.
    llvm::APInt bits = integer.getValue();
    if (bits.getBitWidth() == 1 || bits.isNegative() || !bits.isSignedIntN(64))
      return std::nullopt;
    return bits.getSExtValue();
  }
  if (auto number = dyn_cast<FloatAttr>(value)) {
    double bytes = number.getValueAsDouble();
    if (!(bytes >= 0) || bytes >= 0x1p63 || bytes != std::trunc(bytes))
      return std::nullopt;
    return static_cast<int64_t>(bytes);
  }
  return std::nullopt;
}

static LogicalResult verifyMaxBytes(Operation *op, Attribute attribute) {
  auto budgets = dyn_cast<DictionaryAttr>(attribute);
  if (!budgets)
    return op->emitOpError() << "'" << kMaxBytesAttrName
                             << "' expects a dictionary from level to bytes, "
                                "such as {hbm3 = 1.2e9}, found "
                             << attribute;
  for (NamedAttribute budget : budgets)
    if (!getBudgetBytes(budget.getValue()))
      return op->emitOpError()
             << "'" << kMaxBytesAttrName << "' expects for '"
             << budget.getName().getValue()
             << "' a whole number of bytes from 0 to 2^63 - 1, found "
             << budget.getValue();
  return success();
}

static LogicalResult verifyDistinctRows(Operation *op, Attribute attribute) {
  StringRef name = op->getName().getStringRef();
  if (!llvm::is_contained({"tensor.extract", "tensor.gather", "memref.load"},
                          name))
    return op->emitOpError() << "'" << kDistinctRowsAttrName
                             << "' expects tensor.extract, tensor.gather or "
                                "memref.load, found "
                             << name;
  auto rows = dyn_cast<IntegerAttr>(attribute);
  if (!rows || !rows.getType().isInteger(64) || rows.getInt() < 1)
    return op->emitOpError()
           << "'" << kDistinctRowsAttrName
           << "' expects a 64-bit integer of at least 1, found " << attribute;
  return success();
}

LogicalResult
MemWallDialect::verifyOperationAttribute(Operation *op,
                                         NamedAttribute attribute) {
  if (attribute.getName() == kMaxBytesAttrName)
    return verifyMaxBytes(op, attribute.getValue());
  if (attribute.getName() == kDistinctRowsAttrName)
    return verifyDistinctRows(op, attribute.getValue());
  if (attribute.getName() == kScheduleAttrName &&
      !isa<ScheduleAttr>(attribute.getValue()))
    return op->emitOpError() << "'" << kScheduleAttrName
                             << "' expects #memwall.schedule<...>, found "
                             << attribute.getValue();
  return success();
}

void registerMemWallDialect(DialectRegistry &registry) {
  registry.insert<MemWallDialect>();
}

} // namespace memwall
