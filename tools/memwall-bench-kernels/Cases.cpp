//===- Cases.cpp - Programs to time ---------------------------------------===//

#include "Attention.h"
#include "Layer.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace memwall;
using Visit = llvm::function_ref<void(Case &)>;

/// The products of a file of shapes (name, batch, m, n, k, note); some of the
/// same kind where there is none.
/// The products of a table, or some of models, odd ones and extremes.
static std::vector<Shape> listShapes(llvm::StringRef table) {
  if (table.empty())
    return {{"cube", 1, 1024, 1024, 1024},   {"ffn_up", 1, 512, 3072, 768},
            {"ffn_down", 1, 512, 768, 3072}, {"proj", 1, 512, 768, 768},
            {"rows_64", 1, 64, 4096, 4096},  {"rows_8", 1, 8, 4096, 4096},
            {"prime", 1, 509, 1021, 769},    {"ragged", 1, 333, 777, 555},
            {"small", 1, 128, 128, 128},     {"tall", 1, 65536, 64, 64}};
  std::vector<Shape> shapes;
  llvm::SmallVector<llvm::StringRef> lines;
  table.split(lines, '\n');
  for (llvm::StringRef line : llvm::ArrayRef(lines).drop_front()) {
    llvm::SmallVector<llvm::StringRef> cells;
    line.split(cells, ',');
    Shape shape;
    if (cells.size() < 5 || cells[1].getAsInteger(10, shape.batch) ||
        cells[2].getAsInteger(10, shape.m) ||
        cells[3].getAsInteger(10, shape.n) ||
        cells[4].getAsInteger(10, shape.k))
      continue;
    shape.name = cells[0].str();
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

static std::string writeType(const std::vector<int64_t> &shape,
                             const std::string &element) {
  return Tensor{shape, element, {}}.type();
}

std::string memwall::writeProduct(const std::string &op, const Case &c,
                                  const std::string &result) {
  std::string type = writeType(c.resultShape, result);
  return llvm::formatv(
             R"(func.func @f(%a: {0}, %b: {1}) -> {2} {{
  %z = arith.constant {3} : {4}
  %e = tensor.empty() : {2}
  %c = linalg.fill ins(%z : {4}) outs(%e : {2}) -> {2}
  %r = {5} ins(%a, %b : {0}, {1}) outs(%c : {2}) -> {2}
  return %r : {2}
})",
             c.arguments[0].type(), c.arguments[1].type(), type,
             result == "i32" ? "0" : "0.0", result, op)
      .str();
}

Rival memwall::makeStream(const Tensor &tensor, int64_t times) {
  auto *from = static_cast<const uint64_t *>(tensor.data());
  int64_t words = tensor.bytes() / 8;
  auto sink = std::make_shared<uint64_t>(0);
  return {"stream", "", [=] {
            uint64_t sums[8] = {};
            for (int64_t time = 0; time < times; ++time)
              for (int64_t i = 0; i + 64 <= words; i += 64)
                for (int64_t j = 0; j < 64; ++j)
                  sums[j % 8] += from[i + j];
            for (uint64_t sum : sums)
              *sink += sum;
          }};
}

static void visitProduct(const Shape &s, const std::string &element,
                         const std::string &table, Visit visit) {
  Case c;
  c.table = table;
  c.name = llvm::formatv("{0} {1}{2}x{3}x{4}", s.name,
                         s.batch > 1 ? std::to_string(s.batch) + "x" : "", s.m,
                         s.n, s.k);
  bool isBatched = s.batch > 1;
  auto shape = [&](int64_t rows, int64_t columns) {
    return isBatched ? std::vector<int64_t>{s.batch, rows, columns}
                     : std::vector<int64_t>{rows, columns};
  };
  c.arguments.push_back(Tensor::makeRandom(shape(s.m, s.k), element, 1));
  c.arguments.push_back(Tensor::makeRandom(shape(s.k, s.n), element, 2));
  c.resultShape = shape(s.m, s.n);
  c.text = writeProduct(isBatched ? "linalg.batch_matmul" : "linalg.matmul", c,
                        element == "i8" ? "i32" : "f32");
  c.operations =
      2.0 * double(s.batch) * double(s.m) * double(s.n) * double(s.k);
  if (element != "i8")
    c.rivals = getOpenBLAS(s, c.arguments[0], c.arguments[1], false);
  for (Rival &rival : getOneDNN(s, c.arguments[0], c.arguments[1]))
    c.rivals.push_back(std::move(rival));
  visit(c);
}

/// Rows of weights, as decoding reads them, times a vector.
static void visitVector(int64_t rows, int64_t depth, const std::string &element,
                        Visit visit) {
  Case c;
  c.table = "A matrix times a vector";
  c.name = llvm::formatv("{0} {1}x{2}", element, rows, depth);
  c.arguments.push_back(Tensor::makeRandom({rows, depth}, element, 1));
  c.arguments.push_back(Tensor::makeRandom({depth}, element, 2));
  c.resultShape = {rows};
  c.text = writeProduct("linalg.matvec", c, element == "i8" ? "i32" : "f32");
  c.operations = 2.0 * double(rows) * double(depth);
  Shape s{"", 1, rows, 1, depth};
  if (element == "f32")
    c.rivals = getOpenBLAS(s, c.arguments[0], c.arguments[1], true);
  for (Rival &rival : getOneDNN(s, c.arguments[0], c.arguments[1]))
    c.rivals.push_back(std::move(rival));
  c.rivals.push_back(makeStream(c.arguments[0]));
  visit(c);
}

