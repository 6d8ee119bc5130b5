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
            "x.mlir:1:1: target 't': missing key 'levels'");
  EXPECT_EQ(readDevice("\"levls\" = 4, \"units\" = 1"),
            "x.mlir:1:1: target 't': unknown key 'levls'; did you mean "
            "'levels'?");
  EXPECT_EQ(readLevel("\"line_bytes\" = 64"),
            "x.mlir:1:1: target 't', level 'l1': missing key "
            "'capacity_bytes'");
  EXPECT_EQ(readLevel("\"capacity\" = 64"),
            "x.mlir:1:1: target 't', level 'l1': unknown key 'capacity'; did "
            "you mean 'capacity_bytes'?");
  EXPECT_EQ(readLevel("\"capacity_byte\" = 64"),
            "x.mlir:1:1: target 't', level 'l1': unknown key 'capacity_byte'; "
            "did you mean 'capacity_bytes'?");
  EXPECT_EQ(readDevice(std::string("\"levels\" = #dlti.map<") + kMemory +
                       ">, \"matrix_ops_per_second\" = "
                       "#dlti.map<\"bff16\" = 1.0e9>"),
            "x.mlir:1:1: target 't', 'matrix_ops_per_second': unknown key "
            "'bff16'; did you mean 'bf16'?");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<i8 = 4>"),
            "x.mlir:1:1: target 't': 'levels' expects keys that are strings");
}

TEST(InvalidTargetTest, Kinds) {
  EXPECT_EQ(readDevice("\"levels\" = 4 : i64"),
            "x.mlir:1:1: target 't': 'levels' expects a #dlti.map, found "
            "4 : i64");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"l1\" = 4 : i64>"),
            "x.mlir:1:1: target 't': 'l1' expects a #dlti.map, found 4 : i64");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"l1\" = #dlti.map<\"kind\" = "
                       "\"x\">>, \"description\" = 4 : i64"),
            "x.mlir:1:1: target 't': 'description' expects a string, found "
            "4 : i64");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = \"4K\""),
            "x.mlir:1:1: target 't', level 'l1': 'capacity_bytes' expects a "
            "whole number, found \"4K\"");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 1.5"),
            "x.mlir:1:1: target 't', level 'l1': 'capacity_bytes' expects a "
            "whole number, found 1.500000e+00 : f64");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 1.0e30"),
            "x.mlir:1:1: target 't', level 'l1': 'capacity_bytes' expects a "
            "whole number, found 1.000000e+30 : f64");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, "
                      "\"peak_read_bytes_per_second\" = \"fast\""),
            "x.mlir:1:1: target 't', level 'l1': 'peak_read_bytes_per_second' "
            "expects a number, found \"fast\"");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"kind\" = \"cache\""),
            "x.mlir:1:1: target 't', level 'l1': 'kind' expects one of "
            "cached, explicit, memory, found 'cache'; did you mean 'cached'?");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"associativity\" = 4, "
                      "\"index\" = \"xor\""),
            "x.mlir:1:1: target 't', level 'l1': 'index' expects one of "
            "modulo, hashed, found 'xor'");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"store_policy\" = \"no\""),
            "x.mlir:1:1: target 't', level 'l1': 'store_policy' expects one "
            "of fetch, allocate, bypass, found 'no'");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"dead_lines\" = \"\""),
            "x.mlir:1:1: target 't', level 'l1': 'dead_lines' expects one of "
            "dropped, written, found ''");
}

TEST(InvalidTargetTest, OnlyCachesWithWaysHaveAnIndex) {
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"associativity\" = 4, "
                      "\"index\" = \"hashed\""),
            "");
  for (std::string index : {"modulo", "hashed"}) {
    std::string key = ", \"index\" = \"" + index + "\"";
    EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096" + key),
              "x.mlir:1:1: target 't', level 'l1': 'index' expects a level "
              "with 'associativity': a fully associative cache has one set");
    EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, \"associativity\" = 4, "
                        "\"kind\" = \"explicit\"" +
                        key),
              "x.mlir:1:1: target 't', level 'l1': 'index' expects a level "
              "of kind 'cached'");
    EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"ddr\" = #dlti.map<\"kind\" "
                         "= \"memory\", \"capacity_bytes\" = 4096" +
                         key + ">>"),
              "x.mlir:1:1: target 't', level 'ddr': 'index' expects a level "
              "of kind 'cached'");
  }
}

TEST(InvalidTargetTest, Nonsense) {
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 4096, "
                      "\"peak_read_bytes_per_second\" = 0"),
            "x.mlir:1:1: target 't': level 'l1': read peak bandwidth must be "
            "positive, found 0");
  EXPECT_EQ(readLevel("\"capacity_bytes\" = 2.0e9"),
            "x.mlir:1:1: target 't': level 'ddr': capacities must grow "
            "outwards, found 1000000000 bytes outside 2000000000");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<\"l1\" = "
                       "#dlti.map<\"capacity_bytes\" = 4096>>"),
            "x.mlir:1:1: target 't': level 'l1': the outermost level must be "
            "a memory");
  EXPECT_EQ(readDevice("\"levels\" = #dlti.map<>"),
            "x.mlir:1:1: target 't': a target needs at least a memory level, "
            "found no levels");
}
