// Apple M2 Max 38-core GPU 96 GB (LPDDR5), its GPU.
// The size of its system level cache was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "m2-max" = #dlti.target_device_spec<
    "description" = "Apple M2 Max 38-core GPU 96 GB, LPDDR5",
    // 'The M2 Max packs a 12-core CPU, up to 38-core GPU and up to 96GB of unified memory':
    // https://www.trustedreviews.com/explainer/what-is-the-apple-m2-max-4295791
    "units" = 38,
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
      "lpddr5" = #dlti.map<
        "kind" = "memory",
        // 'The 400GB/s of unified memory bandwidth is double the amount found in the M2 Pro':
        // https://www.trustedreviews.com/explainer/what-is-the-apple-m2-max-4295791
        "capacity" = "96 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5-6400': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 400.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 400.0e9>>,
    "vector_ops_per_second" = #dlti.map<
      // 'M2 Max 38-core GPU theoretical peak = 13.6 TFLOPS FP32 (38 x 128 x 2 x 1.398 GHz)':
      // 'Apple M2 Max - Metal GPU Benchmarks' of DTW-C++ (stored file 53738042886)
      "f32" = 13.6e12,
      // As f32
      "f16" = 13.6e12>>>} {}
