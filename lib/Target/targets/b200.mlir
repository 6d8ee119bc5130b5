// NVIDIA B200 180 GB (HBM3E), the bin of HGX boards.
// 256 KiB of tensor memory per SM holds accumulators only and is not a level.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "b200" = #dlti.target_device_spec<
    "description" = "NVIDIA B200 180 GB, HBM3E",
    // SMs: device query in pytorch/ao pull request 4002
    "units" = 148,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 228 KiB per SM: device query in pytorch/ao pull request 4002
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 126.5 MiB by device query (NVIDIA Blackwell Tuning Guide: 126 MB)
        "capacity_bytes" = 132644864,
        // 128-byte lines of four 32-byte sectors (NVIDIA CUDA best practices; Nsight Compute
        // memory tables); the number of ways is not published
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 148>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 180 GB: NVIDIA Blackwell Tuning Guide (192 GB are fitted)
        "capacity_bytes" = 180.0e9,
        // HBM3E moves 32 bytes an access, as HBM3 does: JESD238A
        "line_bytes" = 32,
        // 8 TB/s: NVIDIA (7680 bits at 3996 MHz DDR would be 7.67)
        "peak_read_bytes_per_second" = 8000.0e9,
        // 6800 to 7100 measured: arXiv 2605.04178; the lower one
        "achievable_read_bytes_per_second" = 6800.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 8000.0e9,
        "achievable_write_bytes_per_second" = 6800.0e9,
        // HBM3E is 20% below the 4.3 of HBM2E: Moon, Son, Lee (SK hynix), IEDM 2023 15-6
        "picojoules_per_bit" = 3.44>>,
    "matrix_ops_per_second" = #dlti.map<
      // Dense, HGX bin: 2.25, 4.5, 9 PF (NVIDIA HGX page); a GB200 has 2.5 PF
      "bf16" = 2250.0e12,
      "f16" = 2250.0e12,
      "f8" = 4500.0e12,
      "f4" = 9000.0e12,
      // 72 POPS sparse for eight: NVIDIA HGX B200 datasheet
      "i8" = 4500.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 80 TF: jax-ml/scaling-book, GPU chapter
      "f32" = 80.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // "NVLink5 1800 GB/s total (900/dir)": hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 900.0e9,
        "peak_write_bytes_per_second" = 900.0e9,
        "devices" = 8>>>>} {}
