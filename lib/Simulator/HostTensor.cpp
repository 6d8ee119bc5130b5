//===- HostTensor.cpp - A tensor in the memory of this process ------------===//

#include "memwall/Simulator/HostTensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <unistd.h>

using namespace mlir;
using namespace memwall;

std::optional<int64_t> memwall::getHostBytes(Type type) {
  if (isa<IndexType>(type))
    return 8;
  if (auto complex = dyn_cast<ComplexType>(type)) {
    std::optional<int64_t> part = getHostBytes(complex.getElementType());
    return part ? std::optional(*part * 2) : std::nullopt;
  }
  if (!type.isIntOrFloat())
    return std::nullopt;
  return llvm::PowerOf2Ceil(llvm::divideCeil(type.getIntOrFloatBitWidth(), 8));
}

double memwall::getMachineBytes() {
  return double(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

std::optional<HostTensor> HostTensor::create(Type elementType,
                                             ArrayRef<int64_t> shape) {
  std::optional<int64_t> bytes = getHostBytes(elementType);
  if (!bytes || ShapedType::isDynamicShape(shape))
    return std::nullopt;
  HostTensor tensor{elementType, llvm::to_vector<4>(shape), {}};
  tensor.bytes.resize(tensor.elements() * *bytes);
  return tensor;
}

int64_t HostTensor::elements() const {
  return ShapedType::getNumElements(shape);
}

int64_t HostTensor::elementBytes() const { return *getHostBytes(elementType); }

/// The bits of a number in a type; the inverse of decode.
static APInt encode(Type type, double number) {
  auto floating = dyn_cast<FloatType>(type);
  if (!floating) {
    unsigned width = isa<IndexType>(type) ? 64 : type.getIntOrFloatBitWidth();
    return APInt(64, static_cast<int64_t>(number), /*isSigned=*/true)
        .sextOrTrunc(width);
  }
  llvm::APFloat value(number);
  bool losesInfo;
  value.convert(floating.getFloatSemantics(),
                llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.bitcastToAPInt();
}

static double decode(Type type, const APInt &bits) {
  auto floating = dyn_cast<FloatType>(type);
  if (!floating)
    return type.isUnsignedInteger() || bits.getBitWidth() == 1
               ? bits.getZExtValue()
               : bits.getSExtValue();
  llvm::APFloat value(floating.getFloatSemantics(), bits);
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

/// The type of the number that `setNumber` sets: the real part of a complex.
static Type getNumberType(Type type) {
  auto complex = dyn_cast<ComplexType>(type);
  return complex ? complex.getElementType() : type;
}

static unsigned getBitWidth(Type type) {
  return isa<IndexType>(type) ? 64 : type.getIntOrFloatBitWidth();
}

double HostTensor::getNumber(int64_t index) const {
  Type type = getNumberType(elementType);
  const char *at = &bytes[index * elementBytes()];
  if (type.isF32()) {
    float value;
    std::memcpy(&value, at, sizeof(value));
    return value;
  }
  unsigned width = getBitWidth(type);
  uint64_t words[2] = {};
  std::memcpy(words, at, llvm::divideCeil(width, 8));
  return decode(type, APInt(width <= 64 ? 64 : 128, words).trunc(width));
}

void HostTensor::setNumber(int64_t index, double number) {
  Type type = getNumberType(elementType);
  char *at = &bytes[index * elementBytes()];
  if (type.isF32()) {
    float value = number;
    std::memcpy(at, &value, sizeof(value));
    return;
  }
  APInt bits = encode(type, number).zextOrTrunc(128);
  std::memcpy(at, bits.getRawData(), llvm::divideCeil(getBitWidth(type), 8));
}

bool memwall::fillFrom(HostTensor &tensor, ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != tensor.bytes.size())
      return false;
    llvm::copy(blob->getData(), tensor.bytes.begin());
    return true;
  }
  int64_t index = 0;
  Type type = getNumberType(tensor.elementType);
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    if (!dense.isSplat() && dense.getRawData().size() == tensor.bytes.size()) {
      llvm::copy(dense.getRawData(), tensor.bytes.begin());
      return true;
    }
    if (isa<ComplexType>(tensor.elementType))
      return false;
  }
  if (isa<FloatType>(type)) {
    auto values = value.tryGetValues<APFloat>();
    if (!values)
      return false;
    for (APFloat element : *values)
      tensor.setNumber(index++, decode(type, element.bitcastToAPInt()));
    return true;
  }
  auto values = value.tryGetValues<APInt>();
  if (!values)
    return false;
  for (const APInt &element : *values)
    tensor.setNumber(index++, element.getSExtValue());
  return true;
}
