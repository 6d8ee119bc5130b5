module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "four-units" = #dlti.target_device_spec<
    "description" = "4 units with 4 lines each", "units" = 4,
    "levels" = #dlti.map<
      "private" = #dlti.map<"capacity_bytes" = 256>,
      "memory" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e12>>>>} {}
