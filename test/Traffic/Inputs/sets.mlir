// 128 lines of 64 bytes: fully associative, in 16 sets of 8, and hashed.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "one-set" = #dlti.target_device_spec<
    "units" = 1,
    "levels" = #dlti.map<
      "accesses" = #dlti.map<"capacity_bytes" = 8192>,
      "past128" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>,
  "sets" = #dlti.target_device_spec<
    "units" = 1,
    "levels" = #dlti.map<
      "accesses" = #dlti.map<"capacity_bytes" = 8192, "associativity" = 8>,
      "past128" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>,
  "hashed" = #dlti.target_device_spec<
    "units" = 1,
    "levels" = #dlti.map<
      "accesses" = #dlti.map<"capacity_bytes" = 8192, "associativity" = 8, "index" = "hashed">,
      "past128" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {}
