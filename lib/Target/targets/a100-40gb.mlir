// NVIDIA A100 SXM4 40 GB (HBM2).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "a100-40gb" = #dlti.target_device_spec<
    "description" = "NVIDIA A100 SXM4 40 GB, HBM2",
    // '108 SMs (2 per TPC)': https://glennklockwood.com/garden/processors/A100
    "units" = 108,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'smem max 164' KiB per SM: hardware.csv of the reference folder (deviceQuery: 167936
        // bytes)
        "capacity" = "164 KiB",
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'L2 Cache Size: 41943040 bytes':
        // https://upb-pc2.atlassian.net/wiki/spaces/PC2DOK/pages/1900609/NVIDIA+A100+40GB+with+NVLINK
        "capacity" = "40 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 108>,
      "hbm2" = #dlti.map<
        "kind" = "memory",
        // '40 GB HBM2 (5 stacks) 10 512-bit memory controllers 1.555 TB/s':
        // https://glennklockwood.com/garden/processors/A100
        "capacity" = "40 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 1555.0e9,
        // '1360 (A100-40GB residual, llm.c)': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 1360.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1555.0e9,
        "achievable_write_bytes_per_second" = 1360.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Column Matrix: 'FP64 19.5', 'TF32 156', 'FP16 312', 'BF16 312', 'INT8 624', 'INT4 1248',
      // 'INT1 4992': https://glennklockwood.com/garden/processors/A100
      "f64" = 19.5e12,
      "tf32" = 156.0e12,
      "bf16" = 312.0e12,
      "f16" = 312.0e12,
      "i8" = 624.0e12,
      "i4" = 1248.0e12,
      "i1" = 4992.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Column Vector: 'FP64 9.7', 'FP32 19.5': https://glennklockwood.com/garden/processors/A100
      "f64" = 9.7e12,
      "f32" = 19.5e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // '300+300 GB/s NVLink (D2D)': https://glennklockwood.com/garden/processors/A100
        "peak_read_bytes_per_second" = 300.0e9,
        "peak_write_bytes_per_second" = 300.0e9,
        "devices" = 8>>>>} {}
