//===- HostTarget.cpp - What was measured, as a target file ---------------===//

#include "HostTarget.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace memwall;

double memwall::computeWriteRate(double written, double read,
                                 bool isInnermost) {
  // Stores that are as fast as reads fetch nothing that could be seen.
  if (isInnermost || written >= read)
    return written;
  return 1 / (1 / written - 1 / read);
}

static std::string describe(const Rate &rate) {
  return llvm::formatv("{0:f1} GB/s ± {1:f0} %", rate.median / 1e9,
                       100 * rate.spread);
}

/// "key" = 1.2e+10, as a float that the parser takes.
static void writeRate(llvm::StringRef key, double rate, bool isLast,
                      llvm::raw_ostream &os) {
  os << "        \"" << key << "\" = " << llvm::format("%.3e", rate)
     << (isLast ? "" : ",") << '\n';
}

static void writeCache(const LevelFacts &level, llvm::raw_ostream &os) {
  os << "        // hwloc\n"
     << "        \"capacity_bytes\" = " << level.cache->capacityBytes << ",\n"
     << "        \"line_bytes\" = " << level.cache->lineBytes << ",\n"
     << "        \"associativity\" = " << level.cache->ways << ",\n"
     << "        \"units_per_instance\" = " << level.cache->coresSharing
     << ",\n"
     << "        // Index: " << level.index.how << '\n';
  if (level.index.index && level.cache->ways > 0)
    os << "        \"index\" = \""
       << (*level.index.index == SetIndex::Hashed ? "hashed" : "modulo")
       << "\",\n";
}

static void writeBandwidths(const LevelFacts &level, bool isInnermost,
                            llvm::raw_ostream &os) {
  const Bandwidths &one = level.oneCore, &all = level.allCores;
  os << "        // All cores, " << all.bytesPerThread / 1024
     << " KiB each: read " << describe(all.read) << ", write "
     << describe(all.write) << ", copy " << describe(all.copy) << '\n'
     << "        // One core, " << one.bytesPerThread / 1024 << " KiB: read "
     << describe(one.read) << ", write " << describe(one.write) << ", copy "
     << describe(one.copy) << '\n'
     << "        // Peak: the best run. Achievable: the median\n";
  writeRate("peak_read_bytes_per_second", all.read.best, false, os);
  writeRate("achievable_read_bytes_per_second", all.read.median, false, os);
  double written =
      computeWriteRate(all.write.median, all.read.median, isInnermost);
  if (!isInnermost)
    os << "        // Medians, without the time of the lines that stores fetch "
          "first: 1 / (1 / write - 1 / read)\n";
  writeRate("peak_write_bytes_per_second", written, false, os);
  writeRate("achievable_write_bytes_per_second", written, true, os);
}

static void writePeaks(const HostFacts &facts, llvm::raw_ostream &os) {
  os << "    \"vector_ops_per_second\" = #dlti.map<\n";
  for (const HostFacts::Peak &peak : facts.peaks) {
    os << "      // " << peak.instruction << ", all cores, the median of runs; "
       << llvm::formatv("± {0:f0} %, one core {1:f1}e9",
                        100 * peak.allCores.spread, peak.oneCore.median / 1e9)
       << '\n'
       << "      \"" << peak.elementType
       << "\" = " << llvm::format("%.3e", peak.allCores.median)
       << (&peak == &facts.peaks.back() ? ">" : ",\n");
  }
}

static void writeInstructions(const HostFacts &facts, llvm::raw_ostream &os) {
  const HostFacts::Peak &peak = facts.instructions;
  os << "    // " << peak.instruction << ", all cores, the median of runs; "
     << llvm::formatv("± {0:f0} %, one core {1:f1}e9",
                      100 * peak.allCores.spread, peak.oneCore.median / 1e9)
     << "\n    \"instructions_per_second\" = "
     << llvm::format("%.3e", peak.allCores.median) << ",\n";
  if (facts.pages.empty())
    return;
  os << "    \"pages\" = #dlti.map<\n";
  for (const PageStep &step : facts.pages)
    os << "      // " << step.how << "\n      \"" << step.name
       << "\" = #dlti.map<\"count\" = " << step.pages
       << ", \"page_bytes\" = " << Kernels::pageBytes
       << (step.isByLine ? ", \"seconds_per_line\" = "
                         : ", \"seconds_per_miss\" = ")
       << llvm::format("%.2e", step.seconds)
       << (&step == &facts.pages.back() ? ">>,\n" : ">,\n");
}

void memwall::writeHostTarget(const HostFacts &facts, llvm::raw_ostream &os) {
  os << "// Measured on this machine by memwall-calibrate. ± is the distance "
        "of "
        "the quartiles over\n// the median. Threads stay on their cores.\n\n"
     << "module attributes {dlti.target_system_spec = "
        "#dlti.target_system_spec<\n  \""
     << facts.name << "\" = #dlti.target_device_spec<\n"
     << "    // hwloc\n    \"description\" = \"" << facts.cpuModel
     << ", measured\",\n    // Cores: hwloc\n    \"units\" = " << facts.cores
     << ",\n    // " << facts.extension
     << ": CPUID\n    \"vector_registers\" = " << facts.vectorRegisters
     << ",\n    \"vector_bits\" = " << facts.vectorBits << ",\n";
  if (facts.dotInstructions.any())
    os << "    // CPUID\n    \"dot_instructions\" = \""
       << facts.dotInstructions.print() << "\",\n";
  writeInstructions(facts, os);
  os << "    \"levels\" = #dlti.map<\n";
  for (const LevelFacts &level : facts.levels) {
    os << "      \"" << level.name << "\" = #dlti.map<\n";
    if (level.cache)
      writeCache(level, os);
    else
      os << "        \"kind\" = \"memory\",\n        // hwloc\n"
         << "        \"capacity_bytes\" = " << facts.memoryBytes << ",\n";
    writeBandwidths(level, &level == &facts.levels.front(), os);
    os << "      >" << (&level == &facts.levels.back() ? ">" : "") << ",\n";
  }
  writePeaks(facts, os);
  os << ">>} {}\n";
}
