//===- Curves.cpp - Bytes at DRAM against the size of the cache -----------===//

#include "memwall/Report/Curves.h"
#include "memwall/Bounds/Liveness.h"
#include "memwall/Report/Report.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

/// A cliff is at least such a part of the bytes before it.
static constexpr double kLeastFall = 0.1;
/// Steps are not halved below this ratio of capacities: "from 67.2 MB on" has
/// three digits, of which the second is certain.
static constexpr double kFinestStep = 1.03;
/// Points that are added where the curve falls. 24 of them halve the three
/// deepest falls from a factor of 4 down to `kFinestStep`.
static constexpr unsigned kRefinements = 24;
static constexpr int64_t kSmallest = 16384;

/// One cache of `capacity` without sets, above an endless memory.
static Target withCapacity(const LoopTree &tree, const Target &target,
                           int64_t capacity) {
  Target cut = cutToLevel(tree, target, target.levels.size() - 1);
  Level &cache = cut.levels[0];
  cache.capacityBytes =
      std::max<int64_t>(capacity / cache.lineBytes, 1) * cache.lineBytes;
  cache.associativity = 0;
  cache.index = SetIndex::Modulo;
  cut.levels[1].capacityBytes = INT64_C(1) << 60;
  return cut;
}

std::optional<Cliff> memwall::findCliff(llvm::ArrayRef<int64_t> capacities,
                                        llvm::ArrayRef<int64_t> bytes,
                                        int64_t own) {
  std::optional<Cliff> above, below;
  for (size_t i = 1; i < bytes.size(); ++i) {
    if (bytes[i - 1] == kTooManyBytes)
      continue;
    int64_t fall = bytes[i - 1] - bytes[i];
    std::optional<Cliff> &best = capacities[i] > own ? above : below;
    if (double(fall) >= kLeastFall * double(bytes[i - 1]) && fall > 0 &&
        (!best || fall > best->before - best->after))
      best = Cliff{capacities[i], bytes[i - 1], bytes[i]};
  }
  return above ? above : below;
}

namespace {

/// A point with the bytes of every op.
struct CountedPoint {
  CurvePoint point;
  llvm::SmallVector<Bytes, 0> ops;
};

/// Counts points and keeps them in order.
class Sweep {
public:
  Sweep(const LoopTree &tree, const Target &target)
      : tree(tree), target(target) {
    int64_t most = 4 * computeResidentBytes(tree);
    for (int64_t capacity = kSmallest;; capacity *= 4) {
      points.push_back(count(capacity));
      if (capacity >= most || capacity >= INT64_C(1) << 50)
        break;
    }
    for (unsigned i = 0; i < kRefinements && refine(); ++i) {
    }
  }

  llvm::ArrayRef<CountedPoint> all() const { return points; }

private:
  CountedPoint count(int64_t capacity) const {
    Target cut = withCapacity(tree, target, capacity);
    TrafficOptions options;
    options.accuracy = Accuracy::Fast;
    options.recordsOperands = false;
    LevelTraffic level =
        std::move(computeTraffic(tree, cut, options).levels.back());
    return {{cut.levels[0].capacityBytes, level.total,
             level.provenance.errorOfRead, level.provenance.errorOfWritten},
            std::move(level.ops)};
  }

  /// Halves the step in which most bytes disappear, op by op, wider steps
  /// first: bytes times the ratio of the capacities as a logarithm.
  bool refine() {
    size_t at = 0;
    double most = 0;
    for (size_t i = 1; i < points.size(); ++i) {
      double ratio = double(points[i].point.capacityBytes) /
                     double(points[i - 1].point.capacityBytes);
      double fall = 0;
      for (auto [was, is] : llvm::zip_equal(points[i - 1].ops, points[i].ops))
        fall += std::abs(double(was.total()) - double(is.total()));
      if (ratio > kFinestStep && fall * std::log(ratio) > most) {
        most = fall * std::log(ratio);
        at = i;
      }
    }
    if (at == 0)
      return false;
    double middle = std::sqrt(double(points[at - 1].point.capacityBytes)) *
                    std::sqrt(double(points[at].point.capacityBytes));
    CountedPoint found = count(int64_t(middle));
    if (found.point.capacityBytes == points[at - 1].point.capacityBytes ||
        found.point.capacityBytes == points[at].point.capacityBytes)
      return false;
    points.insert(points.begin() + at, std::move(found));
    return true;
  }

  const LoopTree &tree;
  const Target &target;
  llvm::SmallVector<CountedPoint, 0> points;
};

} // namespace

CapacityCurve
memwall::computeCurve(const LoopTree &tree, const Target &target,
                      llvm::ArrayRef<llvm::SmallVector<OpId, 4>> parts) {
  Sweep sweep(tree, target);
  CapacityCurve curve;
  const Level &cache = target.levels[target.levels.size() - 2];
  curve.cache = cache.name;
  curve.level = target.dram().name;
  curve.capacityBytes = cache.capacityBytes;
  llvm::SmallVector<int64_t, 0> capacities, bytes;
  for (const CountedPoint &counted : sweep.all()) {
    curve.points.push_back(counted.point);
    capacities.push_back(counted.point.capacityBytes);
    bytes.push_back(counted.point.bytes.total());
  }
  curve.cliff = findCliff(capacities, bytes, cache.capacityBytes);
  for (const auto &ops : parts) {
    PartCurve &part = curve.parts.emplace_back();
    for (const CountedPoint &counted : sweep.all()) {
      Bytes sum;
      for (OpId op : ops)
        sum.add(counted.ops[op]);
      part.bytes.push_back(sum.total());
    }
    part.cliff = findCliff(capacities, part.bytes, cache.capacityBytes);
  }
  return curve;
}
