// Fully associative caches, named so that the row `past22` is what a cache of
// 22 lines of 64 bytes misses and writes back. Every level sees every access.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "lines" = #dlti.target_device_spec<
    "units" = 1,
    "levels" = #dlti.map<
      "accesses" = #dlti.map<"capacity_bytes" = 256>,  //   4 lines
      "past4" = #dlti.map<"capacity_bytes" = 1408>,    //  22
      "past22" = #dlti.map<"capacity_bytes" = 3584>,   //  56
      "past56" = #dlti.map<"capacity_bytes" = 5120>,   //  80
      "past80" = #dlti.map<"capacity_bytes" = 10752>,  // 168
      "past168" = #dlti.map<"capacity_bytes" = 20480>, // 320
      "past320" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {}
