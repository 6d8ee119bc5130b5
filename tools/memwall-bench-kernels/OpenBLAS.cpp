//===- OpenBLAS.cpp - Products of OpenBLAS, on one thread -----------------===//

#include "Attention.h"
#include <array>
#include <cmath>
#ifdef MEMWALL_HAS_OPENBLAS
#include <cblas.h>
#endif

using namespace memwall;

#ifdef MEMWALL_HAS_OPENBLAS
std::vector<Rival> memwall::getOpenBLAS(const Shape &s, const Tensor &left,
                                        const Tensor &right, bool isVector) {
  openblas_set_num_threads(1);
  auto a = std::make_shared<Tensor>(left), b = std::make_shared<Tensor>(right);
  // Its tuned kernels are those of f32: bf16 runs against these.
  for (auto *operand : {&a, &b})
    if ((*operand)->element != "f32")
      *operand = std::make_shared<Tensor>(
          Tensor::makeRandom((*operand)->shape, "f32", 1));
  auto out = std::make_shared<std::vector<float>>(s.batch * s.m * s.n);
  auto run = [=] {
    auto *x = static_cast<const float *>(a->data());
    auto *y = static_cast<const float *>(b->data());
    for (int64_t i = 0; i < s.batch; ++i)
      if (isVector)
        cblas_sgemv(CblasRowMajor, CblasNoTrans, s.m, s.k, 1, x, s.k, y, 1, 0,
                    out->data(), 1);
      else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, s.m, s.n, s.k, 1,
                    x + i * s.m * s.k, s.k, y + i * s.k * s.n, s.n, 0,
                    out->data() + i * s.m * s.n, s.n);
  };
  return {{"OpenBLAS", openblas_get_corename(), run,
           left.element == "f32" ? out->data() : nullptr}};
}
std::vector<Rival> memwall::getOpenBLASAttention(const Attention &shape,
                                                 const Tensor &q,
                                                 const Tensor &k,
                                                 const Tensor &v) {
  openblas_set_num_threads(1);
  std::array<Tensor, 3> in{q, k, v};
  for (Tensor &operand : in)
    if (operand.element != "f32")
      operand = Tensor::makeRandom(operand.shape, "f32", 1);
  int64_t rows = shape.rows, keys = shape.keys, depth = shape.depth;
  // One query of each head of a group makes one product of few rows of them.
  int64_t together = rows == 1 ? shape.group : 1;
  auto scores = std::make_shared<std::vector<float>>(together * rows * keys);
  auto out = std::make_shared<std::vector<float>>(q.elements());
  float scale = 1 / std::sqrt(float(depth));
  auto run = [=] {
    auto get = [&](unsigned i) {
      return static_cast<const float *>(in[i].data());
    };
    int64_t m = together * rows;
    for (int64_t i = 0; i < shape.heads * shape.group / together; ++i) {
      int64_t cache = i / (shape.group / together) * keys * depth;
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, keys, depth,
                  scale, get(0) + i * m * depth, depth, get(1) + cache, depth,
                  0, scores->data(), keys);
      for (int64_t row = 0; row < m; ++row)
        softmaxRow(scores->data() + row * keys, shape.getFirstKey(row),
                   shape.getEndKey(row), keys);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, depth, keys, 1,
                  scores->data(), keys, get(2) + cache, depth, 0,
                  out->data() + i * m * depth, depth);
    }
  };
  return {{"OpenBLAS", openblas_get_corename(), run,
           q.element == "f32" ? out->data() : nullptr}};
}
std::string memwall::describeOpenBLAS() { return openblas_get_config(); }
#else
std::vector<Rival> memwall::getOpenBLAS(const Shape &, const Tensor &,
                                        const Tensor &, bool) {
  return {};
}
std::vector<Rival> memwall::getOpenBLASAttention(const Attention &,
                                                 const Tensor &, const Tensor &,
                                                 const Tensor &) {
  return {};
}
std::string memwall::describeOpenBLAS() { return "not built in"; }
#endif
