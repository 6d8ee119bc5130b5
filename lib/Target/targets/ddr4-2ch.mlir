// A desktop with two channels of DDR4-3200: AMD Ryzen 7 5800X.
// The ways of its caches and the rate of arithmetic were not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "ddr4-2ch" = #dlti.target_device_spec<
    "description" = "Desktop (Ryzen 7 5800X), 2 x DDR4-3200",
    // 'CPU Cores | 8', 'Total L3 Cache | 32MB', 'giving all 8 cores access to one giant, fast
    // pool of memory': https://visualfoodie.com/ryzen-7-5800x-technical-specifications
    "units" = 8,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        // 'cache L2 (1 MB contro 512 KB)', of Zen 4 and Zen 3:
        // https://leganerd.com/2022/08/07/amd-ryzen-7000-spuntano-le-specifiche-delle-nuove-cpu/
        "capacity" = "512 KiB">,
      "l3" = #dlti.map<
        // As above
        "capacity" = "32 MiB",
        "units_per_instance" = 8>,
      "ddr4" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU
        "capacity" = "32 GB",
        // Derived: 2 channels x 8 bytes x '3,200MT/s', 'Multiply that by 64 (the width of each
        // [channel])':
        // https://www.ziniounlimited.com/ph/publications/apc/33473/issues/424921/articles
        "peak_read_bytes_per_second" = 51.2e9,
        // 'At 3200 MHz, you are reaching that 46K GB/s (dual-channel)':
        // https://guru3d.com/review/g-skill-tridentz-royal-ddr4-3200-mhz-review/page-10
        "achievable_read_bytes_per_second" = 46.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 51.2e9,
        "achievable_write_bytes_per_second" = 46.0e9>>>>} {}
