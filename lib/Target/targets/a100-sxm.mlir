// NVIDIA A100 SXM4 80 GB (HBM2E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "a100-sxm" = #dlti.target_device_spec<
    "description" = "NVIDIA A100 SXM4 80 GB, HBM2E",
    // '108 SMs (2 per TPC)': https://glennklockwood.com/garden/processors/A100
    "units" = 108,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'smem max 164', 'deviceQuery [...] 167936 B smem': hardware.csv of the reference
        // folder
        "capacity_bytes" = 167936,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'L2 41943040 B': hardware.csv of the reference folder
        "capacity_bytes" = 41943040,
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 108>,
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // columns capacity_GB and peak_bw_GBps, '80', '2039': hardware.csv of the reference
        // folder
        "capacity_bytes" = 80.0e9,
        // Moved by 32 bytes, access_granule_B of 'HBM2e': memtech.csv of the reference folder
        "line_bytes" = 32,
        // '2039 (datasheet)': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 2039.0e9,
        // '1343-1555 (decode GEMM, Vidur); 1798 (add)': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 1798.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 2039.0e9,
        "achievable_write_bytes_per_second" = 1798.0e9,
        // '~4.3 (HBM2E, SK hynix IEDM23 15-6)': hardware.csv of the reference folder
        "picojoules_per_bit" = 4.3>>,
    "matrix_ops_per_second" = #dlti.map<
      // Column Matrix: 'FP64 19.5', 'TF32 156', 'FP16 312', 'BF16 312', 'INT8 624', 'INT4
      // 1248': https://glennklockwood.com/garden/processors/A100
      "f64" = 19.5e12,
      "tf32" = 156.0e12,
      "bf16" = 312.0e12,
      "f16" = 312.0e12,
      "i8" = 624.0e12,
      "i4" = 1248.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP64 9.7', 'FP32 19.5': https://glennklockwood.com/garden/processors/A100; 'Peak FP16
      // TFLOPS (non-Tensor) |78', 'Peak BF16 TFLOPS (non-Tensor) |39':
      // https://forums.developer.nvidia.com/t/theoretical-tflops-for-fp16-bf16-and-tf32-for-tensor-and-non-tensor/218102
      "f64" = 9.7e12,
      "f32" = 19.5e12,
      "bf16" = 39.0e12,
      "f16" = 78.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // 'NVLink3 600 GB/s total (300/dir)': hardware.csv of the reference folder; 'NVLink 3.0
        // (A100) | 600 GB/s | Up to 8 via NVSwitch':
        // https://mngaonkar.github.io/nvidia-generative-ai-notes/docs/gpu-hardware.html
        "peak_read_bytes_per_second" = 300.0e9,
        "peak_write_bytes_per_second" = 300.0e9,
        "devices" = 8>>>>} {}
