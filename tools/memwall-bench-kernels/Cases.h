//===- Cases.h - Programs to time, and who else computes them ---*- C++ -*-===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_CASES_H
#define MEMWALL_TOOLS_BENCHKERNELS_CASES_H

#include "Kernel.h"
#include <functional>

namespace memwall {

/// Batches of row-major matrices: out[m, n] += left[m, k] * right[k, n].
struct Shape {
  std::string name;
  int64_t batch = 1, m = 1, n = 1, k = 1;
};

/// What a library does instead.
struct Rival {
  std::string library; ///< "OpenBLAS", "oneDNN", "stream".
  std::string kernel;  ///< What the library chose.
  std::function<void()> run;
  const void *result = nullptr; ///< To compare with; null: not to compare.
};

/// A row of a table.
struct Case {
  std::string table, name;
  std::string text; ///< Of a module with a function @f.
  std::vector<Tensor> arguments;
  std::vector<int64_t> resultShape;
  std::string resultElement = "f32";
  double operations = 0;
  std::vector<Rival> rivals;
};

/// All cases, one after another: tensors of one are gone when the next comes.
/// `table` has products as lines of "name,batch,m,n,k" below a head; without it
/// there is a list. Products of more than `mostOperations` are left out.
void forEachCase(llvm::StringRef table, double mostOperations,
                 llvm::function_ref<void(Case &)> visit);

/// A function that starts `op` of the two arguments of `c` from zeros of type
/// `result`.
std::string writeProduct(const std::string &op, const Case &c,
                         const std::string &result);

/// Who reads all of `tensor` once and does nothing else.
Rival makeStream(const Tensor &tensor, int64_t times = 1);

// The libraries; all of them return nothing where a library is not built in.
// Results go to memory of their own.
std::vector<Rival> getOpenBLAS(const Shape &shape, const Tensor &left,
                               const Tensor &right, bool isVector);
std::vector<Rival> getOneDNN(const Shape &shape, const Tensor &left,
                             const Tensor &right);
std::vector<Rival> getOneDNNSoftmax(const Tensor &in);
std::vector<Rival> getOneDNNLayerNorm(const Tensor &in, float epsilon);
std::vector<Rival> getOneDNNTranspose(const Tensor &in);
std::vector<Rival> getOneDNNAttention(const Tensor &q, const Tensor &k,
                                      const Tensor &v);
std::string describeOpenBLAS();
std::string describeOneDNN();

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_CASES_H
