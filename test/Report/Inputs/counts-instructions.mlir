// A machine on which nothing but instructions and pages takes time.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "counting" = #dlti.target_device_spec<
    "vector_bits" = 256,
    "instructions_per_second" = 1.0e9,
    "pages" = #dlti.map<
      "translations" = #dlti.map<"count" = 4, "seconds_per_miss" = 1.0e-6>>,
    "levels" = #dlti.map<
      "l1" = #dlti.map<"capacity" = "32 KiB", "peak_read_bytes_per_second" = 1.0e15>,
      "dram" = #dlti.map<"kind" = "memory", "capacity" = "1 GB", "peak_read_bytes_per_second" = 1.0e15>>,
    "vector_ops_per_second" = #dlti.map<"f32" = 1.0e15>>>} {}
