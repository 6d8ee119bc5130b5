//===- MemWallDialect.cpp - The memwall dialect ---------------------------===//

#include "memwall/IR/MemWallDialect.h"
#include "memwall/IR/ScheduleAttr.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
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

std::optional<double> getBudgetRatio(Attribute value) {
  if (std::optional<int64_t> whole = getBudgetBytes(value))
    return *whole >= 1 ? std::optional<double>(*whole) : std::nullopt;
  auto number = dyn_cast<FloatAttr>(value);
  if (!number || !(number.getValueAsDouble() >= 1) ||
      !std::isfinite(number.getValueAsDouble()))
    return std::nullopt;
  return number.getValueAsDouble();
}

/// The message of `emitOpError` without the op: a function of a whole model has
/// thousands of lines, and hundreds of arguments in the one that its location
/// names, which is printed where the location has a column.
static InFlightDiagnostic emitErrorAt(Operation *op) {
  Location location = op->getLoc();
  if (auto place = location->findInstanceOf<FileLineColLoc>();
      place && isa<FunctionOpInterface>(op))
    location =
        FileLineColLoc::get(place.getFilename(), place.getLine(), /*column=*/0);
  return emitError(location) << "'" << op->getName() << "' op ";
}

static LogicalResult verifyMaxBytes(Operation *op, Attribute attribute) {
  auto budgets = dyn_cast<DictionaryAttr>(attribute);
  if (!budgets)
    return emitErrorAt(op) << "'" << kMaxBytesAttrName
                           << "' expects a dictionary from level to bytes, "
                              "such as {hbm3 = 1.2e9}, found "
                           << attribute;
  for (NamedAttribute budget : budgets)
    if (!getBudgetBytes(budget.getValue()))
      return emitErrorAt(op)
             << "'" << kMaxBytesAttrName << "' expects for '"
             << budget.getName().getValue()
             << "' a whole number of bytes from 0 to 2^63 - 1, found "
             << budget.getValue();
  return success();
}

static LogicalResult verifyMaxOverBound(Operation *op, Attribute attribute) {
  if (getBudgetRatio(attribute))
    return success();
  auto steps = dyn_cast<DictionaryAttr>(attribute);
  if (!steps)
    return emitErrorAt(op) << "'" << kMaxOverBoundAttrName
                           << "' expects a number of at least 1, or a "
                              "dictionary from step to such a number, found "
                           << attribute;
  if (!isa<FunctionOpInterface>(op))
    return emitErrorAt(op) << "'" << kMaxOverBoundAttrName
                           << "' names steps, expected a function";
  for (NamedAttribute step : steps)
    if (!getBudgetRatio(step.getValue()))
      return emitErrorAt(op)
             << "'" << kMaxOverBoundAttrName << "' expects for '"
             << step.getName().getValue() << "' a number of at least 1, found "
             << step.getValue();
  return success();
}

static LogicalResult verifyDistinctRows(Operation *op, Attribute attribute) {
  StringRef name = op->getName().getStringRef();
  if (!llvm::is_contained({"tensor.extract", "tensor.gather", "memref.load"},
                          name))
    return emitErrorAt(op) << "'" << kDistinctRowsAttrName
                           << "' expects tensor.extract, tensor.gather or "
                              "memref.load, found "
                           << name;
  auto rows = dyn_cast<IntegerAttr>(attribute);
  if (!rows || !rows.getType().isInteger(64) || rows.getInt() < 1)
    return emitErrorAt(op) << "'" << kDistinctRowsAttrName
                           << "' expects a 64-bit integer of at least 1, found "
                           << attribute;
  return success();
}

