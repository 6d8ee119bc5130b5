//===- InvalidTargetTest.cpp - Every way a target can be wrong ------------===//

#include "memwall/Target/Registry.h"
#include <gtest/gtest.h>

using namespace memwall;

static const char *const kMemory =
    R"("ddr" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>)";

/// The error for a device "t" with these entries.
static std::string readDevice(const std::string &entries) {
  Registry registry;
  return llvm::toString(registry.addText(
      "module attributes {dlti.target_system_spec = "
      "#dlti.target_system_spec<\"t\" = #dlti.target_device_spec<" +
          entries + ">>} {}",
      "x.mlir"));
}

/// The same for one level "l1" inside a memory.
static std::string readLevel(const std::string &entries) {
  return readDevice("\"levels\" = #dlti.map<\"l1\" = #dlti.map<" + entries +
                    ">, " + kMemory + ">");
}

TEST(InvalidTargetTest, AcceptsTheBase) {
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096"), "");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096 : ui64"), "");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4.096e3"), "");
}

TEST(InvalidTargetTest, Keys) {
  EXPECT_EQ(readDevice("\"units\" = 4"),
            "x.mlir:1:71: target 't': missing key 'levels'");
  EXPECT_EQ(readDevice("\"levls\" = 4, \"units\" = 1"),
            "x.mlir:1:71: target 't': unknown key 'levls'; did you mean "
            "'levels'?");
  EXPECT_EQ(readLevel("\"line_bytes\" = 64"),
            "x.mlir:1:71: target 't', level 'l1': missing key "
            "'capacity_bytes'");
  EXPECT_EQ(readLevel("\"capacity\" = 64"),
            "x.mlir:1:71: target 't', level 'l1': 'capacity' expects a size "
            "with a unit, like \"512 KiB\" (a number goes to "
            "'capacity_bytes'), found 64 : i64");
  EXPECT_EQ(readLevel("\"capacity_byte\" = 64"),
            "x.mlir:1:71: target 't', level 'l1': unknown key 'capacity_byte'; "
            "did you mean 'capacity_bytes'?");
  EXPECT_EQ(readDevice(std::string("\"levels\" = #dlti.map<") + kMemory +
                       ">, \"matrix_ops_per_second\" = "
                       "#dlti.map<\"bff16\" = 1.0e9>"),
            "x.mlir:1:71: target 't', 'matrix_ops_per_second': unknown key "
            "'bff16'; did you mean 'bf16'?");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<i8 = 4>"),
            "x.mlir:1:71: target 't': 'levels' expects keys that are strings");
}

TEST(InvalidTargetTest, Kinds) {
  EXPECT_EQ(readDevice("\"levels\" = 4 : i64"),
            "x.mlir:1:71: target 't': 'levels' expects a #dlti.map, found "
            "4 : i64");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"l1\" = 4 : i64>"),
            "x.mlir:1:71: target 't': 'l1' expects a #dlti.map, found 4 : i64");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"l1\" = #dlti.map<\"kind\" = "
                       "\"x\">>, \"description\" = 4 : i64"),
            "x.mlir:1:71: target 't': 'description' expects a string, found "
            "4 : i64");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<>, \"dot_instructions\" = "
                       "\"avx512bf16,amx\""),
            "x.mlir:1:71: target 't': 'dot_instructions' expects 'avx512bf16', "
            "'avx512vnni', both with a comma between them, or 'none', found "
            "\"avx512bf16,amx\"");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = \"4K\""),
            "x.mlir:1:71: target 't', level 'l1': 'capacity_bytes' expects a "
            "whole number, found \"4K\"");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 1.5"),
            "x.mlir:1:71: target 't', level 'l1': 'capacity_bytes' expects a "
            "whole number, found 1.500000e+00 : f64");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 1.0e30"),
            "x.mlir:1:71: target 't', level 'l1': 'capacity_bytes' expects a "
            "whole number, found 1.000000e+30 : f64");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, "
                      "\"peak_read_bytes_per_second\" = \"fast\""),
            "x.mlir:1:71: target 't', level 'l1': 'peak_read_bytes_per_second' "
            "expects a number, found \"fast\"");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"kind\" = \"cache\""),
            "x.mlir:1:71: target 't', level 'l1': 'kind' expects one of "
            "cached, explicit, memory, found 'cache'; did you mean 'cached'?");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"associativity\" = 4, "
                      "\"index\" = \"xor\""),
            "x.mlir:1:71: target 't', level 'l1': 'index' expects one of "
            "modulo, hashed, found 'xor'");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"store_policy\" = \"no\""),
            "x.mlir:1:71: target 't', level 'l1': 'store_policy' expects one "
            "of fetch, allocate, bypass, found 'no'");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"dead_lines\" = \"\""),
            "x.mlir:1:71: target 't', level 'l1': 'dead_lines' expects one of "
            "dropped, written, found ''");
}

