// Intel Xeon 6980P (Granite Rapids), one socket, 12 channels of DDR5-6400.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "xeon-6980p-ddr5" = #dlti.target_device_spec<
    "description" = "Intel Xeon 6980P, 12 x DDR5-6400",
    // 'hardwareluxx Xeon 6900P table (128c, 504 MB, 500 W, 12x6400, 12x8800)': hardware.csv of
    // the reference folder
    "units" = 128,
    // '512-bit extensions', 'The number of AVX registers is increased from 16 to 32':
    // https://wikizero.com/index.php/en/AVX-512
    "vector_registers" = 32,
    "vector_bits" = 512,
    // 'FeatureVNNI' and 'FeatureBF16' of SPRFeatures, which GNRFeatures has too:
    // https://github.com/llvm/llvm-project/blob/llvmorg-22.1.0/llvm/lib/Target/X86/X86.td
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // '112 KB of L1 cache (64 KB L1I and 48 KB L1D)':
        // https://techpowerup.com/326957/intel-granite-rapids-ucc-powering-xeon-6-6980p-detailed-up-to-132-cores-possible;
        // Ways as of Golden Cove, 'L1 Data 48 KiB /12-way':
        // https://www.hardwaretimes.com/intel-sapphire-rapids-sp-cache-hierarchy-revealed-by-leaked-benchmark/;
        // of Redwood Cove, the core of this CPU: 'Intel has not changed any major core structure
        // sizes': https://chipsandcheese.com/p/intels-redwood-cove-baby-steps-are-still-steps
        "capacity_bytes" = 49152,
        "associativity" = 12>,
      "l2" = #dlti.map<
        // '2 MB of dedicated L2 cache':
        // https://techpowerup.com/326957/intel-granite-rapids-ucc-powering-xeon-6-6980p-detailed-up-to-132-cores-possible;
        // Ways as of Raptor Cove, 'Intel Xeon 8592+ (Emerald Rapids), [...] 2 MiB, 16-way'
        // (stored file 60602657513); 'Redwood Cove is a minor upgrade over Intel's prior Raptor
        // Cove architecture':
        // https://chipsandcheese.com/p/intels-redwood-cove-baby-steps-are-still-steps
        "capacity_bytes" = 2097152,
        "associativity" = 16>,
      "l3" = #dlti.map<
        // '128c, 504 MB, 500 W'; ways not found: hardware.csv of the reference folder
        "capacity_bytes" = 528482304,
        "units_per_instance" = 128>,
      "ddr5" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU: 12 x 64 GB
        "capacity_bytes" = 768.0e9,
        // Moved by 64 bytes, access_granule_B of 'DDR5-6400AN': memtech.csv of the reference
        // folder
        "line_bytes" = 64,
        // '614.4 / 844.8'; no measured figure found: hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 614.4e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 614.4e9,
        // '11.85 (DRAMsim3 + Micron 16Gb IDD); ~15 incl. controller PHY+termination, published
        // band 15-22': memtech.csv of the reference folder
        "picojoules_per_bit" = 15.0>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: 128 cores x '1024 BF16 operations per cycle'
      // (https://wikimili.com/en/Advanced_Matrix_Extensions) x 3.2 GHz; 'Xeon 6980P: 128 core,
      // clock di base di 2,0 GHz e massimo di 3,2 GHz':
      // https://www.ceotech.it/intel-xeon-6-128-core-e-500w-per-dominare-i-server/
      "bf16" = 419.4e12,
      // As above; 'AMX-FP16 and AVX512-FP16 instruction sets':
      // https://techpowerup.com/326957/intel-granite-rapids-ucc-powering-xeon-6-6980p-detailed-up-to-132-cores-possible
      "f16" = 419.4e12,
      // Derived: '2048 INT8 or 1024 BF16 operations per cycle':
      // https://wikimili.com/en/Advanced_Matrix_Extensions
      "i8" = 838.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 13.1e12,
      // Derived: 128 cores x 64 FLOP x 3.2 GHz; '2x512-bit FMA throughput':
      // https://chipsandcheese.com/p/a-peek-at-sapphire-rapids
      "f32" = 26.2e12>>>} {}