/// The same with weights of 4 bits, 128 of which share a scale, in the form of
/// memwall-gen.
static void visitScaled(int64_t rows, int64_t depth, Visit visit) {
  Case c;
  c.table = "A matrix times a vector";
  c.name = llvm::formatv("i4 {0}x{1}", rows, depth);
  int64_t groups = depth / 128;
  c.arguments.push_back(Tensor::makeRandom({groups, 128}, "bf16", 1));
  c.arguments.push_back(Tensor::makeRandom({rows, depth}, "i4", 2));
  c.arguments.push_back(Tensor::makeRandom({rows, groups}, "bf16", 3));
  c.resultShape = {rows};
  c.text = llvm::formatv(
      R"(func.func @f(%x: {0}, %w: {1}, %s: {2}) -> {3} {{
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : {3}
  %c = linalg.fill ins(%z : f32) outs(%e : {3}) -> {3}
  %g = tensor.expand_shape %w [[0], [1, 2]] output_shape [{5}, {6}, 128] : {1} into {4}
  %r = linalg.generic {{indexing_maps = [affine_map<(n, g, k) -> (g, k)>, affine_map<(n, g, k) -> (n, g, k)>,
                                         affine_map<(n, g, k) -> (n, g)>, affine_map<(n, g, k) -> (n)>],
                        iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x, %g, %s : {0}, {4}, {2}) outs(%c : {3}) {{
  ^bb0(%a: bf16, %b: i4, %d: bf16, %o: f32):
    %ax = arith.extf %a : bf16 to f32
    %dx = arith.extf %d : bf16 to f32
    %bx = arith.sitofp %b : i4 to f32
    %bs = arith.mulf %bx, %dx : f32
    %p = arith.mulf %ax, %bs : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> {3}
  return %r : {3}
})",
      c.arguments[0].type(), c.arguments[1].type(), c.arguments[2].type(),
      writeType(c.resultShape, "f32"), writeType({rows, groups, 128}, "i4"),
      rows, groups);
  c.operations = 2.0 * double(rows) * double(depth);
  c.rivals.push_back(makeStream(c.arguments[1]));
  visit(c);
}

static const char *const softmaxText = R"(
func.func @f(%a: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %e = tensor.empty() : tensor<2048x2048xf32>
  %r = linalg.softmax dimension(1) ins(%a : tensor<2048x2048xf32>) outs(%e : tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
  return %r : tensor<2048x2048xf32>
})";

static const char *const transposeText = R"(
func.func @f(%a: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %e = tensor.empty() : tensor<2048x2048xf32>
  %r = linalg.transpose ins(%a : tensor<2048x2048xf32>) outs(%e : tensor<2048x2048xf32>) permutation = [1, 0]
  return %r : tensor<2048x2048xf32>
})";

static const char *const rmsNormText = R"(
func.func @f(%a: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %z = arith.constant 0.0 : f32
  %n = arith.constant 4.8828125e-04 : f32
  %eps = arith.constant 1.0e-05 : f32
  %es = tensor.empty() : tensor<2048xf32>
  %s = linalg.fill ins(%z : f32) outs(%es : tensor<2048xf32>) -> tensor<2048xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<2048x2048xf32>) outs(%s : tensor<2048xf32>) {
  ^bb0(%x: f32, %o: f32):
    %p = arith.mulf %x, %x : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<2048xf32>
  %e = tensor.empty() : tensor<2048x2048xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %q : tensor<2048x2048xf32>, tensor<2048xf32>) outs(%e : tensor<2048x2048xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %m = arith.mulf %y, %n : f32
    %w = arith.addf %m, %eps : f32
    %v = math.rsqrt %w : f32
    %t = arith.mulf %x, %v : f32
    linalg.yield %t : f32
  } -> tensor<2048x2048xf32>
  return %r : tensor<2048x2048xf32>
})";

