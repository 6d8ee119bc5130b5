//===- ElementType.cpp - Bits and names of element types ------------------===//

#include "memwall/Work/ElementType.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace memwall {

std::optional<int64_t> getElementBits(Type type) {
  if (isa<FloatTF32Type>(type))
    return 32;
  if (type.isIntOrFloat())
    return type.getIntOrFloatBitWidth();
  if (isa<IndexType>(type))
    return 64;
  if (auto complex = dyn_cast<ComplexType>(type)) {
    std::optional<int64_t> part = getElementBits(complex.getElementType());
    return part ? llvm::checkedMul<int64_t>(*part, 2) : std::nullopt;
  }
  if (auto quantized = dyn_cast<quant::QuantizedType>(type))
    return quantized.getStorageTypeIntegralWidth();
  auto vector = dyn_cast<VectorType>(type);
  if (!vector || vector.isScalable())
    return std::nullopt;
  std::optional<int64_t> bits = getElementBits(vector.getElementType());
  for (int64_t lanes : vector.getShape())
    bits = bits ? llvm::checkedMul<int64_t>(*bits, lanes) : std::nullopt;
  return bits;
}

std::string getElementTypeName(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return getElementTypeName(vector.getElementType());
  if (auto quantized = dyn_cast<quant::QuantizedType>(type))
    return getElementTypeName(quantized.getStorageType());
  if (auto complex = dyn_cast<ComplexType>(type))
    return "complex<" + getElementTypeName(complex.getElementType()) + ">";
  if (auto integer = dyn_cast<IntegerType>(type))
    return "i" + std::to_string(integer.getWidth());
  // The many small float formats run at the rate of their width.
  if (isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 8)
    return "f" + std::to_string(type.getIntOrFloatBitWidth());
  // Printing a type is slow, and these are most of all types.
  if (type.isF32())
    return "f32";
  if (type.isBF16())
    return "bf16";
  if (type.isF16())
    return "f16";
  if (type.isF64())
    return "f64";
  if (type.isIndex())
    return "index";
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return name;
}

int64_t getElementBits(llvm::StringRef name) {
  bool isComplex = name.consume_front("complex<") && name.consume_back(">");
  int64_t bits = 32;
  if (name == "index")
    bits = 64;
  else if (name != "tf32")
    name.drop_while(llvm::isAlpha).getAsInteger(10, bits);
  return bits > 0 && bits <= 1 << 20 ? bits * (isComplex ? 2 : 1) : 32;
}

} // namespace memwall
