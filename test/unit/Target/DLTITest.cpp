//===- DLTITest.cpp - Targets to and from IR ------------------------------===//

#include "memwall/Target/DLTI.h"
#include "memwall/Target/Registry.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace memwall;

/// A target in which no fact has its default.
static Target makeTarget() {
  Level cache;
  cache.name = "l2";
  cache.kind = LevelKind::Cached;
  cache.capacityBytes = 65536;
  cache.lineBytes = 128;
  cache.sectorBytes = 32;
  cache.associativity = 4;
  cache.index = SetIndex::Hashed;
  cache.storePolicy = StorePolicy::Bypass;
  cache.deadLines = DeadLines::Written;
  cache.unitsPerInstance = 2;
  cache.readBytesPerSecond = {4e12, 3e12};
  cache.writeBytesPerSecond = {2e12, 1e12};
  cache.picojoulesPerBit = 0.25;
  Level memory;
  memory.name = "hbm9";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = 80000000000;
  memory.unitsPerInstance = 4;
  Level victims = cache;
  victims.name = "l3";
  victims.lineBytes = victims.sectorBytes = 128;
  victims.storePolicy = StorePolicy::Fetch;
  Level inner = victims;
  inner.name = "l2b";
  inner.capacityBytes *= 4;
  victims.inclusive = false;
  Target target;
  target.name = "t";
  target.description = "a \"quoted\" text";
  target.units = 4;
  target.levels = {cache, inner, victims, memory};
  target.matrixPeaks = {{"f8", 3e15}, {"tf32", 1e15}};
  target.vectorPeaks = {{"f32", 1.0 / 3}};
  target.links = {{"fast", {9e11, 8e11}, {7e11, 6e11}, 8},
                  {"slow", {1e11, std::nullopt}, {}, std::nullopt}};
  return target;
}

static void expectEqual(const Level &a, const Level &b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.capacityBytes, b.capacityBytes);
  EXPECT_EQ(a.lineBytes, b.lineBytes);
  EXPECT_EQ(a.sectorBytes, b.sectorBytes);
  EXPECT_EQ(a.associativity, b.associativity);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.storePolicy, b.storePolicy);
  EXPECT_EQ(a.deadLines, b.deadLines);
  EXPECT_EQ(a.unitsPerInstance, b.unitsPerInstance);
  EXPECT_EQ(a.inclusive, b.inclusive);
  EXPECT_EQ(a.readBytesPerSecond.peak, b.readBytesPerSecond.peak);
  EXPECT_EQ(a.readBytesPerSecond.achievable, b.readBytesPerSecond.achievable);
  EXPECT_EQ(a.writeBytesPerSecond.peak, b.writeBytesPerSecond.peak);
  EXPECT_EQ(a.writeBytesPerSecond.achievable, b.writeBytesPerSecond.achievable);
  EXPECT_EQ(a.picojoulesPerBit, b.picojoulesPerBit);
}

static void expectEqual(llvm::ArrayRef<Peak> a, llvm::ArrayRef<Peak> b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].elementType, b[i].elementType);
    EXPECT_EQ(a[i].opsPerSecond, b[i].opsPerSecond);
  }
}

static void expectEqual(const Target &a, const Target &b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.units, b.units);
  EXPECT_EQ(a.vectorRegisters, b.vectorRegisters);
  EXPECT_EQ(a.vectorBits, b.vectorBits);
  EXPECT_EQ(a.dotInstructions.bf16, b.dotInstructions.bf16);
  EXPECT_EQ(a.dotInstructions.integers, b.dotInstructions.integers);
  ASSERT_EQ(a.levels.size(), b.levels.size());
  for (size_t i = 0; i < a.levels.size(); ++i)
    expectEqual(a.levels[i], b.levels[i]);
  ASSERT_EQ(a.links.size(), b.links.size());
  for (size_t i = 0; i < a.links.size(); ++i) {
    EXPECT_EQ(a.links[i].name, b.links[i].name);
    EXPECT_EQ(a.links[i].readBytesPerSecond.peak,
              b.links[i].readBytesPerSecond.peak);
    EXPECT_EQ(a.links[i].readBytesPerSecond.achievable,
              b.links[i].readBytesPerSecond.achievable);
    EXPECT_EQ(a.links[i].writeBytesPerSecond.peak,
              b.links[i].writeBytesPerSecond.peak);
    EXPECT_EQ(a.links[i].devices, b.links[i].devices);
  }
  expectEqual(a.matrixPeaks, b.matrixPeaks);
  expectEqual(a.vectorPeaks, b.vectorPeaks);
}

/// Prints and reads back.
static void expectRoundTrip(const Target &target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printTargets(os, target);
  Registry registry;
  ASSERT_EQ(llvm::toString(registry.addText(text, "printed")), "");
  llvm::Expected<const Target *> read = registry.find(target.name);
  ASSERT_TRUE(bool(read));
  expectEqual(target, **read);
}

TEST(DLTITest, EveryFactRoundTrips) {
  expectRoundTrip(makeTarget());

  mlir::MLIRContext context;
  context.loadDialect<mlir::DLTIDialect>();
  Target target = makeTarget();
  auto read = readTarget("t", buildTargetSpec(&context, target), [&] {
    return mlir::emitError(mlir::UnknownLoc::get(&context));
  });
  ASSERT_TRUE(succeeded(read));
  expectEqual(target, *read);
}

