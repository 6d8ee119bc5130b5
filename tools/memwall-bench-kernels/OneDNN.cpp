//===- OneDNN.cpp - Primitives of oneDNN, on one thread -------------------===//

#include "Layer.h"
#include <cmath>
#ifdef MEMWALL_HAS_DNNL
#include <oneapi/dnnl/dnnl.hpp>
#endif

using namespace memwall;

#ifdef MEMWALL_HAS_DNNL
using namespace dnnl;
using Dims = memory::dims;

static engine &getEngine() {
  static engine cpu(engine::kind::cpu, 0);
  return cpu;
}
static stream &getStream() {
  static stream inOrder(getEngine());
  return inOrder;
}
static memory::desc describe(const Dims &shape, const std::string &element) {
  Dims strides(shape.size(), 1);
  for (size_t i = shape.size() - 1; i-- > 0;)
    strides[i] = strides[i + 1] * shape[i + 1];
  auto type = element == "bf16"  ? memory::data_type::bf16
              : element == "i8"  ? memory::data_type::s8
              : element == "i32" ? memory::data_type::s32
                                 : memory::data_type::f32;
  return memory::desc(shape, type, strides);
}

namespace {
/// A primitive with what it works on.
struct Step {
  primitive run;
  std::unordered_map<int, memory> arguments;
  std::string kernel;
};
} // namespace

/// A product, and what becomes of its result while it is in registers: its
/// `activation`, or its sum or product with `other`.
static Step makeMatmul(memory left, memory right, memory out,
                       algorithm after = algorithm::undef, memory other = {}) {
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, out}};
  post_ops fused;
  if (other) {
    fused.append_binary(after, other.get_desc());
    arguments[DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1] = other;
  } else if (after != algorithm::undef) {
    fused.append_eltwise(1, after, 1, 0);
  }
  primitive_attr attributes;
  attributes.set_post_ops(fused);
  matmul::primitive_desc description(
      matmul::desc(left.get_desc(), right.get_desc(), out.get_desc()),
      attributes, getEngine());
  return {matmul(description), arguments, description.impl_info_str()};
}
static Step makeSoftmax(memory in, memory out) {
  softmax_v2_forward::primitive_desc description(
      softmax_v2_forward::desc(
          prop_kind::forward_inference, algorithm::softmax_accurate,
          in.get_desc(), out.get_desc(), int(in.get_desc().dims().size()) - 1),
      getEngine());
  return {softmax_v2_forward(description),
          {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}},
          description.impl_info_str()};
}

static std::vector<Rival> makeRival(std::vector<Step> steps, memory out) {
  std::string kernels;
  for (const Step &step : steps)
    if (kernels.find(step.kernel) == std::string::npos)
      kernels += (kernels.empty() ? "" : ", ") + step.kernel;
  bool isFloat = out.get_desc().data_type() == memory::data_type::f32;
  auto *result = static_cast<const float *>(out.get_data_handle());
  auto run = [steps, out]() mutable {
    for (Step &step : steps)
      step.run.execute(getStream(), step.arguments);
    getStream().wait();
  };
  return {{"oneDNN", kernels, run, isFloat ? result : nullptr}};
}

static memory wrap(const Tensor &tensor, const Dims &shape) {
  return memory(describe(shape, tensor.element), getEngine(), tensor.data());
}

std::vector<Rival> memwall::getOneDNN(const Shape &s, const Tensor &left,
                                      const Tensor &right) {
  Dims batch = s.batch > 1 ? Dims{s.batch} : Dims{};
  auto shape = [&](int64_t rows, int64_t columns) {
    Dims dims = batch;
    dims.insert(dims.end(), {rows, columns});
    return dims;
  };
  memory out(describe(shape(s.m, s.n), left.element == "i8" ? "i32" : "f32"),
             getEngine());
  try {
    return makeRival({makeMatmul(wrap(left, shape(s.m, s.k)),
                                 wrap(right, shape(s.k, s.n)), out)},
                     out);
  } catch (const dnnl::error &) {
    return {}; // No such kernel.
  }
}

