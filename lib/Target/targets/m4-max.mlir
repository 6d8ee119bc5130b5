// Apple M4 Max with the 40-core GPU (LPDDR5X), its GPU.
// Apple does not publish the size of the system cache; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "m4-max" = #dlti.target_device_spec<
    "description" = "Apple M4 Max 40-core GPU 128 GB, LPDDR5X",
    // 'a 16-core CPU, 40-core GPU, and 546 GB/s of memory bandwidth':
    // https://macmegasite.com/2024/10/30/m4-max-chip-has-16-core-cpu-40-core-gpu-and-35-increase-in-memory-bandwidth
    "units" = 40,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Maximum total threadgroup memory allocation [...] 32 KB 32 KB', the columns of OSX:
        // https://developer.apple.com/metal/limits/
        "capacity_bytes" = 32768,
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 'The M4 Max supports up to 128GB of RAM':
        // https://www.engadget.com/computing/apple-unveils-its-top-of-the-line-m4-max-chip-150241987.html
        "capacity_bytes" = 128.0e9,
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'a 16-core CPU, 40-core GPU, and 546 GB/s of memory bandwidth':
        // https://macmegasite.com/2024/10/30/m4-max-chip-has-16-core-cpu-40-core-gpu-and-35-increase-in-memory-bandwidth
        "peak_read_bytes_per_second" = 546.0e9,
        // '396.9 (72.7%) decode': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 396.9e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 546.0e9,
        "achievable_write_bytes_per_second" = 396.9e9>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: 40 / 32 of '32-Core M4 Max - 13.74 TFLOPS FP32', and of FP16:
      // https://hmc-tech.com/gpu/apple-32-core-m4-max-vs-apple-40-core-m3-max
      "f32" = 17.2e12,
      // As above
      "f16" = 17.2e12>>>} {}
