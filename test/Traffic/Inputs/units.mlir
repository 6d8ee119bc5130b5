// Four units with caches of 320 lines of their own, and one of 640 for all.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "units" = #dlti.target_device_spec<
    "units" = 4,
    "levels" = #dlti.map<
      "accesses" = #dlti.map<"capacity_bytes" = 20480>,
      "past-own" = #dlti.map<"capacity_bytes" = 163840, "units_per_instance" = 4>,
      "past-shared" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {}
