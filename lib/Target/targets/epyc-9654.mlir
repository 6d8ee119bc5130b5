// AMD EPYC 9654 (Genoa), one socket, 12 channels of DDR5-4800.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "epyc-9654" = #dlti.target_device_spec<
    "description" = "AMD EPYC 9654, 12 x DDR5-4800",
    // 'the 96-core EPYC 9654, which has 384MB of L3 cache spread across 12 CCDs':
    // https://www.tomshardware.com/pc-components/cpus/new-zen-5-128-core-epyc-cpu-weilds-512mb-of-l3-cache
    "units" = 96,
    // '512-bit extensions', 'The number of AVX registers is increased from 16 to 32':
    // https://wikizero.com/index.php/en/AVX-512
    "vector_registers" = 32,
    "vector_bits" = 512,
    // 'BFLOAT16, VNNI, AVX-512(256b data path)' of EPYC 9004:
    // https://www.hpctech.co.jp/product/amd-epyc-9004-series/
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'Zen 4's L1 data cache size is 32 KB with an 8-way associativity':
        // https://qeeebo.com/questions/how/e7/912/how-does-zen-5s-cache-architecture-differ-from-zen-4s
        "capacity_bytes" = 32768,
        "associativity" = 8>,
      "l2" = #dlti.map<
        // 'The L2 and L3 cache sizes and bandwidths are maintained at 1 MB and 32 MB
        // respectively, with 8-way and 16-way associativity in Zen 4':
        // https://qeeebo.com/questions/how/e7/912/how-does-zen-5s-cache-architecture-differ-from-zen-4s
        "capacity_bytes" = 1048576,
        "associativity" = 8>,
      "l3" = #dlti.map<
        // 'The L2 and L3 cache sizes and bandwidths are maintained at 1 MB and 32 MB
        // respectively, with 8-way and 16-way associativity in Zen 4':
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
        // An assumption about the machine, not a fact of the CPU: 12 x 64 GB
        "capacity_bytes" = 768.0e9,
        // Moved by 64 bytes, access_granule_B of 'DDR5-4800BN': memtech.csv of the reference
        // folder
        "line_bytes" = 64,
        // '12 x DDR5-4800 = 460.8'; no measured figure found: hardware.csv of the reference
        // folder
        "peak_read_bytes_per_second" = 460.8e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 460.8e9,
        // '11.85 (DRAMsim3 + Micron 16Gb IDD); ~15 incl. controller PHY+termination, published
        // band 15-22': memtech.csv of the reference folder
        "picojoules_per_bit" = 15.0>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 5.7e12,
      // '11.4 (derived 96x32x3.7GHz)': hardware.csv of the reference folder
      "f32" = 11.4e12>>>} {}
