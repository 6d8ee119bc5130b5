//===- SetSample.cpp - Which sets stand for all of them -------------------===//

#include "SetSample.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>
#include <random>

using namespace memwall;

bool SetSample::isWhole() const {
  return llvm::all_of(strata, [](const Stratum &stratum) {
    return double(stratum.sampled) == stratum.size;
  });
}

/// First and last line of a buffer.
static std::pair<int64_t, int64_t> getLines(const SetProgram &program,
                                            BufferId buffer) {
  int64_t lineBits = program.geometry.lineBits;
  return {program.bufferBegin[buffer] / lineBits,
          (program.bufferEnd[buffer] - 1) / lineBits};
}

int64_t memwall::countLinesInSet(const SetProgram &program, BufferId buffer,
                                 int64_t set) {
  auto [first, last] = getLines(program, buffer);
  int64_t sets = program.geometry.sets;
  // Lines l <= x in the set: floor((x - set) / sets) + 1.
  auto countUpTo = [&](int64_t line) {
    return line < set ? 0 : (line - set) / sets + 1;
  };
  return countUpTo(last) - (first == 0 ? 0 : countUpTo(first - 1));
}

/// Cuts of the sets where buffers begin and end, those of important buffers
/// first, until there are `most` of them; 0 and the number of sets included.
static std::vector<int64_t> findCuts(const SetProgram &program,
                                     llvm::ArrayRef<double> importance,
                                     size_t most) {
  int64_t sets = program.geometry.sets;
  std::vector<unsigned> order(importance.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    return importance[a] > importance[b];
  });
  std::vector<int64_t> cuts = {0, sets};
  for (unsigned buffer : order) {
    if (importance[buffer] <= 0 || cuts.size() >= most + 1)
      break;
    auto [first, last] = getLines(program, buffer);
    for (int64_t cut : {first % sets, (last + 1) % sets})
      if (!llvm::is_contained(cuts, cut))
        cuts.push_back(cut);
  }
  llvm::sort(cuts);
  return cuts;
}

/// Instances that see much the same: the first runs what is not dealt out, the
/// last may have fewer iterations.
static std::vector<std::pair<int64_t, int64_t>>
groupInstances(int64_t instances) {
  if (instances == 1)
    return {{0, 1}};
  if (instances == 2)
    return {{0, 1}, {1, 2}};
  return {{0, 1}, {1, instances - 1}, {instances - 1, instances}};
}

/// What strata get of `wanted` sets: a part by size, a part by size and weight,
/// or alike where no weights are known, since small strata may differ most.
static std::vector<double> shareOut(llvm::ArrayRef<double> sizes, double wanted,
                                    llvm::ArrayRef<double> weights) {
  constexpr double kPartBySize = 0.5;
  double all = 0, weighted = 0;
  for (auto [size, weight] : llvm::zip(sizes, weights))
    weighted += size * weight;
  for (double size : sizes)
    all += size;
  std::vector<double> shares;
  bool hasWeights = weights.size() == sizes.size() && weighted > 0;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    double byWeight =
        hasWeights ? size * weights[i] / weighted : 1 / double(sizes.size());
    double part = kPartBySize * size / all + (1 - kPartBySize) * byWeight;
    shares.push_back(part * wanted);
  }
  return shares;
}

SetSample memwall::chooseSets(const SetProgram &program,
                              llvm::ArrayRef<double> importance, int64_t wanted,
                              llvm::ArrayRef<double> weights) {
  constexpr int64_t kLeastInStratum = 2;
  int64_t sets = program.geometry.sets, instances = program.countInstances();
  SetSample sample;
  std::mt19937 random(1);
  bool takesAll = wanted >= sets * instances;
  auto groups = groupInstances(instances);
  size_t strata = size_t(wanted / kLeastInStratum) / groups.size();
  std::vector<int64_t> cuts = takesAll ? std::vector<int64_t>{0, sets}
                                       : findCuts(program, importance, strata);
  struct Place {
    int64_t set, size, instance, alike;
  };
  std::vector<Place> places;
  std::vector<double> sizes;
  for (auto [firstInstance, endInstance] : groups)
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      int64_t alike = endInstance - firstInstance;
      places.push_back({cuts[i], cuts[i + 1] - cuts[i], firstInstance, alike});
      sizes.push_back(double(places.back().size * alike));
    }
  for (auto [place, share] :
       llvm::zip_equal(places, shareOut(sizes, double(wanted), weights))) {
    if (instances > 1) // Few alike instances say as much as many.
      share = std::max(share,
                       double(wanted) / 4 * double(place.size) / double(sets));
    int64_t all = place.size * place.alike;
    int64_t count = std::clamp<int64_t>(
        std::llround(share), std::min(kLeastInStratum, place.size), all);
    if (takesAll)
      count = all;
    // One at random of each of as many equal parts.
    for (int64_t j = 0; j < count; ++j) {
      int64_t from = all * j / count, to = all * (j + 1) / count;
      int64_t at = from + int64_t(random() % uint64_t(to - from));
      sample.sets.push_back(
          {place.set + at % place.size, place.instance + at / place.size,
           unsigned(sample.strata.size()), double(all) / double(count)});
    }
    sample.strata.push_back({double(all), unsigned(count)});
  }
  return sample;
}
