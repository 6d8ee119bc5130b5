//===- ActionExpert.cpp - A robot's actions, all of a chunk at once -------===//
//
// pi0 (arXiv 2410.24164): one decode step takes actions that are noise in part
// and says in which direction the true ones are. The robot's state is the first
// new token of a sequence, the actions are the others; the state sees the
// prompt and itself, the actions see everything.
//
//===----------------------------------------------------------------------===//

#include "ModelBuilder.h"

using namespace mlir;
using namespace memwall;

/// A linear layer with a bias, stored as activations are: these are small, and
/// their inputs are no whole blocks of formats.
Value ModelBuilder::projectActions(LayerBuilder &parts, Value x, StringRef name,
                                   int64_t in, int64_t out) {
  Emitter &emitter = parts.getEmitter();
  emitter.setStep(name);
  Value product = parts.multiply(
      x, parts.getMatrix(name, {out, in}, getTableFormat(options.activations)));
  Value bias = parts.getBias(name, out, /*exists=*/true);
  return emitter.map(
      "to", {{product, "to"}, {bias, "o"}}, parts.getTypes().activation,
      [](ScalarBuilder &s, ValueRange in) { return s.add(in[0], in[1]); });
}

/// States [b, dimension] and actions [b * horizon, dimension] as the rows of
/// the stack. Sines and cosines of the share of noise are an argument.
Value ModelBuilder::embedActions(LayerBuilder &parts, FunctionBuilder &entry,
                                 const Span &span) {
  Emitter &emitter = parts.getEmitter();
  Type type = parts.getTypes().activation;
  int64_t width = local.hidden, dimension = local.actions.dimension;
  int64_t horizon = local.actions.horizon, rows = span.batch * horizon;

  // 1. One token of the state.
  Value state = entry.addArgument("state", role::activation,
                                  {span.batch, dimension}, type);
  state = projectActions(parts, state, "state_proj", dimension, width);

  // 2. The actions, each with the time beside it, through two layers.
  Value actions = entry.addArgument("noisy_actions", role::activation,
                                    {rows, dimension}, type);
  actions = projectActions(parts, actions, "action_in_proj", dimension, width);
  Value time = entry.addArgument("time_embedding", role::table, {width}, type);
  emitter.setStep("action_time");
  Value times =
      emitter.mapShape("to", {rows, width}, {{time, "o"}}, type,
                       [](ScalarBuilder &, ValueRange in) { return in[0]; });
  Value x = emitter.concat({actions, times}, 1);
  x = projectActions(parts, x, "action_time_mlp_in", 2 * width, width);
  x = emitter.map(
      "to", Lettered{x, "to"}, type,
      [](ScalarBuilder &s, ValueRange in) { return silu(s, in[0]); });
  x = projectActions(parts, x, "action_time_mlp_out", width, width);

  // 3. Behind the state.
  emitter.setStep("embedding");
  state = emitter.reshape(state, {span.batch, 1, width});
  x = emitter.reshape(x, {span.batch, horizon, width});
  return emitter.reshape(emitter.concat({state, x}, 1), {span.rows(), width});
}

/// [b * horizon, dimension]: what the rows of the actions say.
void ModelBuilder::addVelocity(LayerBuilder &parts, FunctionBuilder &entry,
                               const Span &span, Value x) {
  Emitter &emitter = parts.getEmitter();
  int64_t width = local.hidden, horizon = local.actions.horizon;
  x = parts.norm(x, "action_final_norm");
  x = emitter.reshape(x, {span.batch, span.tokens, width});
  x = emitter.slice(x, {0, 1, 0}, {span.batch, horizon, width});
  x = emitter.reshape(x, {span.batch * horizon, width});
  x = projectActions(parts, x, "action_out_proj", width,
                     local.actions.dimension);
  entry.addFirstResult(x, "velocity", role::activation);
}

void ModelBuilder::runActionExpert(FunctionBuilder &entry) {
  Span span = getSpan(Stack::Decoder);
  LayerBuilder parts(entry, options, local, span);
  Value x = embedActions(parts, entry, span);
  x = callLayers(entry, Stack::Decoder, local.layers, x, {});
  addVelocity(parts, entry, span, x);
}
