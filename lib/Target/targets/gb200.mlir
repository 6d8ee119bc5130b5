// NVIDIA GB200, one of its two GPUs, at 1200 W (HBM3E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "gb200" = #dlti.target_device_spec<
    "description" = "NVIDIA GB200, one GPU of 186 GB, HBM3E",
    // 'sm_10.0a with 197897748480B RAM, 152 cores, 2062000KHz clock, 3996000KHz mem clock,
    // 135528448B L2$':
    // https://github.com/openxla/xla/blob/300ec95ab85fa9f40af388054f7d43707407cb52/xla/backends/gpu/target_config/specs/gb200.txtpb
    "units" = 152,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'shared_memory_per_core: 233472': the same file
        "capacity" = "228 KiB",
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'l2_cache_size: 135528448': the same file
        "capacity" = "129.25 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 152>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 'up to 372 GB of total HBM3e GPU memory, distributed as approximately 186 GB per
        // Blackwell GPU': https://grokipedia.com/page/NVIDIA_GB200_Superchip
        "capacity" = "186 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM3E-9600': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        // '8 TB/s (max)': https://glennklockwood.com/garden/processors/B200
        "peak_read_bytes_per_second" = 8000.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 8000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'for the GB200 variant of B200 when configured to 1,200 W', column Matrix: 'FP64 45',
      // 'TF32 1250', 'FP16 2500', 'BF16 2500', 'FP8 5000', 'FP6 5000', 'FP4 10000', 'INT8 5000':
      // https://glennklockwood.com/garden/processors/B200
      "f64" = 45.0e12,
      "tf32" = 1250.0e12,
      "bf16" = 2500.0e12,
      "f16" = 2500.0e12,
      "f8" = 5000.0e12,
      "f6" = 5000.0e12,
      "f4" = 10000.0e12,
      "i8" = 5000.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Column VFMA: 'FP64 45', 'FP32 90': https://glennklockwood.com/garden/processors/B200
      "f64" = 45.0e12,
      "f32" = 90.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // '2x 900 GB/s NVLink 5 (D2D)', one of them each way:
        // https://glennklockwood.com/garden/processors/B200. 72 GPUs: 'can interconnect up to 72
        // GPUs in a single NVLink domain', https://grokipedia.com/page/NVIDIA_GB200_Superchip
        "peak_read_bytes_per_second" = 900.0e9,
        "peak_write_bytes_per_second" = 900.0e9,
        "devices" = 72>>>>} {}
