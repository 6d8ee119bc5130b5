// NVIDIA Jetson Orin Nano 8 GB (LPDDR5), its GPU.
// The size of its L2 was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "jetson-orin-nano" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson Orin Nano 8 GB, LPDDR5",
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
        // '8GB LPDDR5 unified memory with 68 GB/s bandwidth':
        // https://ericxliu.me/posts/benchmarking-llms-on-jetson-orin-nano
        "capacity" = "8 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 68.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 68.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Half of '20 (Dense) INT8 TOPs':
      // https://www.scribd.com/document/673174036/Orin-nano-datasheet; '10 TFLOPS (FP16)':
      // https://ericxliu.me/posts/benchmarking-llms-on-jetson-orin-nano
      "f16" = 10.0e12,
      // As f16
      "bf16" = 10.0e12,
      "i8" = 20.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: 1024 CUDA cores x 2 FLOP x 'Maximum Operating Frequency: 625 MHz':
      // https://www.scribd.com/document/673174036/Orin-nano-datasheet
      "f32" = 1.28e12>>>} {}
