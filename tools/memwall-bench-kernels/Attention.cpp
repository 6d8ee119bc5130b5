//===- Attention.cpp - Attention of prefill and of decoding, to time ------===//

#include "Attention.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace memwall;

/// {0} queries, {1} keys and values, {2} scores, {3} rows, {4} result, {5}
/// factor of the scores, {6} what becomes of a score %y, {7} the product of
/// elements %i0 and %i1 as f32 %m, {8} that of weights, {9} element.
static const char *const attentionText = R"(
#q = affine_map<(h, g, n, t, d) -> (h, g, n, d)>
#k = affine_map<(h, g, n, t, d) -> (h, t, d)>
#s = affine_map<(h, g, n, t, d) -> (h, g, n, t)>
#hgnt = affine_map<(h, g, n, t) -> (h, g, n, t)>
#hgn = affine_map<(h, g, n, t) -> (h, g, n)>
#p = affine_map<(h, g, n, d, t) -> (h, g, n, t)>
#v = affine_map<(h, g, n, d, t) -> (h, t, d)>
#o = affine_map<(h, g, n, d, t) -> (h, g, n, d)>
func.func @f(%q: {0}, %k: {1}, %v: {1}) -> {4} {{
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : {2}
  %er = tensor.empty() : {3}
  %eo = tensor.empty() : {4}
  %fs = linalg.fill ins(%zero : f32) outs(%es : {2}) -> {2}
  %s = linalg.generic {{indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : {0}, {1}) outs(%fs : {2}) {{
  ^bb0(%i0: {9}, %i1: {9}, %out: f32):
{7}
    %r = arith.addf %out, %m : f32
    linalg.yield %r : f32
  } -> {2}
  %w = linalg.generic {{indexing_maps = [#hgnt, #hgnt], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%s : {2}) outs(%es : {2}) {{
  ^bb0(%x: f32, %out: f32):
    %scale = arith.constant {5} : f32
    %y = arith.mulf %x, %scale : f32
{6}
  } -> {2}
  %fm = linalg.fill ins(%low : f32) outs(%er : {3}) -> {3}
  %largest = linalg.generic {{indexing_maps = [#hgnt, #hgn], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%w : {2}) outs(%fm : {3}) {{
  ^bb0(%x: f32, %out: f32):
    %r = arith.maximumf %x, %out : f32
    linalg.yield %r : f32
  } -> {3}
  %e = linalg.generic {{indexing_maps = [#hgnt, #hgn, #hgnt], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%w, %largest : {2}, {3}) outs(%es : {2}) {{
  ^bb0(%x: f32, %y: f32, %out: f32):
    %d = arith.subf %x, %y : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> {2}
  %fl = linalg.fill ins(%zero : f32) outs(%er : {3}) -> {3}
  %sum = linalg.generic {{indexing_maps = [#hgnt, #hgn], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%e : {2}) outs(%fl : {3}) {{
  ^bb0(%x: f32, %out: f32):
    %r = arith.addf %x, %out : f32
    linalg.yield %r : f32
  } -> {3}
  %p = linalg.generic {{indexing_maps = [#hgnt, #hgn, #hgnt], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%e, %sum : {2}, {3}) outs(%es : {2}) {{
  ^bb0(%x: f32, %y: f32, %out: f32):
    %r = arith.divf %x, %y : f32
    linalg.yield %r : f32
  } -> {2}
  %fo = linalg.fill ins(%zero : f32) outs(%eo : {4}) -> {4}
  %r = linalg.generic {{indexing_maps = [#p, #v, #o], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%p, %v : {2}, {1}) outs(%fo : {4}) {{
  ^bb0(%i0: f32, %i1: {9}, %out: f32):
{8}
    %r = arith.addf %out, %m : f32
    linalg.yield %r : f32
  } -> {4}
  return %r : {4}
})";

static std::string writeMask(const Attention &shape) {
  if (!shape.causal)
    return "    linalg.yield %y : f32";
  std::string text = R"(    %row = linalg.index 2 : index
    %key = linalg.index 3 : index
    %past = arith.cmpi sge, %row, %key : index
)";
  if (shape.window)
    text += llvm::formatv(R"(    %window = arith.constant {0} : index
    %last = arith.addi %key, %window : index
    %near = arith.cmpi slt, %row, %last : index
    %keep = arith.andi %past, %near : i1
)",
                          shape.window);
  text += llvm::formatv("    %masked = arith.select {0}, %y, %low : f32\n"
                        "    linalg.yield %masked : f32",
                        shape.window ? "%keep" : "%past");
  return text;
}

/// %m = %i0 * %i1 of an f32, or of what is widened to one.
static std::string writeProductOf(bool widensLeft, bool widensRight) {
  std::string text;
  if (widensLeft)
    text += "    %x0 = arith.extf %i0 : bf16 to f32\n";
  if (widensRight)
    text += "    %x1 = arith.extf %i1 : bf16 to f32\n";
  return text + "    %m = arith.mulf " + (widensLeft ? "%x0" : "%i0") + ", " +
         (widensRight ? "%x1" : "%i1") + " : f32";
}

/// Who reads keys and values once and does nothing else.
static Rival makeCacheStream(const Tensor &k, const Tensor &v) {
  Rival first = makeStream(k), second = makeStream(v);
  return {"stream", "", [=] {
            first.run();
            second.run();
          }};
}

static void visitAttention(const Attention &shape, const std::string &element,
                           const std::string &table,
                           llvm::function_ref<void(Case &)> visit) {
  Case c;
  c.table = table;
  c.name = llvm::formatv("{0} {1} {2}x{3} of {4}x{5}x{6}", element, shape.name,
                         shape.heads, shape.group, shape.rows, shape.keys,
                         shape.depth);
  std::vector<int64_t> cache{shape.heads, shape.keys, shape.depth};
  std::vector<int64_t> scores{shape.heads, shape.group, shape.rows, shape.keys};
  std::vector<int64_t> rows{shape.heads, shape.group, shape.rows};
  c.resultShape = {shape.heads, shape.group, shape.rows, shape.depth};
  for (unsigned i = 0; i < 3; ++i)
    c.arguments.push_back(
        Tensor::makeRandom(i == 0 ? c.resultShape : cache, element, i));
  auto type = [](const std::vector<int64_t> &extents) {
    return Tensor{extents, "f32", {}}.type();
  };
  bool widens = element != "f32";
  c.text =
      llvm::formatv(attentionText, c.arguments[0].type(), c.arguments[1].type(),
                    type(scores), type(rows), type(c.resultShape),
                    llvm::format("%.9e", 1 / std::sqrt(double(shape.depth))),
                    writeMask(shape), writeProductOf(widens, widens),
                    writeProductOf(false, widens), element);
  c.operations = 4.0 * double(shape.heads * shape.group) * double(shape.rows) *
                 double(shape.keys) * double(shape.depth);
  c.rivals = getOpenBLASAttention(shape, c.arguments[0], c.arguments[1],
                                  c.arguments[2]);
  if (shape.rows == 1)
    c.rivals.push_back(makeCacheStream(c.arguments[1], c.arguments[2]));
  visit(c);
}

void memwall::forEachAttention(llvm::function_ref<void(Case &)> visit) {
  const Attention prefill[] = {
      {"MHA", 8, 1, 2048, 2048},
      {"MHA causal", 8, 1, 2048, 2048, 64, true},
      {"GQA causal", 2, 4, 2048, 2048, 64, true},
      {"MHA", 1, 1, 8192, 8192},
      {"MHA causal", 1, 1, 8192, 8192, 64, true},
      {"MHA window 1024", 1, 1, 8192, 8192, 64, true, 1024},
      {"GQA causal", 1, 4, 8192, 8192, 64, true}};
  for (const char *element : {"f32", "bf16"})
    for (const Attention &shape : prefill)
      visitAttention(shape, element,
                     "Attention, heads x group of rows x keys x depth", visit);
  const Attention decode[] = {{"MHA", 8, 1, 1, 8192, 128},
                              {"GQA", 8, 4, 1, 8192, 128}};
  for (const char *element : {"f32", "bf16"})
    for (const Attention &shape : decode)
      visitAttention(shape, element, "Attention of decoding, beside its cache",
                     visit);
}
