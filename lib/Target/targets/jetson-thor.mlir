// NVIDIA Jetson T5000 (AGX Thor) 128 GB (LPDDR5X), its GPU.
// The 16 MB system cache is smaller than the L2 and left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "jetson-thor" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson AGX Thor 128 GB, LPDDR5X",
    // 'SM count: 20':
    // https://forums.developer.nvidia.com/t/clarification-on-cuda-core-and-tensor-core-counts-for-jetson-agx-thor/356355
    "units" = 20,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Max shared memory per SM: 228 KiB':
        // https://forums.developer.nvidia.com/t/clarification-on-cuda-core-and-tensor-core-counts-for-jetson-agx-thor/356355
        "capacity_bytes" = 233472,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'L2 cache size: 32 MiB':
        // https://forums.developer.nvidia.com/t/clarification-on-cuda-core-and-tensor-core-counts-for-jetson-agx-thor/356355
        "capacity_bytes" = 33554432,
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 20>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // '128GB LPDDR5x DRAM 4266 MHz 256-bit, 273 GB/s':
        // https://developer.ridgerun.com/wiki/index.php/NVIDIA_Jetson_AGX_Thor/Introduction/SoM_Overview
        "capacity_bytes" = 128.0e9,
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // '128GB LPDDR5x DRAM 4266 MHz 256-bit, 273 GB/s':
        // https://developer.ridgerun.com/wiki/index.php/NVIDIA_Jetson_AGX_Thor/Introduction/SoM_Overview.
        // No measured figure found
        "peak_read_bytes_per_second" = 273.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 273.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: half of f8
      "f16" = 258.5e12,
      "bf16" = 258.5e12,
      // '517 dense (1035 sparse)': hardware.csv of the reference folder
      "f8" = 517.0e12,
      // Column fp4_TF, dense: '1035 dense (2070 sparse)': hardware.csv of the reference folder
      "f4" = 1035.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: '2560 NVIDIA CUDA Cores' x 2 FLOP x 'Max GPU Freq | 1.575 GHz':
      // https://developer.ridgerun.com/wiki/index.php/NVIDIA_Jetson_AGX_Thor/Introduction/SoM_Overview
      "f32" = 8.06e12>>>} {}
