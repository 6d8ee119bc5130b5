//===- WeightFormat.cpp - How matrices are stored -------------------------===//

#include "WeightFormat.h"
#include "LayerBuilder.h"

using namespace mlir;
using namespace memwall;

static Type getScaleType(MLIRContext *context, const WorkloadOptions &options) {
  switch (options.scales) {
  case ScaleKind::F8:
    return Float8E4M3FNType::get(context);
  case ScaleKind::E8M0:
    return Float8E8M0FNUType::get(context);
  case ScaleKind::Activations:
    break;
  }
  return ElementTypes(context, options).scale;
}

WeightFormat::WeightFormat(MLIRContext *context, ElementKind kind,
                           const WorkloadOptions &options) {
  auto integer = [&](unsigned bits) { return IntegerType::get(context, bits); };
  Type f16 = Float16Type::get(context);
  Type f4 = Float4E2M1FNType::get(context);
  switch (kind) {
  case ElementKind::F32:
  case ElementKind::BF16:
  case ElementKind::F16:
  case ElementKind::F8:
    element = ElementTypes::get(context, kind);
    return;
  case ElementKind::I8:
  case ElementKind::I4:
  case ElementKind::F4:
    element = ElementTypes::get(context, kind);
    parts = {{".scales", getScaleType(context, options), options.groupSize}};
    return;
  case ElementKind::NVFP4:
    element = f4;
    parts = {{".scales", Float8E4M3FNType::get(context), 16}};
    return;
  case ElementKind::MXFP4:
    element = f4;
    parts = {{".scales", Float8E8M0FNUType::get(context), 32}};
    return;
  case ElementKind::Q4_0:
    element = integer(4);
    parts = {{".scales", f16, 32}};
    return;
  case ElementKind::Q5_0:
    element = integer(5);
    parts = {{".scales", f16, 32}};
    return;
  case ElementKind::Q5_1:
    element = integer(5);
    isUnsigned = hasMinimum = true;
    parts = {{".scales", f16, 32}, {".minima", f16, 32}};
    return;
  case ElementKind::Q8_0:
    element = integer(8);
    parts = {{".scales", f16, 32}};
    return;
  case ElementKind::Q4_K:
  case ElementKind::Q5_K:
    element = integer(kind == ElementKind::Q4_K ? 4 : 5);
    isUnsigned = true;
    parts = {{".scales", integer(6), 32},
             {".minima", integer(6), 32},
             {".super_scales", f16, 256},
             {".super_minima", f16, 256}};
    return;
  case ElementKind::Q6_K:
    element = integer(6);
    parts = {{".scales", integer(8), 16}, {".super_scales", f16, 256}};
    return;
  case ElementKind::Q4_K_M:
    llvm_unreachable("a mixture has no format of its own");
  }
}

Value WeightFormat::widen(ScalarBuilder &s, Value stored,
                          ValueRange shared) const {
  auto toFloat = [&](Value value) {
    return isUnsigned ? s.toFloatUnsigned(value) : s.toFloat(value);
  };
  Value number = toFloat(stored);
  switch (shared.size()) {
  case 1:
    return s.mul(number, s.toFloat(shared[0]));
  case 2:
    if (hasMinimum)
      return s.add(s.mul(number, s.toFloat(shared[0])), s.toFloat(shared[1]));
    return s.mul(number, s.mul(toFloat(shared[0]), shared[1]));
  case 4: {
    Value scale = s.mul(toFloat(shared[0]), shared[2]);
    Value minimum = s.mul(toFloat(shared[1]), shared[3]);
    return s.sub(s.mul(number, scale), minimum);
  }
  }
  return number;
}

/// Letters from the coarsest group to the number in the finest: 'u', 'g',
/// inner.
InputGroups::InputGroups(const WeightFormat &format, int64_t in, char inner) {
  int64_t finest = in, coarsest = in;
  for (const WeightFormat::Part &part : format.parts) {
    finest = std::min(finest, part.getGroup(in));
    coarsest = part.getGroup(in);
  }
  if (finest == coarsest) {
    letters = {'g', inner};
    sizes = {in / finest, finest};
  } else {
    letters = {'u', 'g', inner};
    sizes = {in / coarsest, coarsest / finest, finest};
  }
  for (const WeightFormat::Part &part : format.parts)
    partRank.push_back(part.getGroup(in) == finest ? sizes.size() - 1 : 1);
}

Lettered InputGroups::split(Emitter &emitter, Lettered tensor,
                            std::string &storage) const {
  SmallVector<int64_t> shape(Emitter::getShape(tensor.value).drop_back());
  shape.append(sizes);
  storage = tensor.letters.drop_back().str() + letters;
  return {emitter.reshape(tensor.value, shape), storage};
}

Lettered InputGroups::splitPart(Emitter &emitter, size_t index, Value part,
                                StringRef front, std::string &storage) const {
  SmallVector<int64_t> shape(Emitter::getShape(part).drop_back());
  shape.append(sizes.begin(), sizes.begin() + partRank[index]);
  storage = front.str() + letters.substr(0, partRank[index]);
  return {emitter.reshape(part, shape), storage};
}
