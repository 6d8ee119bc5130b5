// Qualcomm Snapdragon X Elite, its CPU (LPDDR5X).
// Left out: the rate of arithmetic, which was not found, and the system cache, 'with 8MB situated
// adjacent to the GPU clusters [...] and 6MB near the CPU clusters' (the page below): no source says
// whether it takes the victims of the L2s, and behind them it is too small to hold what they hold.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "snapdragon-x" = #dlti.target_device_spec<
    "description" = "Qualcomm Snapdragon X Elite (12 x Oryon), LPDDR5X",
    // 'Boasting up to 12 Oryon architecture CPU cores':
    // https://topcpu.net/th/news/first-reveal-of-the-snapdragon-x-elite-core-a-massive-cpu-surpassing-apples-m4
    "units" = 12,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'Each core is equipped with a 192KB Level 1 instruction cache and a 96KB Level 1 data
        // cache, while every four cores share 12MB of 12-way L2 cache':
        // https://topcpu.net/th/news/first-reveal-of-the-snapdragon-x-elite-core-a-massive-cpu-surpassing-apples-m4
        "capacity" = "96 KiB">,
      "l2" = #dlti.map<
        // As above
        "capacity" = "12 MiB",
        "associativity" = 12,
        "units_per_instance" = 4>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 'compatible with LPDDR5X memory clocking at 8533 MT/s, boasting a maximum capacity of
        // 64GB, corresponding to a peak bandwidth of 136 GB/s':
        // https://meterpreter.org/qualcomm-snapdragon-x-elite-leaked/
        "capacity" = "64 GB",
        "peak_read_bytes_per_second" = 136.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 136.0e9>>>>} {}