TEST(DLTITest, ShippedTargetsRoundTripAndAreTheFiles) {
  Registry shipped;
  std::vector<std::string> names = shipped.names();
  EXPECT_GE(names.size(), 17u);
  for (const std::string &name : names) {
    SCOPED_TRACE(name);
    llvm::Expected<const Target *> target = shipped.find(name);
    ASSERT_TRUE(bool(target)) << llvm::toString(target.takeError());
    EXPECT_EQ((*target)->name, name);
    EXPECT_FALSE((*target)->description.empty());
    EXPECT_TRUE((*target)->dram().readBytesPerSecond.peak);
    expectRoundTrip(**target);

    Registry files;
    ASSERT_EQ(llvm::toString(files.addFile(std::string(MEMWALL_TARGETS_DIR) +
                                           "/" + name + ".mlir")),
              "");
    llvm::Expected<const Target *> file = files.find(name);
    ASSERT_TRUE(bool(file));
    expectEqual(**target, **file);
  }
}

TEST(DLTITest, UpstreamKeysAreUnderstood) {
  Registry registry;
  ASSERT_EQ(llvm::toString(registry.addText(
                R"(module attributes {dlti.target_system_spec =
                     #dlti.target_system_spec<
                       "CPU" = #dlti.target_device_spec<
                         "max_vector_op_width" = 64 : ui32,
                         "L2_cache_size_in_bytes" = 65536 : ui32,
                         "L1_cache_size_in_bytes" = 4096 : ui32>,
                       "GPU" = #dlti.target_device_spec<
                         "max_vector_op_width" = 64 : ui32>>} {})",
                "upstream")),
            "");
  llvm::Expected<const Target *> cpu = registry.find("CPU");
  ASSERT_TRUE(bool(cpu));
  ASSERT_EQ((*cpu)->levels.size(), 3u);
  EXPECT_EQ((*cpu)->levels[0].name, "l1");
  EXPECT_EQ((*cpu)->levels[0].capacityBytes, 4096);
  EXPECT_EQ((*cpu)->levels[1].name, "l2");
  EXPECT_EQ((*cpu)->dram().name, "dram");
  EXPECT_FALSE((*cpu)->dram().readBytesPerSecond.peak);
  // A device that says nothing about memory is no target.
  EXPECT_NE(llvm::toString(registry.find("GPU").takeError()), "");
}

TEST(DLTITest, LaterTargetsWinAndLevelsAreKnown) {
  Registry registry;
  Target target = makeTarget();
  target.name = "h100-sxm";
  std::string text;
  llvm::raw_string_ostream os(text);
  printTargets(os, target);
  ASSERT_EQ(llvm::toString(registry.addText(text, "mine")), "");
  EXPECT_EQ((*registry.find("h100-sxm"))->dram().name, "hbm9");
  EXPECT_EQ(llvm::toString(registry.checkLevelName("hbm9")), "");
  EXPECT_EQ(llvm::toString(registry.checkLevelName("ddr5")), "");
  EXPECT_EQ(llvm::toString(registry.checkLevelName("hbm33")),
            "no target has a level 'hbm33'; did you mean 'hbm3e'?");
}

TEST(DLTITest, ClustersAreTargets) {
  Registry registry;
  ASSERT_EQ(llvm::toString(registry.addText(R"(
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "board" = #dlti.target_device_spec<
    "description" = "a board",
    "clusters" = #dlti.map<
      "big" = #dlti.map<"units" = 4, "levels" = #dlti.map<
        "l2" = #dlti.map<"capacity" = "12 MiB", "units_per_instance" = 4>>,
        "vector_ops_per_second" = #dlti.map<"f32" = 400.0e9>>,
      "little" = #dlti.map<"units" = 2, "levels" = #dlti.map<
        "l2" = #dlti.map<"capacity" = "4 MiB", "units_per_instance" = 2>>>>,
    "levels" = #dlti.map<
      "slc" = #dlti.map<"capacity" = "8 MiB", "inclusive" = false>,
      "lpddr" = #dlti.map<"kind" = "memory", "capacity" = "8 GB">>>>} {})",
                                            "x.mlir")),
            "");
  const Target *board = llvm::cantFail(registry.find("board"));
  const Target *big = llvm::cantFail(registry.find("board-big"));
  const Target *little = llvm::cantFail(registry.find("board-little"));
  EXPECT_EQ(board->levels[0].capacityBytes, 12 << 20);
  EXPECT_EQ(big->description, "a board");
  EXPECT_EQ(big->units, 4);
  EXPECT_EQ(big->levels[1].unitsPerInstance, 4);
  EXPECT_EQ(big->countHeldBytes(1), 20 << 20);
  EXPECT_EQ(big->vectorPeak("f32"), 400e9);
  EXPECT_EQ(little->levels[1].unitsPerInstance, 2);
  EXPECT_EQ(little->countHeldBytes(1), 12 << 20);
  EXPECT_EQ(little->vectorPeak("f32"), std::nullopt);
}
