// NVIDIA H100 SXM5 80 GB (HBM3).
// The bandwidth of L2 and shared memory is not published; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "h100-sxm" = #dlti.target_device_spec<
    "description" = "NVIDIA H100 SXM5 80 GB, HBM3",
    // '132 SMs (2 per TPC)': https://glennklockwood.com/garden/processors/h100
    "units" = 132,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // '256 (smem max 228, 227/block)': hardware.csv of the reference folder
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // column llc_MB, '50', 'NVIDIA Hopper Tuning Guide (50 MB L2, 228 KB)': hardware.csv of
        // the reference folder
        "capacity_bytes" = 52428800,
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 132>,
      "hbm3" = #dlti.map<
        "kind" = "memory",
        // '80 GB HBM3 (5 stacks)': https://glennklockwood.com/garden/processors/h100
        "capacity_bytes" = 80.0e9,
        // Moved by 32 bytes, access_granule_B of 'HBM3-6400': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        // 'NVIDIA H100 datasheet table (67/989sp/1979sp/3958sp TF, 3.35 TB/s, 700 W)':
        // hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 3350.0e9,
        // '2098-2819 (decode GEMM, Vidur)', '63-84%': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 2819.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 3350.0e9,
        "achievable_write_bytes_per_second" = 2819.0e9,
        // '~3.9 (derived)': memtech.csv of the reference folder
        "picojoules_per_bit" = 3.9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Column Matrix: 'FP64 | 33.5 | 66.9', 'TF32 | 494.7', 'FP16 | 133.8 | 989.4', 'BF16 |
      // 133.8 | 989.4', 'FP8 | 1978.9', 'INT8 | 1978.9':
      // https://glennklockwood.com/garden/processors/h100
      "f64" = 66.9e12,
      "tf32" = 494.7e12,
      "bf16" = 989.4e12,
      "f16" = 989.4e12,
      "f8" = 1978.9e12,
      "i8" = 1978.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // Column VFMA: 'FP64 | 33.5', 'FP16 | 133.8', 'BF16 | 133.8':
      // https://glennklockwood.com/garden/processors/h100; '67' of fp32_TF: hardware.csv of the
      // reference folder
      "f64" = 33.5e12,
      "f32" = 67.0e12,
      "bf16" = 133.8e12,
      "f16" = 133.8e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // 'NVLink4 900 GB/s total (450/dir)': hardware.csv of the reference folder; 'NVLink 4.0
        // (H100) | 900 GB/s | Up to 8 via NVSwitch':
        // https://mngaonkar.github.io/nvidia-generative-ai-notes/docs/gpu-hardware.html
        "peak_read_bytes_per_second" = 450.0e9,
        "peak_write_bytes_per_second" = 450.0e9,
        "devices" = 8>>>>} {}
