//===- Rotate.cpp - Rotary position embedding -----------------------------===//

#include "Emitter.h"

using namespace mlir;
using namespace memwall;

static Value turnLow(ScalarBuilder &s, ValueRange x) {
  return s.sub(s.mul(x[0], x[2]), s.mul(x[1], x[3]));
}

static Value turnHigh(ScalarBuilder &s, ValueRange x) {
  return s.add(s.mul(x[1], x[2]), s.mul(x[0], x[3]));
}

/// The same by the opposite angle.
static Value turnLowBack(ScalarBuilder &s, ValueRange x) {
  return s.add(s.mul(x[0], x[2]), s.mul(x[1], x[3]));
}

static Value turnHighBack(ScalarBuilder &s, ValueRange x) {
  return s.sub(s.mul(x[1], x[2]), s.mul(x[0], x[3]));
}

Value Emitter::rotate(Lettered input, Lettered cosines, Lettered sines,
                      bool isBack) {
  auto *newLow = isBack ? turnLowBack : turnLow;
  auto *newHigh = isBack ? turnHighBack : turnHigh;
  // 1. Halves, as views.
  SmallVector<int64_t> shape(getShape(input.value));
  SmallVector<int64_t> half = shape, begin(shape.size(), 0), middle = begin;
  half.back() /= 2;
  middle.back() = half.back();
  Lettered low = {slice(input.value, begin, half), input.letters};
  Lettered high = {slice(input.value, middle, half), input.letters};
  Type type = getElementType(input.value);

  // 2. One op per half, side by side or in its place of the result.
  SmallVector<Lettered, 4> inputs = {low, high, cosines, sines};
  if (style == Style::TorchLike)
    return concat({map(input.letters, inputs, type, newLow),
                   map(input.letters, inputs, type, newHigh)},
                  shape.size() - 1);
  Value result = empty(shape, type);
  auto fillHalf = [&](ArrayRef<int64_t> offsets, ElementBody body) {
    Value turned =
        map(input.letters, inputs, type, body, slice(result, offsets, half));
    result = insert(turned, result, offsets, half);
  };
  fillHalf(begin, newLow);
  fillHalf(middle, newHigh);
  return result;
}
