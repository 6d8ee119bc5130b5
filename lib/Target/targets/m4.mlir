// Apple M4 10-core GPU 32 GB (LPDDR5X), its GPU.
// The size of its system level cache was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "m4" = #dlti.target_device_spec<
    "description" = "Apple M4 10-core GPU 32 GB, LPDDR5X",
    // 'The SoC also includes a 10-core GPU', 'supporting 120GB/sec of memory bandwidth. The SoC
    // is currently offered in 8GB, 16GB, 24GB, and 32GB configurations':
    // http://5.180.24.3/info/apple-m4
    "units" = 10,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Maximum total threadgroup memory allocation [...] 32 KB 32 KB', the columns of OSX:
        // https://developer.apple.com/metal/limits/
        "capacity" = "32 KiB",
        // 'From sysctl -a on Apple M1: hw.cachelinesize: 128':
        // https://github.com/DLTcollab/sse2neon/blob/master/sse2neon.h
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 'Maximum memory bandwidth | 120GB/s': https://cputime.net/en/apple-m4
        "capacity" = "32 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5-6400': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 120.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 120.0e9>>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP32 3.76 TFLOPS', 'FP16 3.76 TFLOPS':
      // https://hmc-tech.com/gpu/apple-10-core-m4-fl-vs-apple-10-core-m4-fl
      "f32" = 3.76e12,
      "f16" = 3.76e12>>>} {}
