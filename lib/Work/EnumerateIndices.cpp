//===- EnumerateIndices.cpp - Static indices that are not affine ----------===//

#include "EnumerateIndices.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include <vector>

using namespace mlir;

namespace memwall {

/// Points of a box that are evaluated, a tenth of a second's worth.
static constexpr int64_t kMostPoints = 1 << 16;
/// Pieces that a box is cut into: each is a nest in everything that follows.
static constexpr size_t kMostPieces = 64;
/// Parts of a large box that are looked at: 64 pieces of 2^60 points are found
/// among some 8,000.
static constexpr int64_t kMostHalves = 1 << 14;
/// Pieces in a row that may repeat as a whole.
static constexpr size_t kMostPeriod = 8;
/// Positions beyond are left alone, so that differences fit 64 bits.
static constexpr int64_t kLargestPosition = int64_t(1) << 60;

//===----------------------------------------------------------------------===//
// One point
//===----------------------------------------------------------------------===//

void PointEvaluator::setPoint(ArrayRef<int64_t> opDims) {
  point.assign(opDims.begin(), opDims.end());
  known.clear();
  for (auto [argument, value] : llvm::zip(arguments, point))
    known[argument] = IntegerAttr::get(argument.getType(), value);
}

Attribute PointEvaluator::evaluate(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant;
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != &body || op->getNumRegions())
    return {};
  if (auto dim = dyn_cast<linalg::IndexOp>(op))
    return IntegerAttr::get(dim.getType(), point[dim.getDim()]);
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(evaluate(operand));
    if (!operands.back())
      return {};
  }
  OwningOpRef<Operation *> &copy = copies[op];
  if (!copy)
    copy = op->clone();
  SmallVector<OpFoldResult> results;
  if (failed(copy->fold(operands, results)) ||
      results.size() != op->getNumResults())
    return {};
  for (auto [result, folded] : llvm::zip_equal(op->getResults(), results)) {
    auto attribute = dyn_cast<Attribute>(folded);
    known[result] = attribute ? attribute : evaluate(cast<Value>(folded));
  }
  return known[value];
}

std::optional<int64_t> PointEvaluator::evaluate(const IndexSource &source) {
  Attribute result;
  if (const Value *value = std::get_if<Value>(&source)) {
    result = evaluate(*value);
  } else {
    auto expression = std::get<AffineExpr>(source);
    SmallVector<AffineExpr> dims;
    for (int64_t value : point)
      dims.push_back(getAffineConstantExpr(value, expression.getContext()));
    auto constant = dyn_cast<AffineConstantExpr>(expression.replaceDims(dims));
    return constant ? std::optional(constant.getValue()) : std::nullopt;
  }
  auto integer = dyn_cast_or_null<IntegerAttr>(result);
  if (!integer || integer.getValue().getSignificantBits() > 64)
    return std::nullopt;
  return integer.getValue().getSExtValue();
}

NestIndex PointEvaluator::evaluate(const IndexSource &source,
                                   ArrayRef<int64_t> sizes,
                                   ArrayRef<NestIndex> opDims) const {
  IndexAnalysis analysis(sizes, opDims);
  for (auto [argument, dim] : llvm::zip(arguments, opDims))
    analysis.setValue(argument, dim);
  if (const Value *value = std::get_if<Value>(&source))
    return analysis.evaluate(*value, body);
  return analysis.evaluate(std::get<AffineExpr>(source));
}

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

namespace {

using Values = SmallVector<int64_t, 4>;

/// A point, or a loop over points or other runs: `start` are the values at its
/// first point, `step` what an iteration adds to those of everything inside.
struct Run {
  unsigned dim = 0;     ///< The dimension that it is a part of.
  bool isWhole = false; ///< All of a dimension that no value depends on.
  int64_t count = 1;
  Values start, step;
  std::vector<Run> body; ///< Empty: points.
};

/// Cuts a box into pieces on which all values are affine.
class Enumerator {
public:
  Enumerator(const WorkNest &nest, ArrayRef<unsigned> involved,
             llvm::function_ref<bool(ArrayRef<int64_t>, Values &)> evaluate,
             llvm::function_ref<bool(unsigned, int64_t, int64_t)> isAffine)
      : nest(nest), involved(involved), evaluate(evaluate), isAffine(isAffine),
        point(nest.dims.size(), 0) {}

  /// Runs over the dimensions from the first to the last involved one.
  std::vector<Run> run() { return cut(involved.front()); }
  bool failed = false;
  /// Halve dimensions instead of visiting all their points.
  bool halves = false;

private:
  int64_t visits = 0;
  std::vector<Run> cut(unsigned dim);
  void halve(unsigned dim, int64_t first, int64_t count,
             std::vector<Run> &runs);

