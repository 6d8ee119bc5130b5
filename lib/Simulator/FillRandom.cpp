//===- FillRandom.cpp - Random tensors in milliseconds --------------------===//
//
// Number i of a tensor is a hash of its seed and i, cut to as many bits as the
// element type needs. Narrow elements are looked up in a table, because
// conversion by APFloat costs 200 ns an element: 8 s for 40 million.
//
//===----------------------------------------------------------------------===//

#include "memwall/Simulator/HostTensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

using namespace mlir;
using namespace memwall;

/// The finalizer of splitmix64 (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", 2014).
static uint64_t hash(uint64_t seed, uint64_t index) {
  uint64_t x = seed + (index + 1) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// Calls set(i, bits) for every element with 64 / `perHash` random bits.
template <unsigned perHash, typename Function>
static void forEachRandom(int64_t elements, uint64_t seed, Function set) {
  constexpr unsigned bits = 64 / perHash;
  int64_t i = 0;
  for (; i + perHash <= elements; i += perHash) {
    uint64_t random = hash(seed, i / perHash);
    for (unsigned j = 0; j < perHash; ++j)
      set(i + j, random << (64 - bits * (j + 1)) >> (64 - bits));
  }
  uint64_t random = hash(seed, i / perHash);
  for (; i < elements; ++i, random >>= bits % 64)
    set(i, random << (64 - bits) >> (64 - bits));
}

/// Floats of one or two bytes: 4096 numbers that are evenly spaced in [-1, 1)
/// are converted, and every element is one of them.
template <typename Word>
static void fillFromTable(HostTensor &tensor, uint64_t seed) {
  constexpr unsigned tableBits = 12;
  HostTensor table =
      *HostTensor::create(tensor.elementType, {int64_t(1) << tableBits});
  for (int64_t i = 0, e = table.elements(); i < e; ++i)
    table.setNumber(i, 2.0 * i / e - 1);
  const Word *words = reinterpret_cast<const Word *>(table.bytes.data());
  Word *out = reinterpret_cast<Word *>(tensor.bytes.data());
  forEachRandom<4>(tensor.elements(), seed, [=](int64_t i, uint64_t bits) {
    out[i] = words[bits & ((1u << tableBits) - 1)];
  });
}

static void fillFloats(HostTensor &tensor, uint64_t seed) {
  int64_t elements = tensor.elements();
  if (tensor.elementType.isF32()) {
    auto *out = reinterpret_cast<float *>(tensor.bytes.data());
    return forEachRandom<2>(elements, seed, [=](int64_t i, uint64_t bits) {
      out[i] = (int32_t(bits) >> 8) * 0x1p-23f;
    });
  }
  if (!isa<ComplexType>(tensor.elementType) && tensor.elementBytes() == 1)
    return fillFromTable<uint8_t>(tensor, seed);
  if (!isa<ComplexType>(tensor.elementType) && tensor.elementBytes() == 2)
    return fillFromTable<uint16_t>(tensor, seed);
  // 2^-63 maps to [-1, 1).
  forEachRandom<1>(elements, seed, [&](int64_t i, uint64_t bits) {
    tensor.setNumber(i, std::ldexp(static_cast<int64_t>(bits), -63));
  });
}

/// 0 ... end-1 in random order.
static std::vector<int64_t> buildPermutation(int64_t end, uint64_t seed) {
  std::vector<int64_t> permutation(end);
  std::iota(permutation.begin(), permutation.end(), 0);
  std::mt19937_64 random(seed);
  std::shuffle(permutation.begin(), permutation.end(), random);
  return permutation;
}

/// The low bits of `number`, as many as the type has.
template <typename Word>
static void fillIntegers(HostTensor &tensor, uint64_t seed, uint64_t end) {
  unsigned width = isa<IndexType>(tensor.elementType)
                       ? 64
                       : tensor.elementType.getIntOrFloatBitWidth();
  uint64_t mask = llvm::maskTrailingOnes<uint64_t>(width);
  Word *out = reinterpret_cast<Word *>(tensor.bytes.data());
  if (end <= UINT32_MAX) // Scaled: no slow remainder.
    return forEachRandom<2>(
        tensor.elements(), seed,
        [=](int64_t i, uint64_t bits) { out[i] = (bits * end >> 32) & mask; });
  forEachRandom<1>(tensor.elements(), seed, [=](int64_t i, uint64_t bits) {
    out[i] = (bits % end) & mask;
  });
}

void memwall::fillRandom(HostTensor &tensor, uint64_t seed,
                         const IntegerRange &range) {
  Type type = tensor.elementType;
  bool isComplex = isa<ComplexType>(type);
  if (isa<FloatType>(getElementTypeOrSelf(type)) || isComplex) {
    if (!isComplex || isa<FloatType>(cast<ComplexType>(type).getElementType()))
      return fillFloats(tensor, seed);
  } else if (!range.distinct) {
    switch (tensor.elementBytes()) {
    case 1:
      return fillIntegers<uint8_t>(tensor, seed, range.end);
    case 2:
      return fillIntegers<uint16_t>(tensor, seed, range.end);
    case 4:
      return fillIntegers<uint32_t>(tensor, seed, range.end);
    case 8:
      return fillIntegers<uint64_t>(tensor, seed, range.end);
    }
  }
  std::vector<int64_t> permutation;
  if (range.distinct)
    permutation = buildPermutation(range.end, seed);
  forEachRandom<1>(tensor.elements(), seed, [&](int64_t i, uint64_t bits) {
    tensor.setNumber(i, range.distinct ? permutation[i % range.end]
                                       : int64_t(bits % range.end));
  });
}
