// A desktop with two channels of DDR5-5600: AMD Ryzen 9 9950X.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "ddr5-2ch" = #dlti.target_device_spec<
    "description" = "Desktop (Ryzen 9 9950X), 2 x DDR5-5600",
    // 'Each CCD on the 9950X has eight Zen 5 cores and 32 MB of shared L3 cache', 'Two Core
    // Complex Dies': https://chipsandcheese.com/p/amds-ryzen-9950x-zen-5-on-desktop
    "units" = 16,
    // '512-bit extensions', 'The number of AVX registers is increased from 16 to 32':
    // https://wikizero.com/index.php/en/AVX-512
    "vector_registers" = 32,
    "vector_bits" = 512,
    // 'FeatureVNNI', 'FeatureBF16' of ZN4AdditionalFeatures, which ZN5Features has too:
    // https://github.com/llvm/llvm-project/blob/llvmorg-22.1.0/llvm/lib/Target/X86/X86.td
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'The L1 data cache size is increased to 48 KB, with a higher associativity of
        // 12-way':
        // https://qeeebo.com/questions/how/e7/912/how-does-zen-5s-cache-architecture-differ-from-zen-4s
        "capacity_bytes" = 49152,
        "associativity" = 12>,
      "l2" = #dlti.map<
        // 'The L2 and L3 cache sizes and bandwidths are maintained at 1 MB and 32 MB
        // respectively, [...] and 16-way associativity in Zen 5':
        // https://qeeebo.com/questions/how/e7/912/how-does-zen-5s-cache-architecture-differ-from-zen-4s
        "capacity_bytes" = 1048576,
        "associativity" = 16>,
      "l3" = #dlti.map<
        // 'The L2 and L3 cache sizes and bandwidths are maintained at 1 MB and 32 MB
        // respectively, [...] and 16-way associativity in Zen 5':
        // https://qeeebo.com/questions/how/e7/912/how-does-zen-5s-cache-architecture-differ-from-zen-4s
        "capacity_bytes" = 33554432,
        "associativity" = 16,
        // AMD publishes no index. Measured by memwall-calibrate on an EPYC with an L3 of this
        // size and ways, and pages of 2 MiB: a chase through 8192 lines, one in every 16 KiB,
        // takes 44 ns a line, where modulo would send all of them to DRAM (300 ns). A prime
        // stands in for the hash
        "index" = "hashed",
        "units_per_instance" = 8>,
      "ddr5" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU: 2 x 32 GB
        "capacity_bytes" = 64.0e9,
        // Moved by 64 bytes, access_granule_B of 'DDR5-4800BN': memtech.csv of the reference
        // folder
        "line_bytes" = 64,
        // 'AMD 9950X spec page (2 DIMM 5600 = 89.6; 4 DIMM 3600 = 57.6)': hardware.csv of the
        // reference folder
        "peak_read_bytes_per_second" = 89.6e9,
        // '73 copy / 79 read on another dual-channel DDR5-5600 AMD platform': hardware.csv of
        // the reference folder
        "achievable_read_bytes_per_second" = 79.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 89.6e9,
        "achievable_write_bytes_per_second" = 73.0e9,
        // '11.85 (DRAMsim3 + Micron 16Gb IDD); ~15 incl. controller PHY+termination, published
        // band 15-22': memtech.csv of the reference folder
        "picojoules_per_bit" = 15.0>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 2.9e12,
      // Derived: 16 cores x 64 FLOP x 5.7 GHz of boost; '16 Zen 5 Kerne (32 Threads) mit bis zu 5,7
      // GHz': https://notebookcheck.com/AMD-Ryzen-9-9950X-Prozessor-Benchmarks-und-Specs.901784.0.html
      "f32" = 5.8e12>>>} {}
