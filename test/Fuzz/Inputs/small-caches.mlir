// Machines on which small tensors do not fit: every store policy, lines and
// sectors, sets, units, and an explicit level.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tiny" = #dlti.target_device_spec<
    "units" = 1 : i64,
    "levels" = #dlti.map<
      "l1" = #dlti.map<"kind" = "cached", "capacity_bytes" = 512 : i64,
                       "line_bytes" = 32 : i64, "store_policy" = "allocate">,
      "l2" = #dlti.map<"kind" = "cached", "capacity_bytes" = 4096 : i64,
                       "line_bytes" = 64 : i64, "store_policy" = "fetch">,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1000000000 : i64>>>,
  "sectors" = #dlti.target_device_spec<
    "units" = 1 : i64,
    "levels" = #dlti.map<
      "l1" = #dlti.map<"kind" = "cached", "capacity_bytes" = 2048 : i64,
                       "line_bytes" = 128 : i64, "sector_bytes" = 32 : i64,
                       "store_policy" = "bypass">,
      "l2" = #dlti.map<"kind" = "cached", "capacity_bytes" = 16384 : i64,
                       "line_bytes" = 128 : i64, "sector_bytes" = 32 : i64,
                       "store_policy" = "allocate", "associativity" = 4 : i64>,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1000000000 : i64>>>,
  "scratch" = #dlti.target_device_spec<
    "units" = 4 : i64,
    "levels" = #dlti.map<
      "pad" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 1024 : i64,
                        "units_per_instance" = 1 : i64>,
      "l2" = #dlti.map<"kind" = "cached", "capacity_bytes" = 8192 : i64,
                       "store_policy" = "allocate">,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1000000000 : i64>>>,
  "element" = #dlti.target_device_spec<
    "units" = 1 : i64,
    "levels" = #dlti.map<
      "cache" = #dlti.map<"kind" = "cached", "capacity_bytes" = 256 : i64,
                          "line_bytes" = 8 : i64, "store_policy" = "allocate">,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1000000000 : i64>>>>} {}
