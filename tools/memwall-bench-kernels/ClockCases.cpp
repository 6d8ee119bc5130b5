//===- ClockCases.cpp - Ops of many kinds to schedule in many ways --------===//

#include "Clock.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>

using namespace memwall;

namespace {

/// Visits programs of sizes that are divided by `shrink`.
class Programs {
public:
  Programs(int64_t shrink, llvm::function_ref<void(Case &)> visit)
      : shrink(shrink), visit(visit) {}

  void visitAll() {
    product("square, f32", 1, 768, 768, 768, "f32", "f32");
    product("few rows, f32", 1, 64, 2048, 2048, "f32", "f32");
    product("tall, f32", 1, 32768, 64, 64, "f32", "f32");
    product("deep, f32", 1, 128, 128, 16384, "f32", "f32");
    product("ragged, f32", 1, 333, 777, 555, "f32", "f32");
    product("square, bf16", 1, 768, 768, 768, "bf16", "f32");
    product("batched, f32", 16, 256, 256, 64, "f32", "f32");
    vectorProduct("matrix and vector, f32", "f32", "f32");
    vectorProduct("matrix and vector, i8", "i8", "i32");
    oneInput("transpose", {4096, 4096}, {4096, 4096}, R"(
  %r = linalg.transpose ins(%a : {0}) outs(%e : {1}) permutation = [1, 0])");
    oneInput("sums of columns", {4096, 4096}, {4096}, R"(
  %z = arith.constant 0.0 : f32
  %s = linalg.fill ins(%z : f32) outs(%e : {1}) -> {1}
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}
      ins(%a : {0}) outs(%s : {1}) {{
  ^bb0(%x: f32, %o: f32):
    %t = arith.addf %o, %x : f32
    linalg.yield %t : f32
  } -> {1})");
    oneInput("a matrix plus its transpose", {2048, 2048}, {2048, 2048}, R"(
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %a : {0}, {0}) outs(%e : {1}) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %t = arith.addf %x, %y : f32
    linalg.yield %t : f32
  } -> {1})");
    oneInput("elementwise", {4096, 4096}, {4096, 4096}, R"(
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : {0}) outs(%e : {1}) {{
  ^bb0(%x: f32, %o: f32):
    %t = math.exp %x : f32
    linalg.yield %t : f32
  } -> {1})");
    oneInput("softmax", {2048, 1024}, {2048, 1024}, R"(
  %r = linalg.softmax dimension(1) ins(%a : {0}) outs(%e : {1}) -> {1})");
    rowNorm();
    attention();
  }

