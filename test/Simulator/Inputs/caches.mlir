// Caches that cachegrind can simulate as well.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "sets" = #dlti.target_device_spec<
    "description" = "4 KiB in 16 sets", "units" = 1,
    "levels" = #dlti.map<
      "d1" = #dlti.map<"capacity_bytes" = 4096, "associativity" = 4>,
      "memory" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e12>>>,
  "full" = #dlti.target_device_spec<
    "description" = "8 KiB in one set", "units" = 1,
    "levels" = #dlti.map<
      "d1" = #dlti.map<"capacity_bytes" = 8192>,
      "memory" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e12>>>>} {}
