// NVIDIA Grace, one CPU, 480 GB of LPDDR5X.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "grace" = #dlti.target_device_spec<
    "description" = "NVIDIA Grace CPU, LPDDR5X",
    // Neoverse V2 cores: NVIDIA GH200 datasheet
    "units" = 72,
    // NEON and SVE2 of 128 bits: Arm Neoverse V2 Software Optimization Guide
    "vector_registers" = 32,
    "vector_bits" = 128,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 64 KiB, 4 ways: Arm Neoverse V2 Technical Reference Manual
        "capacity_bytes" = 65536,
        "associativity" = 4>,
      "l2" = #dlti.map<
        // 1 MiB, 8 ways: Arm Neoverse V2 Technical Reference Manual
        "capacity_bytes" = 1048576,
        "associativity" = 8>,
      "l3" = #dlti.map<
        // 114 MiB for all: NVIDIA GH200 datasheet; ways not found
        "capacity_bytes" = 119537664,
        "units_per_instance" = 72>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 480 GB: NVIDIA GH200 datasheet
        "capacity_bytes" = 480.0e9,
        // LPDDR5 moves 32 bytes an access (16 bits, BL16): JESD209-5B
        "line_bytes" = 32,
        // Up to 512 GB/s: NVIDIA GH200 datasheet (384 to 512 are quoted for 480 GB). No measured
        // figure found
        "peak_read_bytes_per_second" = 512.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 512.0e9>>,
    "vector_ops_per_second" = #dlti.map<
      // 7.1 TF FP64 for the superchip of two: NVIDIA Grace CPU Superchip datasheet
      "f64" = 3.55e12,
      // Derived: twice f64
      "f32" = 7.1e12>>>} {}
