// NVIDIA H200 SXM 141 GB (HBM3E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "h200-sxm" = #dlti.target_device_spec<
    "description" = "NVIDIA H200 SXM 141 GB, HBM3E",
    // 'jax scaling-book gpus (132 SM, 50MB)': hardware.csv of the reference folder
    "units" = 132,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // '256 (smem max 228)': hardware.csv of the reference folder
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'jax scaling-book gpus (132 SM, 50MB)': hardware.csv of the reference folder
        "capacity_bytes" = 52428800,
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 132>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 'MLPerf inference v4.1 NVIDIA H200 system json (141 GB HBM3e, 18x NVLink4 900GB/s,
        // TGP 700W)': hardware.csv of the reference folder
        "capacity_bytes" = 141.0e9,
        // Moved by 32 bytes, access_granule_B of 'HBM3E-9600': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        // 'Memory bandwidth | 3.35 TB/s | 4.8 TB/s', H100 and H200:
        // https://mngaonkar.github.io/nvidia-generative-ai-notes/docs/gpu-hardware.html. No
        // measured figure found
        "peak_read_bytes_per_second" = 4800.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 4800.0e9,
        // '~3.44 (20% below HBM2E)': memtech.csv of the reference folder
        "picojoules_per_bit" = 3.44>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'H200 GPUs are the same as H100 GPUs':
      // https://glennklockwood.com/garden/processors/h100; '989.5', '1979': hardware.csv of the
      // reference folder. The rest as h100-sxm.mlir
      "f64" = 66.9e12,
      "tf32" = 494.7e12,
      "bf16" = 989.5e12,
      "f16" = 989.5e12,
      "f8" = 1979.0e12,
      "i8" = 1979.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // As above: h100-sxm.mlir
      "f64" = 33.5e12,
      "f32" = 67.0e12,
      "bf16" = 133.8e12,
      "f16" = 133.8e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // Half of 'NVLink4 900 GB/s', which counts both directions: hardware.csv of the
        // reference folder; 'eight H200 or H100 GPU servers':
        // http://banglanewzz.com/index-318.html
        "peak_read_bytes_per_second" = 450.0e9,
        "peak_write_bytes_per_second" = 450.0e9,
        "devices" = 8>>>>} {}