std::vector<Rival> memwall::getOneDNNSoftmax(const Tensor &in) {
  memory from = wrap(in, in.shape), to(from.get_desc(), getEngine());
  return makeRival({makeSoftmax(from, to)}, to);
}

std::vector<Rival> memwall::getOneDNNLayerNorm(const Tensor &in,
                                               float epsilon) {
  memory from = wrap(in, in.shape), to(from.get_desc(), getEngine());
  layer_normalization_forward::primitive_desc description(
      layer_normalization_forward::desc(prop_kind::forward_inference,
                                        from.get_desc(), epsilon,
                                        normalization_flags::none),
      getEngine());
  return makeRival({{layer_normalization_forward(description),
                     {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}},
                     description.impl_info_str()}},
                   to);
}

std::vector<Rival> memwall::getOneDNNTranspose(const Tensor &in) {
  Dims shape{in.shape[1], in.shape[0]};
  memory::desc turned(shape, memory::data_type::f32, Dims{1, in.shape[1]});
  memory from(turned, getEngine(), in.data());
  memory to(describe(shape, "f32"), getEngine());
  reorder::primitive_desc description(from, to);
  return makeRival({{reorder(description),
                     {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}},
                     description.impl_info_str()}},
                   to);
}

std::vector<Rival> memwall::getOneDNNAttention(const Tensor &q, const Tensor &k,
                                               const Tensor &v) {
  int64_t rows = q.shape[0], depth = q.shape[1], keys = k.shape[0];
  memory::desc turned({depth, keys}, memory::data_type::f32, Dims{1, depth});
  memory scores(describe({rows, keys}, "f32"), getEngine());
  memory weights(describe({rows, keys}, "f32"), getEngine());
  memory out(describe({rows, depth}, "f32"), getEngine());
  return makeRival({makeMatmul(wrap(q, q.shape),
                               memory(turned, getEngine(), k.data()), scores),
                    makeSoftmax(scores, weights),
                    makeMatmul(weights, wrap(v, v.shape), out)},
                   out);
}

namespace {
/// Primitives and loops, one after another.
struct Steps {
  std::vector<std::function<void()>> all;
  std::string kernels;

  void add(Step step) {
    if (kernels.find(step.kernel) == std::string::npos)
      kernels += (kernels.empty() ? "" : ", ") + step.kernel;
    all.push_back([step]() mutable {
      step.run.execute(getStream(), step.arguments);
      getStream().wait();
    });
  }
};
} // namespace