static const char *const layerNormText = R"(
#row = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>
func.func @f(%a: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %z = arith.constant 0.0 : f32
  %n = arith.constant 4.8828125e-04 : f32
  %eps = arith.constant 1.0e-05 : f32
  %es = tensor.empty() : tensor<2048xf32>
  %s = linalg.fill ins(%z : f32) outs(%es : tensor<2048xf32>) -> tensor<2048xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<2048x2048xf32>) outs(%s : tensor<2048xf32>) {
  ^bb0(%x: f32, %o: f32):
    %t = arith.addf %o, %x : f32
    linalg.yield %t : f32
  } -> tensor<2048xf32>
  %squares = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a, %sum : tensor<2048x2048xf32>, tensor<2048xf32>) outs(%s : tensor<2048xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %m = arith.mulf %y, %n : f32
    %d = arith.subf %x, %m : f32
    %p = arith.mulf %d, %d : f32
    %t = arith.addf %o, %p : f32
    linalg.yield %t : f32
  } -> tensor<2048xf32>
  %e = tensor.empty() : tensor<2048x2048xf32>
  %r = linalg.generic {indexing_maps = [#all, #row, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%a, %sum, %squares : tensor<2048x2048xf32>, tensor<2048xf32>, tensor<2048xf32>) outs(%e : tensor<2048x2048xf32>) {
  ^bb0(%x: f32, %y: f32, %q: f32, %o: f32):
    %m = arith.mulf %y, %n : f32
    %d = arith.subf %x, %m : f32
    %v = arith.mulf %q, %n : f32
    %w = arith.addf %v, %eps : f32
    %u = math.rsqrt %w : f32
    %t = arith.mulf %d, %u : f32
    linalg.yield %t : f32
  } -> tensor<2048x2048xf32>
  return %r : tensor<2048x2048xf32>
})";

static const char *const attentionText = R"(
func.func @f(%q: tensor<2048x64xf32>, %k: tensor<2048x64xf32>, %v: tensor<2048x64xf32>) -> tensor<2048x64xf32> {
  %z = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<2048x2048xf32>
  %cs = linalg.fill ins(%z : f32) outs(%es : tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
  %s = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%q, %k : tensor<2048x64xf32>, tensor<2048x64xf32>) outs(%cs : tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
  %p = linalg.softmax dimension(1) ins(%s : tensor<2048x2048xf32>) outs(%es : tensor<2048x2048xf32>) -> tensor<2048x2048xf32>
  %eo = tensor.empty() : tensor<2048x64xf32>
  %co = linalg.fill ins(%z : f32) outs(%eo : tensor<2048x64xf32>) -> tensor<2048x64xf32>
  %r = linalg.matmul ins(%p, %v : tensor<2048x2048xf32>, tensor<2048x64xf32>) outs(%co : tensor<2048x64xf32>) -> tensor<2048x64xf32>
  return %r : tensor<2048x64xf32>
})";

static void visitOthers(Visit visit) {
  auto begin = [](const char *name, const char *text,
                  std::vector<int64_t> shape, unsigned arguments,
                  std::vector<int64_t> result) {
    Case c;
    c.table = "Other ops, f32";
    c.name = name;
    c.text = text;
    for (unsigned i = 0; i < arguments; ++i)
      c.arguments.push_back(Tensor::makeRandom(shape, "f32", i));
    c.resultShape = std::move(result);
    return c;
  };
  Case softmax =
      begin("softmax 2048x2048", softmaxText, {2048, 2048}, 1, {2048, 2048});
  softmax.rivals = getOneDNNSoftmax(softmax.arguments[0]);
  visit(softmax);
  Case norm =
      begin("RMS norm 2048x2048", rmsNormText, {2048, 2048}, 1, {2048, 2048});
  norm.rivals.push_back(makeStream(norm.arguments[0], /*times=*/2));
  visit(norm);
  Case layerNorm = begin("layer norm 2048x2048", layerNormText, {2048, 2048}, 1,
                         {2048, 2048});
  layerNorm.rivals = getOneDNNLayerNorm(layerNorm.arguments[0], 1e-5f);
  layerNorm.rivals.push_back(makeStream(layerNorm.arguments[0], /*times=*/2));
  visit(layerNorm);
  Case transpose = begin("transpose 2048x2048", transposeText, {2048, 2048}, 1,
                         {2048, 2048});
  transpose.rivals = getOneDNNTranspose(transpose.arguments[0]);
  visit(transpose);
  Case attention =
      begin("attention 2048x2048x64", attentionText, {2048, 64}, 3, {2048, 64});
  attention.operations = 4.0 * 2048 * 2048 * 64;
  attention.rivals = getOneDNNAttention(
      attention.arguments[0], attention.arguments[1], attention.arguments[2]);
  visit(attention);
}

void memwall::forEachCase(llvm::StringRef table, double mostOperations,
                          Visit visit) {
  std::vector<Shape> shapes = listShapes(table);
  for (const char *element : {"f32", "bf16", "i8"})
    for (const Shape &s : shapes) {
      double operations =
          2.0 * double(s.batch) * double(s.m) * double(s.n) * double(s.k);
      if (operations <= mostOperations && s.m > 1)
        visitProduct(
            s, element,
            llvm::formatv("Products, {0} with {1} sums", element,
                          llvm::StringRef(element) == "i8" ? "i32" : "f32"),
            visit);
    }
  for (const char *element : {"f32", "bf16", "i8"})
    visitVector(4096, 4096, element, visit);
  visitScaled(4096, 4096, visit);
  visitProduct({"heads", 16, 256, 256, 64}, "f32", "Batched products, f32",
               visit);
  visitProduct({"heads", 16, 256, 64, 256}, "f32", "Batched products, f32",
               visit);
  visitOthers(visit);
  forEachAttention(visit);
  forEachLayer(visit);
}
