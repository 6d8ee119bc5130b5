// A desktop with two channels of DDR5-5600: AMD Ryzen 9 9950X.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "ddr5-2ch" = #dlti.target_device_spec<
    "description" = "Desktop (Ryzen 9 9950X), 2 x DDR5-5600",
    // Cores, 8 on each of 2 CCDs: AMD 9950X specifications
    "units" = 16,
    // AVX-512: AMD Software Optimization Guide for Zen 5 (58455)
    "vector_registers" = 32,
    "vector_bits" = 512,
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 48 KiB, 12 ways: AMD Software Optimization Guide for Zen 5 (58455)
        "capacity_bytes" = 49152,
        "associativity" = 12>,
      "l2" = #dlti.map<
        // 1 MiB, 16 ways: AMD Software Optimization Guide for Zen 5 (58455)
        "capacity_bytes" = 1048576,
        "associativity" = 16>,
      "l3" = #dlti.map<
        // 32 MiB per CCD, 64 MiB in all (AMD 9950X specifications); 16 ways: AMD Software
        // Optimization Guide for Zen 5 (58455)
        "capacity_bytes" = 33554432,
        "associativity" = 16,
        // AMD publishes no index. Measured on an EPYC with an L3 of this size and ways, and pages
        // of 2 MiB: a chase through 8192 lines, one in every 16 KiB, takes 44 ns a line, where
        // modulo would send all of them to DRAM (300 ns). Intel's L3s are hashed too (McCalpin,
        // TR-2021-03; Irazoqui et al., DSD 2015). A prime stands in: Kharbutli et al., HPCA 2004
        "index" = "hashed",
        "units_per_instance" = 8>,
      "ddr5" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU: 2 x 32 GB
        "capacity_bytes" = 64.0e9,
        // DRAM access granule
        "line_bytes" = 64,
        // 2 x 8 bytes x 5.6 GT/s: AMD 9950X specifications
        "peak_read_bytes_per_second" = 89.6e9,
        // Read 79, copy 73, on another two-channel DDR5-5600 AMD platform
        "achievable_read_bytes_per_second" = 79.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 89.6e9,
        "achievable_write_bytes_per_second" = 73.0e9,
        // Device 11.85 (DRAMsim3 with Micron 16 Gb currents), about 15 with PHY and termination;
        // the published band is 15 to 22
        "picojoules_per_bit" = 15.0>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 2.9e12,
      // Derived: 16 cores x 64 FLOP x 5.7 GHz (boost: AMD 9950X specifications)
      "f32" = 5.8e12>>>} {}
