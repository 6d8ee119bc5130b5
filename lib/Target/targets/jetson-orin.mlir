// NVIDIA Jetson AGX Orin 64 GB (LPDDR5), its GPU.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "jetson-orin" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson AGX Orin 64 GB, LPDDR5",
    // Columns cores and core_kind: '16,SM': hardware.csv of the reference folder
    "units" = 16,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Total shared memory per multiprocessor: 167936 bytes', of an Orin NX:
        // https://gist.github.com/atinfinity/8cede915acda05d0ff427c09604735dd
        "capacity_bytes" = 167936,
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'GPU L2 4 MB': hardware.csv of the reference folder
        "capacity_bytes" = 4194304,
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 16>,
      "lpddr5" = #dlti.map<
        "kind" = "memory",
        // 'NVIDIA Jetson AGX Orin 64GB,GPU,LPDDR5,256-bit, 3200 MHz,256,204.8,64': hardware.csv
        // of the reference folder
        "capacity_bytes" = 64.0e9,
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // Column peak_bw_GBps: '204.8'; no measured figure found: hardware.csv of the reference
        // folder
        "peak_read_bytes_per_second" = 204.8e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 204.8e9,
        // '7 (AiF paper)': memtech.csv of the reference folder
        "picojoules_per_bit" = 7.0>>,
    "matrix_ops_per_second" = #dlti.map<
      // '42.5 (fp16 dense)': hardware.csv of the reference folder
      "f16" = 42.5e12,
      // As f16
      "bf16" = 42.5e12,
      // '85 dense GPU (170 sparse)': hardware.csv of the reference folder
      "i8" = 85.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Column fp32_TF: '5.3': hardware.csv of the reference folder
      "f32" = 5.3e12>>>} {}
