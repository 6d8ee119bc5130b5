// NVIDIA H100 SXM5 80 GB (HBM3).
// The bandwidth of L2 and shared memory is not published; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "h100-sxm" = #dlti.target_device_spec<
    "description" = "NVIDIA H100 SXM5 80 GB, HBM3",
    // SMs: NVIDIA H100 datasheet
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
        // 50 MiB: NVIDIA Hopper Tuning Guide
        "capacity_bytes" = 52428800,
        // 128-byte lines of four 32-byte sectors (NVIDIA CUDA best practices; Nsight Compute
        // memory tables); the number of ways is not published
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 132>,
      "hbm3" = #dlti.map<
        "kind" = "memory",
        // 80 GB, 3.35 TB/s: NVIDIA H100 datasheet
        "capacity_bytes" = 80.0e9,
        // HBM3 moves 32 bytes an access: JESD238A
        "line_bytes" = 32,
        // NVIDIA H100 datasheet (the Hopper Tuning Guide says up to 3 TB/s)
        "peak_read_bytes_per_second" = 3350.0e9,
        // Best decode GEMM in the Vidur profiles: 2098 to 2819 GB/s, 63 to 84%
        "achievable_read_bytes_per_second" = 2819.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 3350.0e9,
        "achievable_write_bytes_per_second" = 2819.0e9,
        // HBM3, derived from HBM2 parts: 3.97 total (O'Connor, MICRO 2017)
        "picojoules_per_bit" = 3.9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Theoretical dense peaks: G. Lockwood's garden, processors/h100, from the NVIDIA H100
      // whitepaper and clocks (66.9 FP64 tensor; 494.7, 989.4, 1978.9 without sparsity)
      "f64" = 66.9e12,
      "tf32" = 494.7e12,
      "bf16" = 989.4e12,
      "f16" = 989.4e12,
      "f8" = 1978.9e12,
      "i8" = 1978.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // 67 TF FP32 (NVIDIA H100 datasheet); 33.5 FP64 and 133.8 FP16/BF16 outside the tensor
      // cores (as above)
      "f64" = 33.5e12,
      "f32" = 67.0e12,
      "bf16" = 133.8e12,
      "f16" = 133.8e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // "NVLink4 900 GB/s total (450/dir)": hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 450.0e9,
        "peak_write_bytes_per_second" = 450.0e9,
        "devices" = 8>>>>} {}
