//===- KernelBodies.h - The loops, for any vector extension -----*- C++ -*-===//
//
// Included once by every Kernels<Extension>.cpp, inside of its own unnamed
// namespace by way of `static`: the same names are compiled for different
// extensions.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_CALIBRATE_KERNELBODIES_H
#define MEMWALL_TOOLS_CALIBRATE_KERNELBODIES_H

#include "Kernels.h"

namespace {

/// A register of `bytes` that holds elements of type T.
template <typename T, int bytes>
using Vector __attribute__((vector_size(bytes))) = T;

/// Makes the compiler believe that a value is used.
template <typename V>
void use(const V &value) {
  asm volatile("" : : "m"(value) : "memory");
}

/// Sums that do not wait for one another: enough for two loads in a cycle.
constexpr int sumsOfReads = 8;

template <int bytes>
void readAll(const char *from, size_t size) {
  using V = Vector<long long, bytes>;
  const V *begin = reinterpret_cast<const V *>(from);
  const V *end = reinterpret_cast<const V *>(from + size);
  V sums[sumsOfReads] = {};
  for (const V *at = begin; at != end; at += sumsOfReads)
    for (int i = 0; i < sumsOfReads; ++i)
      sums[i] ^= at[i];
  for (const V &sum : sums)
    use(sum);
}

template <int bytes>
void writeAll(char *to, size_t size) {
  using V = Vector<long long, bytes>;
  V *begin = reinterpret_cast<V *>(to);
  V *end = reinterpret_cast<V *>(to + size);
  V value = {};
  asm volatile("" : "+m"(value)); // Or the loop becomes a call of memset.
  for (V *at = begin; at != end; at += sumsOfReads)
    for (int i = 0; i < sumsOfReads; ++i)
      at[i] = value;
  asm volatile("" : : : "memory");
}

template <int bytes>
void copyAll(char *to, const char *from, size_t size) {
  using V = Vector<long long, bytes>;
  V *at = reinterpret_cast<V *>(to);
  const V *begin = reinterpret_cast<const V *>(from);
  const V *end = reinterpret_cast<const V *>(from + size);
  for (; begin != end; begin += sumsOfReads, at += sumsOfReads) {
    for (int i = 0; i < sumsOfReads; ++i)
      at[i] = begin[i];
    asm volatile("" : : : "memory"); // Or the loop becomes a call of memcpy.
  }
}

/// `sums` multiply-adds that do not wait for one another, again and again.
/// Compiled with contraction to fused instructions where there are any.
template <typename T, int bytes, int sums>
void multiplyAdd(int64_t rounds) {
  using V = Vector<T, bytes>;
  V values[sums];
  for (int i = 0; i < sums; ++i)
    values[i] = V{} + T(i);
  V factor = V{} + T(1), addend = V{} + T(1);
  asm volatile("" : "+m"(factor), "+m"(addend));
  for (int64_t round = 0; round < rounds; ++round)
#pragma clang loop unroll(full)
    for (int i = 0; i < sums; ++i)
      values[i] = values[i] * factor + addend;
  for (const V &value : values)
    use(value);
}

template <typename T, int bytes, int sums>
memwall::ArithmeticKernel makeMultiplyAdd(const char *elementType,
                                          const char *instruction) {
  return {elementType, instruction, 2.0 * sums * bytes / sizeof(T),
          multiplyAdd<T, bytes, sums>};
}

void addIntegers(int64_t rounds) {
  constexpr int sums = 12;
  size_t values[sums] = {};
  for (int64_t round = 0; round < rounds; ++round)
#pragma clang loop unroll(full)
    for (int i = 0; i < sums; ++i) {
      values[i] += i;
      asm volatile("" : "+r"(values[i]));
    }
  use(values);
}

template <int bytes>
void readRuns(const char *from, size_t pages, size_t runBytes) {
  using V = Vector<long long, bytes>;
  constexpr size_t pageBytes = memwall::Kernels::pageBytes;
  V sums[4] = {};
  for (size_t run = 0; run < pageBytes; run += runBytes)
    for (size_t page = 0; page < pages; ++page) {
      const V *at = reinterpret_cast<const V *>(from + page * pageBytes + run);
      const V *end = at + runBytes / bytes;
      for (; at != end; at += 4)
        for (int i = 0; i < 4; ++i)
          sums[i] ^= at[i];
    }
  for (const V &sum : sums)
    use(sum);
}

template <int bytes>
void readGroups(const char *from, size_t count, size_t pages, size_t runBytes) {
  using V = Vector<long long, bytes>;
  constexpr size_t pageBytes = memwall::Kernels::pageBytes;
  V sums[4] = {};
  for (size_t group = 0; group + pages <= count; group += pages)
    for (size_t run = 0; run < pageBytes; run += runBytes)
      for (size_t page = 0; page < pages; ++page) {
        // Runs at one place in all pages would compete for a few sets of a
        // cache.
        size_t place = (run + page * runBytes) % pageBytes;
        const V *at = reinterpret_cast<const V *>(
            from + (group + page) * pageBytes + place);
        const V *end = at + runBytes / bytes;
        for (; at != end; at += 4)
          for (int i = 0; i < 4; ++i)
            sums[i] ^= at[i];
      }
  for (const V &sum : sums)
    use(sum);
}

template <int bytes>
memwall::Kernels makeKernels(const char *extension, int64_t registers) {
  return {extension,
          8 * bytes,
          registers,
          readAll<bytes>,
          writeAll<bytes>,
          copyAll<bytes>,
          {},
          {"", "additions of integers", 12, addIntegers},
          readRuns<bytes>,
          readGroups<bytes>};
}

} // namespace

#endif // MEMWALL_TOOLS_CALIBRATE_KERNELBODIES_H
