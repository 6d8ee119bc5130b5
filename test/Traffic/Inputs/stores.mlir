// One fully associative cache of 4 lines, and one of 320, per store policy.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "fetch" = #dlti.target_device_spec<"units" = 1, "levels" = #dlti.map<
    "accesses" = #dlti.map<"capacity_bytes" = 256>,
    "past4" = #dlti.map<"capacity_bytes" = 20480>,
    "past320" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>,
  "allocate" = #dlti.target_device_spec<"units" = 1, "levels" = #dlti.map<
    "accesses" = #dlti.map<"capacity_bytes" = 256, "store_policy" = "allocate">,
    "past4" = #dlti.map<"capacity_bytes" = 20480, "store_policy" = "allocate">,
    "past320" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>,
  "bypass" = #dlti.target_device_spec<"units" = 1, "levels" = #dlti.map<
    "accesses" = #dlti.map<"capacity_bytes" = 256, "store_policy" = "bypass">,
    "past4" = #dlti.map<"capacity_bytes" = 20480, "store_policy" = "bypass">,
    "past320" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>,
  "dead-written" = #dlti.target_device_spec<"units" = 1, "levels" = #dlti.map<
    "accesses" = #dlti.map<"capacity_bytes" = 256, "store_policy" = "allocate", "dead_lines" = "written">,
    "past4" = #dlti.map<"capacity_bytes" = 20480, "store_policy" = "allocate", "dead_lines" = "written">,
    "past320" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>}
  {}
