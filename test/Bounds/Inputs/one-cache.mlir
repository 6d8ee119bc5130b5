// One fully associative cache of 4 KiB in front of DRAM.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "one-cache" = #dlti.target_device_spec<
    "units" = 1 : i64,
    "levels" = #dlti.map<
      "cache" = #dlti.map<
        "kind" = "cached",
        "capacity_bytes" = 4096 : i64,
        "store_policy" = "allocate">,
      "dram" = #dlti.map<
        "kind" = "memory",
        "capacity_bytes" = 1000000000 : i64>>>>} {}
