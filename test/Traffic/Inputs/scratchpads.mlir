// Memories that the program fills, of 4, 64, 800 and 5120 words; sectors of one
// word, so that only words are counted.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "scratchpads" = #dlti.target_device_spec<
    "units" = 1,
    "levels" = #dlti.map<
      "accesses" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 16,
                             "line_bytes" = 4, "sector_bytes" = 4>,
      "past16" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 256,
                            "line_bytes" = 4, "sector_bytes" = 4>,
      "past256" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 3200,
                             "line_bytes" = 4, "sector_bytes" = 4>,
      "past3200" = #dlti.map<"kind" = "explicit", "capacity_bytes" = 20480,
                             "line_bytes" = 4, "sector_bytes" = 4>,
      "past20480" = #dlti.map<"kind" = "memory", "capacity_bytes" = 1.0e9>>>>} {}
