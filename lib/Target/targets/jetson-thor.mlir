// NVIDIA Jetson T5000 (AGX Thor) 128 GB (LPDDR5X), its GPU.
// The 16 MB system cache is smaller than the L2 and left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "jetson-thor" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson AGX Thor 128 GB, LPDDR5X",
    // SMs: NVIDIA DS-11945-001
    "units" = 20,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 228 KiB per SM: CUDA device query
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 32 MiB: CUDA device query
        "capacity_bytes" = 33554432,
        // 128-byte lines of four 32-byte sectors (NVIDIA CUDA best practices; Nsight Compute
        // memory tables); the number of ways is not published
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 20>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 128 GB, 256 bits at 4266 MHz: NVIDIA DS-11945-001
        "capacity_bytes" = 128.0e9,
        // LPDDR5 moves 32 bytes an access (16 bits, BL16): JESD209-5B
        "line_bytes" = 32,
        // NVIDIA DS-11945-001. No measured figure found
        "peak_read_bytes_per_second" = 273.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 273.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: half of f8
      "f16" = 258.5e12,
      "bf16" = 258.5e12,
      // Dense (1035 sparse): NVIDIA DS-11945-001
      "f8" = 517.0e12,
      // Dense (2070 sparse): NVIDIA DS-11945-001
      "f4" = 1035.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: 2560 CUDA cores x 2 FLOP x 1.575 GHz (NVIDIA DS-11945-001)
      "f32" = 8.06e12>>>} {}
