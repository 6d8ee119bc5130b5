//===- OneDNN.cpp - Primitives of oneDNN, on one thread -------------------===//

#include "Cases.h"
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

static Step makeMatmul(memory left, memory right, memory out) {
  matmul::primitive_desc description(
      matmul::desc(left.get_desc(), right.get_desc(), out.get_desc()),
      getEngine());
  return {
      matmul(description),
      {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, out}},
      description.impl_info_str()};
}
static Step makeSoftmax(memory in, memory out) {
  softmax_forward::primitive_desc description(
      softmax_forward::desc(prop_kind::forward_inference, in.get_desc(),
                            int(in.get_desc().dims().size()) - 1),
      getEngine());
  return {softmax_forward(description),
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
std::vector<Rival> memwall::getOneDNNTranspose(const Tensor &) { return {}; }
std::vector<Rival> memwall::getOneDNNAttention(const Tensor &, const Tensor &,
                                               const Tensor &) {
  return {};
}
std::string memwall::describeOneDNN() { return "not built in"; }
#endif
