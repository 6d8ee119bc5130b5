// Apple M4 Max with the 40-core GPU (LPDDR5X), its GPU.
// Apple does not publish the size of the system cache; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "m4-max" = #dlti.target_device_spec<
    "description" = "Apple M4 Max 40-core GPU 128 GB, LPDDR5X",
    // GPU cores: Apple
    "units" = 40,
    // NEON: Arm Architecture Reference Manual
    "vector_registers" = 32,
    "vector_bits" = 128,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 32 KiB of threadgroup memory: Apple Metal feature set tables
        "capacity_bytes" = 32768,
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 128 GB, 546 GB/s: Apple
        "capacity_bytes" = 128.0e9,
        // LPDDR5 moves 32 bytes an access (16 bits, BL16): JESD209-5B
        "line_bytes" = 32,
        // 512 bits: Apple (410 with the 32-core GPU)
        "peak_read_bytes_per_second" = 546.0e9,
        // Decode, 72.7% of peak
        "achievable_read_bytes_per_second" = 396.9e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 546.0e9,
        "achievable_write_bytes_per_second" = 396.9e9>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: 40 cores x 128 lanes x 2 FLOP x 1.578 GHz
      "f32" = 16.2e12,
      // As f32
      "f16" = 16.2e12>>>} {}
