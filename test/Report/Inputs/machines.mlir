module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "slow" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "cache" = #dlti.map<"capacity_bytes" = 1024, "store_policy" = "allocate">,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 4096,
                         "peak_read_bytes_per_second" = 1.0e6,
                         "peak_write_bytes_per_second" = 1.0e6,
                         "picojoules_per_bit" = 1000.0>>,
    "matrix_ops_per_second" = #dlti.map<"f32" = 3.9e6>,
    "vector_ops_per_second" = #dlti.map<"f32" = 3.9e6>>,
  "fast" = #dlti.target_device_spec<
    "levels" = #dlti.map<
      "cache" = #dlti.map<"capacity_bytes" = 32768, "store_policy" = "allocate">,
      "dram" = #dlti.map<"kind" = "memory", "capacity_bytes" = 65536,
                         "peak_read_bytes_per_second" = 1.0e6,
                         "peak_write_bytes_per_second" = 1.0e6>>,
    "matrix_ops_per_second" = #dlti.map<"f32" = 1.0e9>,
    "vector_ops_per_second" = #dlti.map<"f32" = 1.0e9>>>} {}
