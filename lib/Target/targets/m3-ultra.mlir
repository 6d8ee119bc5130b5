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
        // 32 KiB of threadgroup memory: Apple Metal feature set tables
        "capacity" = "32 KiB",
        // Line of Apple's caches
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "lpddr5" = #dlti.map<
        "kind" = "memory",
        // As above
        "capacity" = "512 GB",
        // LPDDR moves 32 bytes an access (16 bits, BL16): JESD209-5B
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 819.2e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 819.2e9>>>>} {}
