// Intel Xeon Platinum 8592+ (Emerald Rapids), one socket, 8 channels of DDR5-5600.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "xeon-8592" = #dlti.target_device_spec<
    "description" = "Intel Xeon Platinum 8592+, 8 x DDR5-5600",
    // '(64c, 320 MB, 350 W)': hardware.csv of the reference folder
    "units" = 64,
    // '512-bit extensions', 'The number of AVX registers is increased from 16 to 32':
    // https://wikizero.com/index.php/en/AVX-512
    "vector_registers" = 32,
    "vector_bits" = 512,
    // 'FeatureVNNI' and 'FeatureBF16' of SPRFeatures, which GNRFeatures has too:
    // https://github.com/llvm/llvm-project/blob/llvmorg-22.1.0/llvm/lib/Target/X86/X86.td
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'Golden Cove [...] L1 Data 48 KiB /12-way', 'The L1 Data and Instruction caches
        // appear to be identical':
        // https://www.hardwaretimes.com/intel-sapphire-rapids-sp-cache-hierarchy-revealed-by-leaked-benchmark/
        "capacity_bytes" = 49152,
        "associativity" = 12>,
      "l2" = #dlti.map<
        // 'Intel Xeon 8592+ (Emerald Rapids), [...] 2 MiB, 16-way | 320 MiB LLC' (stored file
        // 60602657513)
        "capacity_bytes" = 2097152,
        "associativity" = 16>,
      "l3" = #dlti.map<
        // '(64c, 320 MB, 350 W)'; ways not found: hardware.csv of the reference folder
        "capacity_bytes" = 335544320,
        "units_per_instance" = 64>,
      "ddr5" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU: 8 x 64 GB
        "capacity_bytes" = 512.0e9,
        // Moved by 64 bytes, access_granule_B of 'DDR5-4800BN': memtech.csv of the reference
        // folder
        "line_bytes" = 64,
        // 'DDR5-5600,8 ch,512,358.4': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 358.4e9,
        // '214.4 (60%); ~320 claimed elsewhere': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 214.4e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 358.4e9,
        "achievable_write_bytes_per_second" = 214.4e9,
        // '11.85 (DRAMsim3 + Micron 16Gb IDD); ~15 incl. controller PHY+termination, published
        // band 15-22': memtech.csv of the reference folder
        "picojoules_per_bit" = 15.0>>,
    "matrix_ops_per_second" = #dlti.map<
      // '190.1 (AMX 64x1024x2.9GHz)': hardware.csv of the reference folder
      "bf16" = 190.1e12,
      // Derived: '2048 INT8 or 1024 BF16 operations per cycle':
      // https://wikimili.com/en/Advanced_Matrix_Extensions
      "i8" = 380.1e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 5.9e12,
      // Derived: 64 cores x 64 FLOP x the 2.9 GHz of AMX; '2x512-bit FMA throughput':
      // https://chipsandcheese.com/p/a-peek-at-sapphire-rapids
      "f32" = 11.9e12>>>} {}