  const WorkNest &nest;
  ArrayRef<unsigned> involved;
  llvm::function_ref<bool(ArrayRef<int64_t>, Values &)> evaluate;
  /// Whether all positions that depend on a dimension are affine in a part of
  /// it, [first, first + count), wherever the other dimensions are.
  llvm::function_ref<bool(unsigned dim, int64_t first, int64_t count)> isAffine;
  SmallVector<int64_t> point;
};

} // namespace

static Values subtract(ArrayRef<int64_t> lhs, ArrayRef<int64_t> rhs) {
  Values difference;
  for (auto [a, b] : llvm::zip_equal(lhs, rhs))
    difference.push_back(a - b);
  return difference;
}

/// Whether `b` is `a` with all values moved by `delta`.
static bool isMoved(const Run &a, const Run &b, ArrayRef<int64_t> delta) {
  return a.dim == b.dim && a.isWhole == b.isWhole && a.count == b.count &&
         a.step == b.step && a.body.size() == b.body.size() &&
         ArrayRef(subtract(b.start, a.start)) == delta &&
         llvm::all_of(llvm::zip(a.body, b.body), [&](auto pair) {
           return isMoved(std::get<0>(pair), std::get<1>(pair), delta);
         });
}

/// Whether what is inside of `b` is what is inside of `a`, moved by `delta`.
static bool haveMovedBodies(const Run &a, const Run &b,
                            ArrayRef<int64_t> delta) {
  return a.body.size() == b.body.size() &&
         llvm::all_of(llvm::zip(a.body, b.body), [&](auto pair) {
           return isMoved(std::get<0>(pair), std::get<1>(pair), delta);
         });
}

/// Replaces up to `mostPeriod` runs in a row that come again and again, moved
/// by the same values each time, by a loop over them.
static std::vector<Run> fold(std::vector<Run> runs, unsigned dim,
                             size_t mostPeriod) {
  std::vector<Run> folded;
  for (size_t k = 0; k < runs.size();) {
    size_t bestPeriod = 1, bestCount = 1;
    for (size_t p = 1; p <= mostPeriod && k + 2 * p <= runs.size(); ++p) {
      Values delta = subtract(runs[k + p].start, runs[k].start);
      size_t end = k + p;
      while (end < runs.size() && isMoved(runs[end - p], runs[end], delta))
        ++end;
      size_t count = (end - k) / p;
      if (count > 1 && count * p > bestCount * bestPeriod)
        bestPeriod = p, bestCount = count;
    }
    if (bestCount == 1) {
      folded.push_back(std::move(runs[k++]));
      continue;
    }
    Run loop;
    loop.dim = dim;
    loop.count = bestCount;
    loop.start = runs[k].start;
    loop.step = subtract(runs[k + bestPeriod].start, runs[k].start);
    auto first = runs.begin() + k;
    bool isPoint = first->count == 1 && first->body.empty();
    if (bestPeriod > 1 || !isPoint)
      loop.body.assign(std::make_move_iterator(first),
                       std::make_move_iterator(first + bestPeriod));
    folded.push_back(std::move(loop));
    k += bestPeriod * bestCount;
  }
  return folded;
}

std::vector<Run> Enumerator::cut(unsigned dim) {
  if (dim > involved.back()) {
    std::vector<Run> runs(1);
    failed |= !evaluate(point, runs[0].start);
    runs[0].step.assign(runs[0].start.size(), 0);
    return runs;
  }
  if (!llvm::is_contained(involved, dim)) {
    Run whole;
    whole.dim = dim;
    whole.isWhole = true;
    whole.count = nest.dims[dim].size;
    whole.body = cut(dim + 1);
    whole.start = whole.body.front().start;
    whole.step.assign(whole.start.size(), 0);
    return {whole};
  }
  std::vector<Run> runs;
  if (halves) {
    halve(dim, 0, nest.dims[dim].size, runs);
    failed |= runs.size() > kMostPieces;
    point[dim] = 0;
    return runs;
  }
  for (point[dim] = 0; point[dim] < nest.dims[dim].size && !failed;
       ++point[dim])
    for (Run &inner : cut(dim + 1))
      runs.push_back(std::move(inner));
  point[dim] = 0;
  // Points first become runs of the innermost dimension, as long as possible.
  if (dim == involved.back())
    runs = fold(std::move(runs), dim, 1);
  for (size_t before = SIZE_MAX; runs.size() < before && !failed;) {
    before = runs.size();
    runs = fold(std::move(runs), dim, kMostPeriod);
  }
  return runs;
}

