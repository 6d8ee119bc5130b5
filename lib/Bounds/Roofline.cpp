//===- Roofline.cpp - From operations and bytes to seconds ----------------===//

#include "memwall/Bounds/Roofline.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>

using namespace memwall;

static std::optional<double> choose(const Bandwidth &bandwidth,
                                    BandwidthChoice choice) {
  if (choice == BandwidthChoice::Achievable && bandwidth.achievable)
    return bandwidth.achievable;
  return bandwidth.peak;
}

static std::optional<double> findPeak(const ComputeWork &work,
                                      const Target &target) {
  return work.onMatrixUnits ? target.matrixPeak(work.elementType)
                            : target.vectorPeak(work.elementType);
}

/// Peaks of integer types count integer operations; index types and the like
/// have none, so floats are told by their name.
static bool isInteger(llvm::StringRef type) {
  return type.starts_with("i") || type.starts_with("ui") ||
         type.starts_with("si");
}

int64_t memwall::countOperations(llvm::StringRef elementType,
                                 const Arithmetic &arithmetic) {
  return addCounts(arithmetic.flops,
                   isInteger(elementType) ? arithmetic.intOps : 0);
}

bool memwall::hasPeak(const ComputeWork &work, const Target &target) {
  return work.operations == 0 || findPeak(work, target).value_or(0) > 0;
}

ComputeWork memwall::getComputeWork(const OpRecord &op) {
  return {op.computeType,
          op.kind == OpKind::Contraction || op.kind == OpKind::Convolution,
          isInteger(op.computeType) ? op.total.intOps : op.total.flops};
}

std::optional<double> memwall::computeLevelSeconds(Bytes bytes,
                                                   const Level &level,
                                                   BandwidthChoice choice) {
  std::optional<double> seconds;
  auto add = [&](int64_t moved, const Bandwidth &bandwidth) {
    std::optional<double> rate = choose(bandwidth, choice);
    if (rate && *rate > 0)
      seconds = seconds.value_or(0) + moved / *rate;
  };
  add(bytes.read, level.readBytesPerSecond);
  add(bytes.written, level.writeBytesPerSecond);
  return seconds;
}

/// The slower of the two kinds of units; nullopt when no peak is known.
static std::optional<double>
computeComputeSeconds(llvm::ArrayRef<ComputeWork> work, const Target &target) {
  std::optional<double> matrix, vector;
  for (const ComputeWork &part : work)
    if (std::optional<double> peak = findPeak(part, target);
        peak && *peak > 0) {
      std::optional<double> &sum = part.onMatrixUnits ? matrix : vector;
      sum = sum.value_or(0) + part.operations / *peak;
    }
  // An empty optional is less than any time.
  return std::max(matrix, vector);
}

Roofline memwall::computeRoofline(llvm::ArrayRef<ComputeWork> work,
                                  llvm::ArrayRef<Bytes> bytes,
                                  const Target &target,
                                  BandwidthChoice choice) {
  Roofline roofline;
  roofline.computeSeconds = computeComputeSeconds(work, target);
  auto raise = [&](std::optional<double> seconds, llvm::StringRef name) {
    if (seconds && (!roofline.seconds || *seconds >= *roofline.seconds)) {
      roofline.seconds = seconds;
      roofline.boundBy = name.str();
    }
  };
  raise(roofline.computeSeconds, "compute");
  for (auto [level, moved] : llvm::zip(target.levels, bytes)) {
    roofline.levelSeconds.push_back(computeLevelSeconds(moved, level, choice));
    raise(roofline.levelSeconds.back(), level.name);
  }
  return roofline;
}

std::optional<double> memwall::computeRidge(const ComputeWork &kind,
                                            const Level &level,
                                            const Target &target,
                                            BandwidthChoice choice) {
  std::optional<double> peak = findPeak(kind, target);
  std::optional<double> rate = choose(level.readBytesPerSecond, choice);
  if (!peak || !rate || *rate <= 0)
    return std::nullopt;
  return *peak / *rate;
}

Bytes memwall::splitBound(const Bound &bound, Bytes compulsory) {
  return {bound.bytes - compulsory.written, compulsory.written};
}
