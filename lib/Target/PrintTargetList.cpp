//===- PrintTargetList.cpp - A table of targets ---------------------------===//

#include "memwall/Target/Registry.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;

static std::string format(const char *pattern, double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(pattern, value);
  return text;
}

static std::string toGigabytes(std::optional<double> bytes) {
  return bytes ? format(*bytes < 1e11 ? "%.1f" : "%.0f", *bytes / 1e9) : "-";
}

/// "228K", "50M": binary units, no more digits than needed.
static std::string toBinaryUnits(int64_t bytes) {
  bool isMega = bytes >= 1 << 20;
  return format("%.4g", double(bytes) / (isMega ? 1 << 20 : 1 << 10)) +
         (isMega ? "M" : "K");
}

/// "smem 228K*132  l2 50M": capacity of an instance, times the instances.
static std::string describeCaches(const Target &target) {
  std::string text;
  for (const Level &level : llvm::ArrayRef(target.levels).drop_back()) {
    int64_t instances = target.units / level.unitsPerInstance;
    text += (text.empty() ? "" : "  ") + level.name + " " +
            toBinaryUnits(level.capacityBytes) +
            (instances > 1 ? "*" + std::to_string(instances) : "");
  }
  return text;
}

/// FLOP per byte above which DRAM is not the limit.
static std::string describeRidge(const Target &target) {
  std::optional<double> peak = target.matrixPeak("bf16");
  std::optional<double> bandwidth = target.dram().readBytesPerSecond.peak;
  return peak && bandwidth ? format("%.0f", *peak / *bandwidth) : "-";
}

void memwall::printTargetList(llvm::raw_ostream &os,
                              llvm::ArrayRef<const Target *> targets) {
  auto printRow = [&](llvm::StringRef name, llvm::StringRef memory,
                      llvm::StringRef peak, llvm::StringRef achievable,
                      llvm::StringRef capacity, llvm::StringRef ridge,
                      llvm::StringRef caches) {
    os << llvm::left_justify(name, 16) << ' ' << llvm::left_justify(memory, 8)
       << llvm::right_justify(peak, 7) << llvm::right_justify(achievable, 11)
       << llvm::right_justify(capacity, 7) << llvm::right_justify(ridge, 7)
       << "  " << caches << '\n';
  };
  printRow("target", "memory", "peak", "achievable", "size", "ridge",
           "caches, innermost first");
  printRow("", "", "GB/s", "GB/s", "GB", "FLOP/B", "(size*instances)");
  for (const Target *target : targets) {
    const Level &dram = target->dram();
    printRow(target->name, dram.name, toGigabytes(dram.readBytesPerSecond.peak),
             toGigabytes(dram.readBytesPerSecond.achievable),
             toGigabytes(double(dram.capacityBytes)), describeRidge(*target),
             describeCaches(*target));
  }
  os << "ridge: peak FLOP/s over peak bandwidth, bf16 on matrix units where "
        "there are any\n";
}
