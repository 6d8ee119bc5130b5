//===- SetEstimate.cpp - What walked sets say of all sets -----------------===//

#include "SetEstimate.h"
#include "Parallel.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Walks
//===----------------------------------------------------------------------===//

double WalkedSets::countSteps() const {
  double steps = 0;
  for (const WalkedSet &walk : walks)
    steps += walk.steps;
  return steps;
}

bool WalkedSets::isSampledInTime() const {
  return llvm::any_of(
      walks, [](const WalkedSet &walk) { return walk.isSampledInTime; });
}

MovedSectors WalkedSets::countMoved() const {
  MovedSectors sectors;
  for (const WalkedSet &walk : walks)
    for (const MovedSectors &moved : walk.moved) {
      sectors.read += moved.read;
      sectors.written += moved.written;
    }
  return sectors;
}

WalkedSets memwall::walkSample(const SetProgram &program, SetSample sample,
                               SetWalk::Effort effort) {
  WalkedSets walked;
  walked.sample = std::move(sample);
  walked.walks.resize(walked.sample.sets.size());
  runInParallel(walked.walks.size(), [&](size_t i) {
    const SampledSet &set = walked.sample.sets[i];
    SetWalk walk(program, set.set, set.instance, effort);
    walk.run();
    walked.walks[i] = {walk.moved(), walk.work(), walk.isSampledInTime()};
  });
  return walked;
}

WalkedSets memwall::walkAllAtOnce(const SetProgram &program) {
  SetSample sample;
  int64_t instances = program.countInstances();
  for (int64_t instance = 0; instance < instances; ++instance)
    sample.sets.push_back({0, instance, 0, 1});
  sample.strata = {{double(instances), unsigned(instances)}};
  return walkSample(program, std::move(sample));
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

namespace {

/// Adds up one sample. Sampled sets may hold more or fewer lines of a buffer
/// than others do: what is moved of it is taken in proportion to its lines (a
/// ratio estimate).
class Estimator {
public:
  Estimator(const SetProgram &program, const WalkedSets &walked)
      : program(program), walked(walked),
        isWhole(program.geometry.isWhole || walked.sample.isWhole()) {}

  SetEstimate run();

private:
  void addSets();
  void scaleToLines();
  void measureVariances();
  void measureErrors();
  int64_t countLines(BufferId buffer) const;

  const SetProgram &program;
  const WalkedSets &walked;
  bool isWhole;
  SetEstimate estimate;
  /// By buffer: lines in the walked sets, weighted; what a line of it moves;
  /// lines there are over `lines`.
  std::vector<double> lines, scales;
  std::vector<MovedSectors> perLine;
};

} // namespace

int64_t Estimator::countLines(BufferId buffer) const {
  int64_t lineBits = program.geometry.lineBits;
  return ((program.bufferEnd[buffer] - 1) / lineBits -
          program.bufferBegin[buffer] / lineBits + 1) *
         program.countInstances();
}

void Estimator::addSets() {
  size_t buffers = program.bufferBegin.size();
  estimate.byAccess.resize(program.accesses.size());
  lines.assign(buffers, 0);
  scales.assign(buffers, 1);
  perLine.resize(buffers);
  for (auto [set, walk] : llvm::zip_equal(walked.sample.sets, walked.walks)) {
    for (auto [sum, moved] : llvm::zip_equal(estimate.byAccess, walk.moved)) {
      sum.read += set.weight * moved.read;
      sum.written += set.weight * moved.written;
    }
    for (unsigned b = 0; b < buffers; ++b)
      lines[b] += set.weight * double(countLinesInSet(program, b, set.set));
  }
}

void Estimator::scaleToLines() {
  for (auto [b, seen] : llvm::enumerate(lines))
    if (!isWhole && seen > 0)
      scales[b] = double(countLines(b)) / seen;
  for (auto [access, sum] :
       llvm::zip_equal(program.accesses, estimate.byAccess)) {
    BufferId b = access.buffer;
    if (lines[b] > 0) {
      perLine[b].read += sum.read / lines[b];
      perLine[b].written += sum.written / lines[b];
    }
    sum.read *= scales[b];
    sum.written *= scales[b];
    estimate.all.read += sum.read;
    estimate.all.written += sum.written;
  }
}

static double computeVariance(llvm::ArrayRef<double> values) {
  double sum = 0, squares = 0, count = double(values.size());
  for (double value : values) {
    sum += value;
    squares += value * value;
  }
  return count < 2 ? squares
                   : std::max(0.0, squares - sum * sum / count) / (count - 1);
}

/// The variance, within each stratum, of what a set moves beyond its share by
/// lines.
void Estimator::measureVariances() {
  size_t strata = walked.sample.strata.size();
  std::vector<std::vector<double>> read(strata), written(strata);
  for (auto [set, walk] : llvm::zip_equal(walked.sample.sets, walked.walks)) {
    MovedSectors rest;
    for (auto [access, moved] : llvm::zip_equal(program.accesses, walk.moved)) {
      rest.read += scales[access.buffer] * moved.read;
      rest.written += scales[access.buffer] * moved.written;
    }
    for (auto [b, each] : llvm::enumerate(perLine)) {
      double held = scales[b] * double(countLinesInSet(program, b, set.set));
      rest.read -= each.read * held;
      rest.written -= each.written * held;
    }
    read[set.stratum].push_back(rest.read);
    written[set.stratum].push_back(rest.written);
  }
  for (size_t i = 0; i < strata; ++i)
    estimate.variances.push_back(
        {computeVariance(read[i]), computeVariance(written[i])});
}

/// Where loops were sampled in time, sets that were walked are no certainty
/// either.
void Estimator::measureErrors() {
  bool isSampledInTime = walked.isSampledInTime();
  MovedSectors variance;
  for (auto [stratum, each] :
       llvm::zip_equal(walked.sample.strata, estimate.variances)) {
    double count = stratum.sampled;
    double unseen = isSampledInTime ? 1 : 1 - count / stratum.size;
    double factor = stratum.size * stratum.size / count * unseen;
    variance.read += factor * each.read;
    variance.written += factor * each.written;
  }
  const MovedSectors &all = estimate.all;
  estimate.spread =
      std::max(std::sqrt(variance.read) / std::max(all.read, 1.0),
               std::sqrt(variance.written) / std::max(all.written, 1.0));
  // Sets of a kind that none of n sets shows are one in n + 1 on average at
  // most (the rule of succession). How much they differ is not known: by a
  // quarter is an assumption, which tools/validate --large holds to.
  constexpr double kUnseenDiffer = 0.25;
  double floor = kUnseenDiffer / double(walked.walks.size() + 1);
  estimate.error.read = std::hypot(std::sqrt(variance.read), floor * all.read);
  estimate.error.written =
      std::hypot(std::sqrt(variance.written), floor * all.written);
}

SetEstimate Estimator::run() {
  addSets();
  scaleToLines();
  // Residues that stand for one set are an estimate even when all are walked.
  if (!isWhole || program.geometry.isResidue || walked.isSampledInTime()) {
    measureVariances();
    measureErrors();
  }
  return std::move(estimate);
}

std::vector<double> SetEstimate::weighStrata() const {
  std::vector<double> weights;
  for (const MovedSectors &variance : variances)
    weights.push_back(std::sqrt(variance.read) / std::max(all.read, 1.0) +
                      std::sqrt(variance.written) / std::max(all.written, 1.0));
  return weights;
}

SetEstimate memwall::estimateAllSets(const SetProgram &program,
                                     const WalkedSets &walked) {
  return Estimator(program, walked).run();
}
