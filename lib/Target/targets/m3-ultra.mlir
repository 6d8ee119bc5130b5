// Apple M3 Ultra 80-core GPU 512 GB (LPDDR5), its GPU.
// The size of its system level cache was not found; left out.
// Neither was its rate of arithmetic.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "m3-ultra" = #dlti.target_device_spec<
    "description" = "Apple M3 Ultra 80-core GPU 512 GB, LPDDR5",
    // 'Apple M3 Ultra (high) | 24/8 | 80 | 128GB/256GB/512GB | 819.2GB/s':
    // https://inforeader.com/i/?a=reader&rid=67c916097fa95&search=%23m3%2Bultra
    "units" = 80,
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
        // As above
        "capacity" = "512 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5-6400': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 819.2e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 819.2e9>>>>} {}