static LogicalResult verifyNontemporal(Operation *op, Attribute attribute) {
  auto error = [&] {
    return emitErrorAt(op) << "'" << kNontemporalAttrName << "' expects ";
  };
  if (!isa<UnitAttr>(attribute))
    return error() << "no value, found " << attribute;
  auto destination = dyn_cast<DestinationStyleOpInterface>(op);
  Block *body =
      destination && op->getNumRegions() == 1 && op->getRegion(0).hasOneBlock()
          ? &op->getRegion(0).front()
          : nullptr;
  if (!body || body->getNumArguments() != op->getNumOperands())
    return error() << "a linalg op with a body, found " << op->getName();
  for (OpOperand &init : destination.getDpsInitsMutable())
    if (!body->getArgument(init.getOperandNumber()).use_empty())
      return error() << "an op that does not read what it stores, found one "
                        "that reads result "
                     << init.getOperandNumber() - destination.getNumDpsInputs();
  return success();
}

/// All names after "memwall.". A name that is missing here is taken for a typo.
static constexpr StringLiteral kKnownNames[] = {
    // Written by people and generators.
    "max_bytes", "max_over_bound", "distinct_rows", "schedule", "explain",
    "nontemporal", "trip_count", "role", "name", "step", "tokens", "sequences",
    "action_tokens", "interconnect_bytes",
    // Written by memwall-annotate.
    "flops", "int_ops", "unmodelled", "compulsory", "floor", "resident_bytes",
    "bound", "bound_by", "scheduled",
    // Notes of passes and of the simulator.
    "tiled", "packed_ahead", "candidate", "storage_bytes", "runtime_check",
    "dot", "stores_around"};

/// A budget with a wrong name would be a budget that nobody checks.
static LogicalResult verifyName(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName().strref();
  name.consume_front("memwall.");
  if (llvm::is_contained(kKnownNames, name))
    return success();
  const StringLiteral *nearest =
      std::min_element(std::begin(kKnownNames), std::end(kKnownNames),
                       [&](StringRef a, StringRef b) {
                         return name.edit_distance(a) < name.edit_distance(b);
                       });
  InFlightDiagnostic error = emitErrorAt(op)
                             << "has an unknown attribute '"
                             << attribute.getName().getValue() << "'";
  if (name.edit_distance(*nearest) <= std::max<size_t>(2, name.size() / 3))
    error << "; did you mean 'memwall." << *nearest << "'?";
  return error;
}

LogicalResult
MemWallDialect::verifyRegionArgAttribute(Operation *op, unsigned regionIndex,
                                         unsigned argIndex,
                                         NamedAttribute attribute) {
  return verifyName(op, attribute);
}

LogicalResult
MemWallDialect::verifyRegionResultAttribute(Operation *op, unsigned regionIndex,
                                            unsigned resultIndex,
                                            NamedAttribute attribute) {
  return verifyName(op, attribute);
}

/// What the IR alone can tell of the value of `attribute`.
static LogicalResult verifyValue(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kMaxBytesAttrName)
    return verifyMaxBytes(op, attribute.getValue());
  if (attribute.getName() == kMaxOverBoundAttrName)
    return verifyMaxOverBound(op, attribute.getValue());
  if (attribute.getName() == kDistinctRowsAttrName)
    return verifyDistinctRows(op, attribute.getValue());
  if (attribute.getName() == kNontemporalAttrName)
    return verifyNontemporal(op, attribute.getValue());
  if (attribute.getName() == kExplainAttrName &&
      !isa<StringAttr>(attribute.getValue()))
    return emitErrorAt(op) << "'" << kExplainAttrName
                           << "' expects the name of a target, found "
                           << attribute.getValue();
  if (attribute.getName() == kScheduleAttrName &&
      !isa<ScheduleAttr>(attribute.getValue()))
    return emitErrorAt(op) << "'" << kScheduleAttrName
                           << "' expects #memwall.schedule<...>, found "
                           << attribute.getValue();
  return success();
}

LogicalResult
MemWallDialect::verifyOperationAttribute(Operation *op,
                                         NamedAttribute attribute) {
  if (failed(verifyName(op, attribute)) || failed(verifyValue(op, attribute)))
    return failure();
  for (AttributeCheck check : checks)
    if (failed(check(op, attribute)))
      return failure();
  return success();
}

void registerMemWallDialect(DialectRegistry &registry) {
  registry.insert<MemWallDialect>();
}

} // namespace memwall