std::vector<Rival> memwall::getOneDNNLayer(const Layer &l,
                                           const LayerTensors &tensors) {
  Steps steps;
  auto make = [&](const Dims &shape, const std::string &element) {
    return memory(describe(shape, element), getEngine());
  };
  /// The last two dimensions the other way round, as they lie.
  auto turned = [](memory of) {
    memory::desc from = of.get_desc();
    int rank = int(from.dims().size());
    std::vector<int> order{0, 1, 2};
    order.resize(rank);
    std::swap(order[rank - 1], order[rank - 2]);
    return memory(from.permute_axes(order), getEngine(), of.get_data_handle());
  };
  auto argument = [&](const std::string &name) {
    const Tensor &tensor = tensors.at(name);
    return wrap(tensor, tensor.shape);
  };
  auto project = [&](memory in, const std::string &name,
                     algorithm after = algorithm::undef, memory other = {}) {
    memory weight = argument(name + ".weight");
    memory out = make({l.tokens, weight.get_desc().dims()[0]}, l.element);
    steps.add(makeMatmul(in, turned(weight), out, after, other));
    return out;
  };
  auto norm = [&](memory in, const std::string &name) {
    memory weight = argument(name + ".weight");
    memory out = make({l.tokens, l.hidden}, l.element);
    steps.all.push_back([=] {
      normRows(in.get_data_handle(), weight.get_data_handle(),
               out.get_data_handle(), l.tokens, l.hidden, l.element);
    });
    return out;
  };
  memory cosines = argument("rope_cos"), sines = argument("rope_sin");
  auto turn = [&](memory in, memory out, int64_t heads, int64_t pitch,
                  bool turns, float scale) {
    steps.all.push_back([=] {
      Turn turn{l.tokens,
                heads,
                l.depth,
                pitch - l.tokens,
                pitch,
                turns ? cosines.get_data_handle() : nullptr,
                turns ? sines.get_data_handle() : nullptr,
                scale};
      turnHeads(in.get_data_handle(), out.get_data_handle(), turn, l.element);
    });
  };
  bool decodes = l.tokens < l.context;
  Dims cache{l.kvHeads, l.context, l.depth};
  int64_t rows = l.heads / l.kvHeads * l.tokens;
  auto getCache = [&](const std::string &name) {
    return decodes ? wrap(tensors.at(name), cache) : make(cache, l.element);
  };
  try {
    memory x = argument("hidden");
    memory normed = norm(x, "attn_norm");
    memory queries = make({l.kvHeads, rows, l.depth}, l.element);
    memory keys = getCache("k_cache"), values = getCache("v_cache");
    turn(project(normed, "q_proj"), queries, l.heads, l.tokens, true,
         1 / std::sqrt(float(l.depth)));
    turn(project(normed, "k_proj"), keys, l.kvHeads, l.context, true, 1);
    turn(project(normed, "v_proj"), values, l.kvHeads, l.context, false, 1);
    memory scores = make({l.kvHeads, rows, l.context}, "f32");
    steps.add(makeMatmul(queries, turned(keys), scores));
    if (!decodes)
      steps.all.push_back([=] {
        maskRows(static_cast<float *>(scores.get_data_handle()),
                 l.kvHeads * rows, l.tokens, l.context);
      });
    memory weights =
        l.element == "f32" ? scores : make(scores.get_desc().dims(), l.element);
    steps.add(makeSoftmax(scores, weights));
    memory heads = make(queries.get_desc().dims(), l.element);
    steps.add(makeMatmul(weights, values, heads));
    memory joined = make({l.tokens, l.heads * l.depth}, l.element);
    if (decodes)
      joined.set_data_handle(heads.get_data_handle());
    else
      steps.all.push_back([=] {
        joinHeads(heads.get_data_handle(), joined.get_data_handle(), l.tokens,
                  l.heads, l.depth * (l.element == "bf16" ? 2 : 4));
      });
    memory y = project(joined, "o_proj", algorithm::binary_add, x);
    memory normedY = norm(y, "ffn_norm");
    memory gate = project(normedY, "gate_proj", algorithm::eltwise_swish);
    memory inner = project(normedY, "up_proj", algorithm::binary_mul, gate);
    memory out = project(inner, "down_proj", algorithm::binary_add, y);
    auto run = [steps, heads, out] {
      for (const std::function<void()> &step : steps.all)
        step();
    };
    return {{"oneDNN", steps.kernels, run,
             static_cast<const float *>(out.get_data_handle())}};
  } catch (const dnnl::error &) {
    return {}; // No such kernel.
  }
}

std::string memwall::describeOneDNN() {
  const dnnl_version_t *version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." +
         std::to_string(version->minor) + "." + std::to_string(version->patch);
}
#else
std::vector<Rival> memwall::getOneDNN(const Shape &, const Tensor &,
                                      const Tensor &) {
  return {};
}
std::vector<Rival> memwall::getOneDNNSoftmax(const Tensor &) { return {}; }
std::vector<Rival> memwall::getOneDNNLayerNorm(const Tensor &, float) {
  return {};
}
std::vector<Rival> memwall::getOneDNNTranspose(const Tensor &) { return {}; }
std::vector<Rival> memwall::getOneDNNAttention(const Tensor &, const Tensor &,
                                               const Tensor &) {
  return {};
}
std::vector<Rival> memwall::getOneDNNLayer(const Layer &,
                                           const LayerTensors &) {
  return {};
}
std::string memwall::describeOneDNN() { return "not built in"; }
#endif
