// AMD EPYC 9654 (Genoa), one socket, 12 channels of DDR5-4800.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "epyc-9654" = #dlti.target_device_spec<
    "description" = "AMD EPYC 9654, 12 x DDR5-4800",
    // Cores, 8 on each of 12 CCDs: Tom's Hardware
    "units" = 96,
    // AVX-512: AMD Software Optimization Guide for Zen 4 (57647)
    "vector_registers" = 32,
    "vector_bits" = 512,
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 32 KiB, 8 ways: AMD Software Optimization Guide for Zen 4 (57647)
        "capacity_bytes" = 32768,
        "associativity" = 8>,
      "l2" = #dlti.map<
        // 1 MiB, 8 ways: AMD Software Optimization Guide for Zen 4 (57647)
        "capacity_bytes" = 1048576,
        "associativity" = 8>,
      "l3" = #dlti.map<
        // 32 MiB per CCD, 384 MiB in all (Tom's Hardware); 16 ways: AMD Software Optimization
        // Guide for Zen 4 (57647)
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
        // An assumption about the machine, not a fact of the CPU: 12 x 64 GB
        "capacity_bytes" = 768.0e9,
        // DRAM access granule
        "line_bytes" = 64,
        // 12 x 8 bytes x 4.8 GT/s. No measured figure found
        "peak_read_bytes_per_second" = 460.8e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 460.8e9,
        // Device 11.85 (DRAMsim3 with Micron 16 Gb currents), about 15 with PHY and termination;
        // the published band is 15 to 22
        "picojoules_per_bit" = 15.0>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 5.7e12,
      // Derived: 96 cores x 32 FLOP x 3.7 GHz (boost)
      "f32" = 11.4e12>>>} {}