private:
  int64_t shrink;
  llvm::function_ref<void(Case &)> visit;

  /// Vectors have a few elements at least.
  int64_t size(int64_t full) const {
    return full <= 64 ? full : std::max<int64_t>(full / shrink, 48);
  }

  static std::string type(const std::vector<int64_t> &shape,
                          const std::string &element) {
    return Tensor{shape, element, {}}.type();
  }

  void product(const std::string &name, int64_t batch, int64_t m, int64_t n,
               int64_t k, const std::string &element,
               const std::string &result) {
    m = size(m), n = size(n), k = size(k);
    Case c;
    std::vector<int64_t> front;
    if (batch > 1)
      front.push_back(batch);
    auto shape = [&](int64_t rows, int64_t columns) {
      std::vector<int64_t> all = front;
      all.insert(all.end(), {rows, columns});
      return all;
    };
    c.name =
        llvm::formatv("product {0}: {1}{2}x{3}x{4}", name,
                      batch > 1 ? std::to_string(batch) + "x" : "", m, n, k);
    c.arguments = {Tensor::makeRandom(shape(m, k), element, 1),
                   Tensor::makeRandom(shape(k, n), element, 2)};
    c.resultShape = shape(m, n);
    c.text = writeProduct(batch > 1 ? "linalg.batch_matmul" : "linalg.matmul",
                          c, result);
    visit(c);
  }

  void vectorProduct(const std::string &name, const std::string &element,
                     const std::string &result) {
    Case c;
    int64_t rows = size(4096);
    c.name = llvm::formatv("{0}: {1}x{1}", name, rows);
    c.arguments = {Tensor::makeRandom({rows, rows}, element, 1),
                   Tensor::makeRandom({rows}, element, 2)};
    c.resultShape = {rows};
    c.resultElement = result;
    c.text = writeProduct("linalg.matvec", c, result);
    visit(c);
  }

  /// `body` makes %r of %a and an empty %e; {0} and {1} are their types.
  void oneInput(const std::string &name, std::vector<int64_t> in,
                std::vector<int64_t> out, const char *body) {
    for (std::vector<int64_t> *shape : {&in, &out})
      for (int64_t &extent : *shape)
        extent = size(extent);
    Case c;
    c.name = llvm::formatv("{0}: {1}x{2}", name, in[0], in[1]);
    c.arguments = {Tensor::makeRandom(in, "f32", 1)};
    c.resultShape = out;
    std::string text = "func.func @f(%a: {0}) -> {1} {{\n"
                       "  %e = tensor.empty() : {1}" +
                       std::string(body) + "\n  return %r : {1}\n}";
    c.text = llvm::formatv(text.c_str(), type(in, "f32"), type(out, "f32"));
    visit(c);
  }

  void rowNorm() {
    oneInput(
        "RMS norm", {2048, 2048}, {2048, 2048},
        llvm::formatv(rowNormText, size(2048), 1.0 / size(2048)).str().c_str());
  }
  // {0} is the number of rows, {1} one over the length of one; {{0} and {{1}
  // are left for `oneInput`.
  static constexpr const char *rowNormText = R"(
  %z = arith.constant 0.0 : f32
  %n = arith.constant {1} : f32
  %eps = arith.constant 1.0e-05 : f32
  %es = tensor.empty() : tensor<{0}xf32>
  %s = linalg.fill ins(%z : f32) outs(%es : tensor<{0}xf32>) -> tensor<{0}xf32>
  %q = linalg.generic {{{{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : {{0}) outs(%s : tensor<{0}xf32>) {{{{
  ^bb0(%x: f32, %o: f32):
    %p = arith.mulf %x, %x : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<{0}xf32>
  %r = linalg.generic {{{{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %q : {{0}, tensor<{0}xf32>) outs(%e : {{1}) {{{{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %m = arith.mulf %y, %n : f32
    %w = arith.addf %m, %eps : f32
    %v = math.rsqrt %w : f32
    %t = arith.mulf %x, %v : f32
    linalg.yield %t : f32
  } -> {{1})";

  void attention() {
    int64_t rows = size(1024), depth = 64;
    Case c;
    c.name = llvm::formatv("attention: {0}x{0}x{1}", rows, depth);
    for (uint64_t seed : {1, 2, 3})
      c.arguments.push_back(Tensor::makeRandom({rows, depth}, "f32", seed));
    c.resultShape = {rows, depth};
    c.text =
        llvm::formatv(R"(
func.func @f(%q: {0}, %k: {0}, %v: {0}) -> {0} {{
  %z = arith.constant 0.0 : f32
  %es = tensor.empty() : {1}
  %cs = linalg.fill ins(%z : f32) outs(%es : {1}) -> {1}
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%q, %k : {0}, {0}) outs(%cs : {1}) -> {1}
  %p = linalg.softmax dimension(1) ins(%s : {1}) outs(%es : {1}) -> {1}
  %eo = tensor.empty() : {0}
  %co = linalg.fill ins(%z : f32) outs(%eo : {0}) -> {0}
  %r = linalg.matmul ins(%p, %v : {1}, {0}) outs(%co : {0}) -> {0}
  return %r : {0}
})",
                      type({rows, depth}, "f32"), type({rows, rows}, "f32"));
    visit(c);
  }
};

} // namespace

void memwall::forEachClockCase(int64_t shrink,
                               llvm::function_ref<void(Case &)> visit) {
  Programs(shrink, visit).visitAll();
}
