//===- Audio.cpp - Sound as tokens ----------------------------------------===//
//
// Whisper (arXiv 2212.04356, section 2.2): two convolutions of three taps with
// GELU, the second of stride 2, and fixed positions.
//
//===----------------------------------------------------------------------===//

#include "ModelBuilder.h"

using namespace mlir;
using namespace memwall;

/// y[b, t, o] = sum over j, c of w[o, c, j] x[b, stride t + j - 1, c], with
/// zeros around x. Rows are read as [row / stride, row % stride], so that each
/// tap is a view and the sum one contraction per tap.
Value ModelBuilder::convolveSound(LayerBuilder &parts, FunctionBuilder &entry,
                                  StringRef name, Value x, int64_t channels,
                                  int64_t stride) {
  Emitter &emitter = parts.getEmitter();
  Type type = parts.getTypes().activation;
  Type sumType = parts.getTypes().accumulator;
  SmallVector<int64_t> shape(Emitter::getShape(x));
  int64_t batch = shape[0], in = shape[2], rows = shape[1] / stride;
  emitter.setStep(name);
  std::string prefix = ("encoder." + name).str();
  Value weight = entry.addArgument(prefix + ".weight", role::weight,
                                   {3, channels, in}, type);
  Value bias =
      entry.addArgument(prefix + ".bias", role::weight, {channels}, type);
  // 1. Zeros around, and whole strides.
  int64_t padded = (rows + 2) * stride;
  x = emitter.insert(x, emitter.zeros({batch, padded, in}, type), {0, 1, 0},
                     shape);
  x = emitter.reshape(x, {batch, rows + 2, stride, in});
  // 2. One product per tap.
  SmallVector<Lettered> products;
  for (int64_t tap = 0; tap < 3; ++tap) {
    Value taken = emitter.slice(x, {0, tap / stride, tap % stride, 0},
                                {batch, rows, 1, in});
    taken = emitter.reshape(taken, {batch, rows, in});
    Value matrix = emitter.slice(weight, {tap, 0, 0}, {1, channels, in});
    products.push_back(
        {emitter.contract({taken, "btk"},
                          {emitter.reshape(matrix, {channels, in}), "ok"},
                          "bto", sumType),
         "bto"});
  }
  products.push_back({bias, "o"});
  Value sum =
      emitter.map("bto", products, type, [](ScalarBuilder &s, ValueRange in) {
        return s.add(s.add(s.add(in[0], in[1]), in[2]), in[3]);
      });
  Value flat = emitter.reshape(sum, {batch * rows, channels});
  flat = parts.activate({flat}, {}, Activation::GeluErf);
  return emitter.reshape(flat, {batch, rows, channels});
}

Value ModelBuilder::embedSound(LayerBuilder &parts, FunctionBuilder &entry,
                               const Span &span) {
  Emitter &emitter = parts.getEmitter();
  Type type = parts.getTypes().activation;
  Value x =
      entry.addArgument("spectrogram", role::activation,
                        {span.batch, 2 * span.tokens, local.audio.bins}, type);
  x = convolveSound(parts, entry, "conv1", x, local.hidden, 1);
  x = convolveSound(parts, entry, "conv2", x, local.hidden, 2);
  emitter.setStep("embedding");
  Value table =
      entry.addArgument("encoder.position_embedding.weight", role::weight,
                        {local.audio.positions, local.hidden}, type);
  Value rows = emitter.slice(table, {0, 0}, {span.tokens, local.hidden});
  x = emitter.map(
      "btd", {{x, "btd"}, {rows, "td"}}, type,
      [](ScalarBuilder &s, ValueRange in) { return s.add(in[0], in[1]); });
  return emitter.reshape(x, {span.rows(), local.hidden});
}