/// Appends [first, first + count) of a dimension, as few runs as there are.
void Enumerator::halve(unsigned dim, int64_t first, int64_t count,
                       std::vector<Run> &runs) {
  failed |= runs.size() > kMostPieces || ++visits > kMostHalves;
  if (failed)
    return;
  if (count > 1 && !isAffine(dim, first, count)) {
    halve(dim, first, count / 2, runs);
    halve(dim, first + count / 2, count - count / 2, runs);
    return;
  }
  Run run;
  run.dim = dim;
  run.count = count;
  point[dim] = first;
  run.body = cut(dim + 1);
  if (failed)
    return;
  run.start = run.body.front().start;
  run.step.assign(run.start.size(), 0);
  if (count > 1) {
    point[dim] = first + 1;
    run.step = subtract(cut(dim + 1).front().start, run.start);
  }
  if (run.body.size() == 1 && run.body.front().count == 1 &&
      !run.body.front().isWhole && run.body.front().body.empty())
    run.body.clear();
  // Two neighbours are one piece where the second goes on as the first does.
  if (!runs.empty()) {
    Run &last = runs.back();
    Values gap = subtract(run.start, last.start);
    bool goesOn = llvm::all_of(llvm::seq(gap.size()), [&](size_t i) {
      int64_t step = last.count > 1  ? last.step[i]
                     : run.count > 1 ? run.step[i]
                                     : gap[i];
      return gap[i] == step * last.count &&
             (run.count == 1 || run.step[i] == step);
    });
    if (goesOn && haveMovedBodies(last, run, gap)) {
      if (last.count == 1)
        last.step = run.count > 1 ? run.step : gap;
      last.count += run.count;
      return;
    }
  }
  runs.push_back(std::move(run));
}

