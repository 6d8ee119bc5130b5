// NVIDIA Jetson Orin Nano Super 8 GB (LPDDR5), its GPU.
// The size of its L2 was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "orin-nano-super" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson Orin Nano Super 8 GB, LPDDR5",
    // 'SM count 8, 1 GPC x 4 TPCs x 2':
    // https://www.brojogopalsapui.com/ai-foundations/sub_contents/AI_hardware/jetson_orin_nano_light.html
    "units" = 8,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Total shared memory per multiprocessor: 167936 bytes', of an Orin NX:
        // https://gist.github.com/atinfinity/8cede915acda05d0ff427c09604735dd
        "capacity" = "164 KiB",
        // Moved in 32-byte sectors
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "lpddr5" = #dlti.map<
        "kind" = "memory",
        // '8 GB LPDDR5':
        // https://www.brojogopalsapui.com/ai-foundations/sub_contents/AI_hardware/jetson_orin_nano_light.html
        "capacity" = "8 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'memory bandwidth from 68 GB/s to 102 GB/s':
        // https://www.brojogopalsapui.com/ai-foundations/sub_contents/AI_hardware/jetson_orin_nano_light.html
        "peak_read_bytes_per_second" = 102.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 102.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: half of i8
      "f16" = 16.75e12,
      // As f16
      "bf16" = 16.75e12,
      // Half of '67 TOPS (INT8 sparse)':
      // https://www.brojogopalsapui.com/ai-foundations/sub_contents/AI_hardware/jetson_orin_nano_light.html
      "i8" = 33.5e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: 1024 CUDA cores x 2 FLOP x 'GPU clock 1.02 GHz':
      // https://www.brojogopalsapui.com/ai-foundations/sub_contents/AI_hardware/jetson_orin_nano_light.html
      "f32" = 2.09e12>>>} {}
