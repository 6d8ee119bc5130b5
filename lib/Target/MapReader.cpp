//===- MapReader.cpp - The entries of a DLTI map --------------------------===//

#include "MapReader.h"
#include "memwall/Target/NearestName.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <cmath>

using namespace memwall;
using namespace mlir;

StringRef memwall::getKeyText(DataLayoutEntryInterface entry) {
  auto text = llvm::dyn_cast_if_present<StringAttr>(entry.getKey());
  return text ? text.getValue() : "";
}

LogicalResult MapReader::checkKeys(ArrayRef<StringRef> known) const {
  for (DataLayoutEntryInterface entry : entries) {
    StringRef key = getKeyText(entry);
    if (key.empty())
      return fail("expects keys that are strings");
    if (!llvm::is_contained(known, key))
      return fail("unknown key '" + key + "'" + suggestName(key, known));
  }
  return success();
}

Attribute MapReader::find(StringRef key) const {
  for (DataLayoutEntryInterface entry : entries)
    if (getKeyText(entry) == key)
      return entry.getValue();
  return {};
}

LogicalResult MapReader::require(StringRef key) const {
  return find(key) ? success() : fail("missing key '" + key + "'");
}

LogicalResult MapReader::readText(StringRef key, std::string &text) const {
  Attribute value = find(key);
  if (!value)
    return success();
  auto string = dyn_cast<StringAttr>(value);
  if (!string)
    return failKind(key, "a string", value);
  text = string.str();
  return success();
}

/// An integer, or a float that is a whole number, if it fits.
static std::optional<int64_t> getWholeNumber(Attribute value) {
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    llvm::APInt bits = integer.getValue();
    bool isUnsigned = integer.getType().isUnsignedInteger();
    if (isUnsigned ? !bits.isIntN(63) : !bits.isSignedIntN(64))
      return std::nullopt;
    return isUnsigned ? bits.getZExtValue() : bits.getSExtValue();
  }
  if (auto number = dyn_cast<FloatAttr>(value)) {
    double whole = number.getValueAsDouble();
    if (std::abs(whole) < 0x1p63 && whole == std::trunc(whole))
      return static_cast<int64_t>(whole);
  }
  return std::nullopt;
}

LogicalResult MapReader::readInteger(StringRef key, int64_t &number) const {
  Attribute value = find(key);
  if (!value)
    return success();
  std::optional<int64_t> whole = getWholeNumber(value);
  if (!whole)
    return failKind(key, "a whole number", value);
  number = *whole;
  return success();
}

LogicalResult MapReader::readRate(StringRef key,
                                  std::optional<double> &rate) const {
  Attribute value = find(key);
  if (!value)
    return success();
  if (auto number = dyn_cast<FloatAttr>(value))
    rate = number.getValueAsDouble();
  else if (std::optional<int64_t> whole = getWholeNumber(value))
    rate = static_cast<double>(*whole);
  else
    return failKind(key, "a number", value);
  return success();
}

LogicalResult MapReader::readBool(StringRef key, bool &value) const {
  Attribute found = find(key);
  if (!found)
    return success();
  auto boolean = dyn_cast<BoolAttr>(found);
  if (!boolean)
    return failKind(key, "true or false", found);
  value = boolean.getValue();
  return success();
}

FailureOr<Entries> MapReader::readMap(StringRef key) const {
  Attribute value = find(key);
  if (!value)
    return Entries();
  auto map = dyn_cast<MapAttr>(value);
  if (!map)
    return failKind(key, "a #dlti.map", value);
  return map.getEntries();
}
