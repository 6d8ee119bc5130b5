// NVIDIA H200 SXM 141 GB (HBM3E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "h200-sxm" = #dlti.target_device_spec<
    "description" = "NVIDIA H200 SXM 141 GB, HBM3E",
    // SMs: jax-ml/scaling-book, GPU chapter
    "units" = 132,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 228 KiB per SM: NVIDIA Hopper Tuning Guide
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 50 MiB: jax-ml/scaling-book, GPU chapter
        "capacity_bytes" = 52428800,
        // 128-byte lines of four 32-byte sectors (NVIDIA CUDA best practices; Nsight Compute
        // memory tables); the number of ways is not published
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 132>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 141 GB HBM3e: MLPerf Inference v4.1, NVIDIA H200 system description
        "capacity_bytes" = 141.0e9,
        // HBM3E moves 32 bytes an access, as HBM3 does: JESD238A
        "line_bytes" = 32,
        // 4.8 TB/s: NVIDIA H200 datasheet. No measured figure found
        "peak_read_bytes_per_second" = 4800.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 4800.0e9,
        // HBM3E is 20% below the 4.3 of HBM2E: Moon, Son, Lee (SK hynix), IEDM 2023 15-6
        "picojoules_per_bit" = 3.44>>,
    "matrix_ops_per_second" = #dlti.map<
      // The GPU die of the H100 SXM: see h100-sxm.mlir
      "f64" = 66.9e12,
      "tf32" = 494.7e12,
      "bf16" = 989.5e12,
      "f16" = 989.5e12,
      "f8" = 1979.0e12,
      "i8" = 1979.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // As h100-sxm.mlir
      "f64" = 33.5e12,
      "f32" = 67.0e12,
      "bf16" = 133.8e12,
      "f16" = 133.8e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // "NVLink4 900 GB/s": hardware.csv of the reference folder, which counts both directions
        "peak_read_bytes_per_second" = 450.0e9,
        "peak_write_bytes_per_second" = 450.0e9,
        "devices" = 8>>>>} {}
