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

SetSample memwall::chooseSets(const SetProgram &program,
                              llvm::ArrayRef<double> importance,
                              int64_t wanted) {
  constexpr int64_t kLeastInStratum = 2;
  int64_t sets = program.geometry.sets, instances = program.countInstances();
  SetSample sample;
  std::mt19937 random(1);
  bool takesAll = wanted >= sets * instances;
  std::vector<int64_t> cuts =
      takesAll
          ? std::vector<int64_t>{0, sets}
          : findCuts(program, importance, size_t(wanted / kLeastInStratum));
  for (auto [firstInstance, endInstance] : groupInstances(instances)) {
    int64_t alike = endInstance - firstInstance;
    double share = double(wanted) * double(alike) / double(instances);
    if (instances > 1) // Few alike instances say as much as many.
      share = std::max(share, double(wanted) / 4);
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      int64_t begin = cuts[i], size = cuts[i + 1] - begin;
      int64_t count = std::llround(share * double(size) / double(sets));
      count = std::clamp<int64_t>(count, std::min(kLeastInStratum, size),
                                  size * alike);
      if (takesAll)
        count = size * alike;
      // One at random of each of as many equal parts.
      double all = double(size * alike);
      for (int64_t j = 0; j < count; ++j) {
        int64_t from = size * alike * j / count;
        int64_t to = size * alike * (j + 1) / count;
        int64_t place = from + int64_t(random() % uint64_t(to - from));
        sample.sets.push_back(
            {begin + place % size, firstInstance + place / size,
             unsigned(sample.strata.size()), all / double(count)});
      }
      sample.strata.push_back({all, unsigned(count)});
    }
  }
  return sample;
}
