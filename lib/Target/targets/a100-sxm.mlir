// NVIDIA A100 SXM4 80 GB (HBM2E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "a100-sxm" = #dlti.target_device_spec<
    "description" = "NVIDIA A100 SXM4 80 GB, HBM2E",
    // SMs: deviceQuery output, gist gengwg/3520df2e
    "units" = 108,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 164 KiB per SM: deviceQuery output (167936 B)
        "capacity_bytes" = 167936,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 40 MiB: NVIDIA Ampere Tuning Guide 1.4.2.2
        "capacity_bytes" = 41943040,
        // 128-byte lines of four 32-byte sectors (NVIDIA CUDA best practices; Nsight Compute
        // memory tables); the number of ways is not published
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 108>,
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // 80 GB, 2039 GB/s: NVIDIA A100 datasheet
        "capacity_bytes" = 80.0e9,
        // HBM2E moves 32 bytes an access: O'Connor, MICRO 2017
        "line_bytes" = 32,
        // NVIDIA A100 datasheet (1593 MHz * 2 * 5120 bits)
        "peak_read_bytes_per_second" = 2039.0e9,
        // Elementwise add; decode GEMM reaches 1343 to 1555 (Vidur profiles)
        "achievable_read_bytes_per_second" = 1798.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 2039.0e9,
        "achievable_write_bytes_per_second" = 1798.0e9,
        // HBM2E: Moon, Son, Lee (SK hynix), IEDM 2023 15-6
        "picojoules_per_bit" = 4.3>>,
    "matrix_ops_per_second" = #dlti.map<
      // NVIDIA A100 whitepaper, table 1, dense
      "f64" = 19.5e12,
      "tf32" = 156.0e12,
      "bf16" = 312.0e12,
      "f16" = 312.0e12,
      "i8" = 624.0e12,
      "i4" = 1248.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // NVIDIA A100 whitepaper, table 1, outside the tensor cores
      "f64" = 9.7e12,
      "f32" = 19.5e12,
      "bf16" = 39.0e12,
      "f16" = 78.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // "NVLink3 600 GB/s total (300/dir)": hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 300.0e9,
        "peak_write_bytes_per_second" = 300.0e9,
        "devices" = 8>>>>} {}
