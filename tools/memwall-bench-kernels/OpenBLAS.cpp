//===- OpenBLAS.cpp - Products of OpenBLAS, on one thread -----------------===//

#include "Cases.h"
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
std::string memwall::describeOpenBLAS() { return openblas_get_config(); }
#else
std::vector<Rival> memwall::getOpenBLAS(const Shape &, const Tensor &,
                                        const Tensor &, bool) {
  return {};
}
std::string memwall::describeOpenBLAS() { return "not built in"; }
#endif