static size_t countPieces(const std::vector<Run> &runs) {
  size_t pieces = 0;
  for (const Run &run : runs)
    pieces += run.body.empty() ? 1 : countPieces(run.body);
  return pieces;
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

namespace {

/// An index of an access.
struct Position {
  unsigned access, dim;
};

/// Writes the pieces of a box as nests.
class PieceWriter {
public:
  PieceWriter(const WorkNest &nest, ArrayRef<unsigned> involved,
              ArrayRef<Position> positions)
      : nest(nest), involved(involved), positions(positions) {}

  void write(const std::vector<Run> &runs);
  SmallVector<WorkNest, 1> nests;

private:
  void writePiece(const Run &piece);
  /// Value `number` of a piece, over its loops.
  NestIndex makeValue(const Run &piece, unsigned number) const;
  NestIndex rewrite(const NestIndex &index, const Run &piece) const;
  unsigned moveDim(unsigned dim) const;

  const WorkNest &nest;
  ArrayRef<unsigned> involved;
  ArrayRef<Position> positions;
  SmallVector<const Run *> loops;  ///< Around the current piece.
  SmallVector<const Run *> before; ///< Around the piece before.
};

} // namespace

void PieceWriter::write(const std::vector<Run> &runs) {
  for (const Run &run : runs) {
    bool isLoop = run.isWhole || run.count > 1;
    if (isLoop)
      loops.push_back(&run);
    if (run.body.empty())
      writePiece(run);
    else
      write(run.body);
    if (isLoop)
      loops.pop_back();
  }
}

NestIndex PieceWriter::makeValue(const Run &piece, unsigned number) const {
  NestIndex value = makeConstantIndex(piece.start[number]);
  for (auto [i, loop] : llvm::enumerate(loops))
    if (loop->step[number] != 0)
      value.terms.push_back({involved.front() + i, loop->step[number]});
  return value;
}

/// Where a dimension that no enumerated value depends on is in the nests.
unsigned PieceWriter::moveDim(unsigned dim) const {
  if (dim < involved.front())
    return dim;
  if (dim > involved.back())
    return dim - involved.back() - 1 + involved.front() + loops.size();
  auto *it = llvm::find_if(loops, [&](const Run *loop) {
    return loop->isWhole && loop->dim == dim;
  });
  return involved.front() + (it - loops.begin());
}

NestIndex PieceWriter::rewrite(const NestIndex &index, const Run &piece) const {
  NestIndex result;
  result.constant = index.constant;
  result.outerTerms = index.outerTerms;
  SmallVector<unsigned> gathered;
  auto add = [&](unsigned dim, int64_t coefficient) {
    const auto *it = llvm::find(involved, dim);
    if (it == involved.end()) {
      result.terms.push_back({moveDim(dim), coefficient});
      return;
    }
    NestIndex value =
        makeValue(piece, positions.size() + (it - involved.begin()));
    result.constant += coefficient * value.constant;
    for (auto &term : value.terms) {
      auto *same = llvm::find_if(
          result.terms, [&](auto &other) { return other.first == term.first; });
      if (same == result.terms.end())
        result.terms.push_back({term.first, coefficient * term.second});
      else
        same->second += coefficient * term.second;
    }
  };
  for (auto [dim, coefficient] : index.terms)
    add(dim, coefficient);
  if (!index.gatherDims)
    return result;
  for (unsigned dim : *index.gatherDims)
    add(dim, 1);
  return makeGatherIndex(getDimsOf(result));
}

void PieceWriter::writePiece(const Run &piece) {
  WorkNest part = nest;
  part.dims.assign(nest.dims.begin(), nest.dims.begin() + involved.front());
  for (const Run *loop : loops) {
    part.dims.push_back(nest.dims[loop->dim]);
    if (!loop->isWhole)
      part.dims.back().size = loop->count;
  }
  part.dims.append(nest.dims.begin() + involved.back() + 1, nest.dims.end());
  for (NestAccess &access : part.accesses)
    for (NestIndex &index : access.indices)
      index = rewrite(index, piece);
  for (auto [number, position] : llvm::enumerate(positions))
    part.accesses[position.access].indices[position.dim] =
        makeValue(piece, number);
  if (!nests.empty()) {
    auto [end, unused] =
        std::mismatch(loops.begin(), loops.end(), before.begin(), before.end());
    part.joined = involved.front() + (end - loops.begin());
  }
  before = loops;
  nests.push_back(std::move(part));
}

SmallVector<WorkNest, 1>
enumerateIndices(WorkNest nest, ArrayRef<SmallVector<IndexSource, 4>> sources,
                 ArrayRef<NestIndex> opDims, PointEvaluator &evaluator) {
  auto setPoint = [&](ArrayRef<int64_t> point) {
    SmallVector<int64_t> values;
    for (const NestIndex &dim : opDims) {
      values.push_back(dim.constant);
      for (auto [d, coefficient] : dim.terms)
        values.back() += coefficient * point[d];
    }
    evaluator.setPoint(values);
  };
  // 1. Indices that are known at a point, and what they depend on.
  SmallVector<Position> positions;
  llvm::SmallSetVector<unsigned, 4> dims;
  setPoint(SmallVector<int64_t>(nest.dims.size(), 0));
  for (auto [a, access] : llvm::enumerate(nest.accesses))
    for (auto [d, index] : llvm::enumerate(access.indices))
      if (index.gatherDims && a < sources.size() &&
          evaluator.evaluate(sources[a][d])) {
        positions.push_back({(unsigned)a, (unsigned)d});
        dims.insert(index.gatherDims->begin(), index.gatherDims->end());
      }
  SmallVector<unsigned> involved(dims.begin(), dims.end());
  llvm::sort(involved);
  int64_t points = 1;
  for (unsigned dim : involved) {
    int64_t size = nest.dims[dim].size;
    if (ShapedType::isDynamic(size) || size < 1 ||
        size > kLargestPosition / points)
      return {std::move(nest)};
    points *= size;
  }
  constexpr int64_t kLargestStep = kLargestPosition / kMostPoints;
  for (const NestAccess &access : nest.accesses)
    for (const NestIndex &index : access.indices)
      for (auto [dim, coefficient] : index.terms)
        if (std::abs(coefficient) > kLargestStep)
          return {std::move(nest)};
  if (involved.empty())
    return {std::move(nest)};
  // 2. Their values, point by point, with the point itself.
  auto evaluate = [&](ArrayRef<int64_t> point, Values &values) {
    setPoint(point);
    for (Position position : positions) {
      std::optional<int64_t> value =
          evaluator.evaluate(sources[position.access][position.dim]);
      if (!value || std::abs(*value) > kLargestPosition)
        return false;
      values.push_back(*value);
    }
    for (unsigned dim : involved)
      values.push_back(point[dim]);
    return true;
  };
  // Without values, whether they are affine over a part of one dimension.
  auto isAffine = [&](unsigned dim, int64_t first, int64_t count) {
    SmallVector<int64_t> sizes;
    for (const NestDim &other : nest.dims)
      sizes.push_back(other.size);
    sizes[dim] = count;
    SmallVector<NestIndex> parts(opDims);
    for (NestIndex &part : parts)
      for (auto [d, coefficient] : part.terms)
        if (d == dim)
          part.constant += coefficient * first;
    return llvm::all_of(positions, [&](Position position) {
      const IndexSource &source = sources[position.access][position.dim];
      return !llvm::is_contained(
                 getDimsOf(
                     nest.accesses[position.access].indices[position.dim]),
                 dim) ||
             !evaluator.evaluate(source, sizes, parts).gatherDims;
    });
  };
  Enumerator enumerator(nest, involved, evaluate, isAffine);
  enumerator.halves = points > kMostPoints;
  std::vector<Run> runs = enumerator.run();
  if (enumerator.failed || countPieces(runs) > kMostPieces)
    return {std::move(nest)};
  // 3. A nest for every piece.
  PieceWriter writer(nest, involved, positions);
  writer.write(runs);
  return std::move(writer.nests);
}

} // namespace memwall
