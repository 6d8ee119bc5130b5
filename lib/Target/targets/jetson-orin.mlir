// NVIDIA Jetson AGX Orin 64 GB (LPDDR5), its GPU.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "jetson-orin" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson AGX Orin 64 GB, LPDDR5",
    // SMs: NVIDIA DS-10662-001
    "units" = 16,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 164 KiB per SM: NVIDIA CUDA C++ Programming Guide, compute capability 8.7
        "capacity_bytes" = 167936,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 4 MiB: NVIDIA DS-10662-001
        "capacity_bytes" = 4194304,
        // 128-byte lines of four 32-byte sectors (NVIDIA CUDA best practices; Nsight Compute
        // memory tables); the number of ways is not published
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 16>,
      "lpddr5" = #dlti.map<
        "kind" = "memory",
        // 64 GB, 256 bits at 3200 MHz: NVIDIA DS-10662-001
        "capacity_bytes" = 64.0e9,
        // LPDDR5 moves 32 bytes an access (16 bits, BL16): JESD209-5B
        "line_bytes" = 32,
        // NVIDIA DS-10662-001. No measured figure found
        "peak_read_bytes_per_second" = 204.8e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 204.8e9,
        // LPDDR5, as used in the AiF (accelerator-in-flash) paper
        "picojoules_per_bit" = 7.0>>,
    "matrix_ops_per_second" = #dlti.map<
      // Dense; the 85 TF of the data sheet are sparse
      "f16" = 42.5e12,
      // As f16
      "bf16" = 42.5e12,
      // GPU only, dense (170 sparse)
      "i8" = 85.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // NVIDIA DS-10662-001
      "f32" = 5.3e12>>>} {}
