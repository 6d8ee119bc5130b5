// NVIDIA A100 PCIe 80 GB (HBM2E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "a100-pcie" = #dlti.target_device_spec<
    "description" = "NVIDIA A100 PCIe 80 GB, HBM2E",
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
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // 'A100 PCIe 80GB', '80GB HBM2e', '1,935GB/s':
        // https://www.thundercompute.com/blog/nvidia-a100-specs-full-guide
        "capacity" = "80 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 1935.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1935.0e9>>,
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
      "f32" = 19.5e12>>>} {}
