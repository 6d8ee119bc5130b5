// NVIDIA B300 (Blackwell Ultra) 288 GB (HBM3E), the variant of HGX boards.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "b300" = #dlti.target_device_spec<
    "description" = "NVIDIA B300 288 GB, HBM3E",
    // 'NVIDIA B300 SXM6 AC (sm_103a, 148 SMs)':
    // https://github.com/ademeure/QuickRunCUDA/blob/9d7b00febf4094f105cb363afe18a4ece77093a9/b300_clean/03_caches.md
    "units" = 148,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Per-SM peak SHMEM (opt-in) | 228 KB (233,472 - 1024 reserved)': the same page
        "capacity" = "228 KiB",
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'L2 cache total | 132,644,864 B = 126.5 MB', of cudaDeviceGetAttribute: the same page
        "capacity" = "126.5 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 148>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // '288 GB HBM3e (8 stacks, 12-high) 8 TB/s (max)':
        // https://glennklockwood.com/garden/processors/B300
        "capacity" = "288 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM3E-9600': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 8000.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 8000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'The HGX variant of B300 has similar performance to B200', column Matrix: 'FP64 1.25',
      // 'TF32 1125', 'FP16 2250', 'BF16 2250', 'FP8 4500', 'FP6 4500', 'FP4 13125', 'INT8 4500':
      // https://glennklockwood.com/garden/processors/B300
      "f64" = 1.25e12,
      "tf32" = 1125.0e12,
      "bf16" = 2250.0e12,
      "f16" = 2250.0e12,
      "f8" = 4500.0e12,
      "f6" = 4500.0e12,
      "f4" = 13125.0e12,
      "i8" = 4500.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Column VFMA: 'FP64 1.25', 'FP32 75': https://glennklockwood.com/garden/processors/B300
      "f64" = 1.25e12,
      "f32" = 75.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // '2x 900 GB/s NVLink 5 (D2D)', one of them each way:
        // https://glennklockwood.com/garden/processors/B300
        "peak_read_bytes_per_second" = 900.0e9,
        "peak_write_bytes_per_second" = 900.0e9,
        "devices" = 8>>>>} {}