TEST(InvalidTargetTest, OnlyCachesWithWaysHaveAnIndex) {
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"associativity\" = 4, "
                      "\"index\" = \"hashed\""),
            "");
  for (std::string index : {"modulo", "hashed"}) {
    std::string key = ", \"index\" = \"" + index + "\"";
    EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096" + key),
              "x.mlir:1:71: target 't', level 'l1': 'index' expects a level "
              "with 'associativity': a fully associative cache has one set");
    EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"associativity\" = 4, "
                        "\"kind\" = \"explicit\"" +
                        key),
              "x.mlir:1:71: target 't', level 'l1': 'index' expects a level "
              "of kind 'cached'");
    EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"ddr\" = #dlti.map<\"kind\" "
                         "= \"memory\", \"capacity_bytes\" = 4096" +
                         key + ">>"),
              "x.mlir:1:71: target 't', level 'ddr': 'index' expects a level "
              "of kind 'cached'");
  }
}

TEST(InvalidTargetTest, Sizes) {
  for (const char *size :
       {"4 KiB", "4KiB", " 4096 B", "4.0 KiB", "0.5 MiB", "4.096 kB", "1 MB"})
    EXPECT_EQ(readLevel("\"capacity\" = \"" + std::string(size) + "\""), "")
        << size;
  std::string where =
      "x.mlir:1:71: target 't', level 'l1': 'capacity' expects ";
  std::string unit = "a number with a unit (B, kB, MB, GB, TB of 1000, or KiB, "
                     "MiB, GiB, TiB of 1024), like \"512 KiB\"";
  auto read = [](std::string size) {
    return readLevel("\"capacity\" = \"" + size + "\"");
  };
  for (std::string size : {"4096", "4 KB", "KiB", "-4 KiB", "", "4 KiB B"})
    EXPECT_EQ(read(size), where + unit + ", found \"" + size + "\"");
  EXPECT_EQ(read("1.5 B"), where + "a whole number of bytes, found \"1.5 B\"");
  for (std::string size : {"9000000 TiB", "99999999999999999999 B"})
    EXPECT_EQ(read(size),
              where + "less than 2^63 bytes, found \"" + size + "\"");
  EXPECT_EQ(readLevel("\"capacity\" = \"4 KiB\", \"capacity_bytes\" = 4096"),
            "x.mlir:1:71: target 't', level 'l1': expects 'capacity' or "
            "'capacity_bytes', found both");
}

/// Two caches; `outer` are more entries of the outer one.
static std::string readOuter(const std::string &inner,
                             const std::string &outer) {
  return readDevice("\"units\" = 4, \"levels\" = #dlti.map<\"l2\" = "
                    "#dlti.map<\"capacity\" = \"512 KiB\"" +
                    inner +
                    ">, \"l3\" = #dlti.map<\"capacity\" = \"2 MiB\", "
                    "\"units_per_instance\" = 4" +
                    outer + ">, " + kMemory + ">");
}

