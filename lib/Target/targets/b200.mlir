// NVIDIA B200 180 GB (HBM3E), the bin of HGX boards.
// 256 KiB of tensor memory per SM holds accumulators only and is not a level.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "b200" = #dlti.target_device_spec<
    "description" = "NVIDIA B200 180 GB, HBM3E",
    // 'pytorch/ao PR 4002 device query (7680-bit, 3996 MHz, 148 SM, 228 KB)': hardware.csv of
    // the reference folder
    "units" = 148,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // As above: '228 KB'
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // '126.5 MB by device query': hardware.csv of the reference folder
        "capacity_bytes" = 132644864,
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
        // 'NVIDIA Blackwell Tuning Guide (180 GB, L2 126 MB)': hardware.csv of the reference
        // folder
        "capacity_bytes" = 180.0e9,
        // Moved by 32 bytes, access_granule_B of 'HBM3E-9600': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        // '8.0 TB/s marketing vs 7.672 TB/s from driver bus width': hardware.csv of the
        // reference folder
        "peak_read_bytes_per_second" = 8000.0e9,
        // The lower of '6800-7100', 'arXiv 2605.04178': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 6800.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 8000.0e9,
        "achievable_write_bytes_per_second" = 6800.0e9,
        // '~3.44 (20% below HBM2E)': memtech.csv of the reference folder
        "picojoules_per_bit" = 3.44>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'HGX page dense 2.25/4.5/9 PF'; a GB200 has 2.5 PF: hardware.csv of the reference
      // folder
      "bf16" = 2250.0e12,
      "f16" = 2250.0e12,
      "f8" = 4500.0e12,
      "f4" = 9000.0e12,
      // Column int8_TOPS: '4500': hardware.csv of the reference folder
      "i8" = 4500.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'jax scaling-book (80 TF fp32, TMEM)': hardware.csv of the reference folder
      "f32" = 80.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // 'NVLink5 1800 GB/s total (900/dir)': hardware.csv of the reference folder; 'NVIDIA
        // HGX B200 servers provide 8 GPUs per node connected via NVSwitch 5.0':
        // https://docs.vultr.com/inference-cookbook/cuda/getting-started/hardware-overview
        "peak_read_bytes_per_second" = 900.0e9,
        "peak_write_bytes_per_second" = 900.0e9,
        "devices" = 8>>>>} {}