TEST(InvalidTargetTest, VictimCaches) {
  std::string key = ", \"inclusive\" = false";
  EXPECT_EQ(readOuter("", key), "");
  EXPECT_EQ(readOuter("", ""),
            "x.mlir:1:71: target 't': level 'l3': capacities must grow "
            "outwards, found 2097152 bytes outside 2097152; a cache of victims "
            "has 'inclusive' = false");
  std::string where = "x.mlir:1:71: target 't': level 'l3': ";
  EXPECT_EQ(readOuter(", \"kind\" = \"explicit\"", key),
            where + "'inclusive' = false expects a cache, outside of a cache "
                    "whose victims it takes");
  EXPECT_EQ(readOuter("", key + ", \"line_bytes\" = 128"),
            where + "'inclusive' = false expects lines of one sector, like "
                    "those of 'l2', found lines of 128 and 64 bytes with "
                    "sectors of 128 and 64");
  EXPECT_EQ(readOuter("", key + ", \"store_policy\" = \"allocate\""),
            where + "'inclusive' = false expects the 'store_policy' of 'l2', "
                    "and not 'bypass'");
  EXPECT_EQ(readLevel("\"capacity\" = \"4 KiB\"" + key),
            "x.mlir:1:71: target 't': level 'l1': 'inclusive' = false expects "
            "a cache, outside of a cache whose victims it takes");
  EXPECT_EQ(readOuter("", ", \"inclusive\" = \"no\""),
            "x.mlir:1:71: target 't', level 'l3': 'inclusive' expects true or "
            "false, found \"no\"");
}

TEST(InvalidTargetTest, Links) {
  std::string levels = std::string("\"levels\" = #dlti.map<") + kMemory + ">";
  EXPECT_EQ(readDevice(levels + ", \"links\" = #dlti.map<\"net\" = "
                                "#dlti.map<\"devices\" = 1>>"),
            "x.mlir:1:71: target 't': link 'net': must join at least 2 "
            "devices, found 1");
  EXPECT_EQ(readDevice(levels + ", \"links\" = #dlti.map<\"net\" = "
                                "#dlti.map<\"device\" = 8>>"),
            "x.mlir:1:71: target 't', link 'net': unknown key 'device'; did "
            "you mean 'devices'?");
}

TEST(InvalidTargetTest, Clusters) {
  std::string shared = std::string("\"levels\" = #dlti.map<") + kMemory +
                       ">, \"clusters\" = #dlti.map<\"big\" = ";
  EXPECT_EQ(readDevice(shared + "#dlti.map<\"units\" = 4>>, \"units\" = 4"),
            "x.mlir:1:71: target 't': 'units' belongs into each of the "
            "clusters");
  EXPECT_EQ(readDevice(shared + "#dlti.map<\"links\" = 4>>"),
            "x.mlir:1:71: target 't', cluster 'big': unknown key "
            "'links'");
  EXPECT_EQ(readDevice(shared + "#dlti.map<\"units\" = 4, \"levels\" = "
                                "#dlti.map<\"l1\" = #dlti.map<\"capacity\" = "
                                "\"2 GB\">>>>"),
            "x.mlir:1:71: target 't', cluster 'big': level 'ddr': capacities "
            "must grow outwards, found 1000000000 bytes outside 8000000000");
}

TEST(InvalidTargetTest, IsReportedWhereTheDeviceStands) {
  Registry registry;
  EXPECT_EQ(llvm::toString(registry.addText(
                "// \"t\" = #dlti.target_device_spec\nmodule attributes "
                "{dlti.target_system_spec = #dlti.target_system_spec<\n"
                "  \"s\" = #dlti.target_device_spec<\"description\" = \"t\","
                " \"levels\" = #dlti.map<" +
                    std::string(kMemory) +
                    ">>,\n  \"t\" =\n #dlti.target_device_spec<\"units\" = "
                    "0, \"levels\" = #dlti.map<" +
                    kMemory + ">>>} {}",
                "x.mlir")),
            "x.mlir:4:3: target 't': units must be positive, found 0");
}

TEST(InvalidTargetTest, Nonsense) {
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, "
                      "\"peak_read_bytes_per_second\" = 0"),
            "x.mlir:1:71: target 't': level 'l1': read peak bandwidth must be "
            "positive, found 0");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 2.0e9"),
            "x.mlir:1:71: target 't': level 'ddr': capacities must grow "
            "outwards, found 1000000000 bytes outside 2000000000");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"l1\" = "
                       "#dlti.map<\"capacity_bytes\" = 4096>>"),
            "x.mlir:1:71: target 't': level 'l1': the outermost level must be "
            "a memory");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<>"),
            "x.mlir:1:71: target 't': a target needs at least a memory level, "
            "found no levels");
}
