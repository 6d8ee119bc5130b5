// AMD Instinct MI325X 256 GB (HBM3E).
// The 64 KiB of LDS beside the L1 are left out: a level encloses the one inside it.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "mi325x" = #dlti.target_device_spec<
    "description" = "AMD Instinct MI325X 256 GB, HBM3E",
    // 'Each XCD contributes to the total of 304 compute units':
    // https://unanswered.io/guide/amd-instinct-mi325x
    "units" = 304,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'Same CDNA3 chiplet silicon as MI300X' (https://yobitel.com/knowledge-base/amd-mi325x):
        // lines, ways, sectors and indices are those of mi300x.mlir
        "capacity" = "32 KiB",
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // As above
        "capacity" = "4 MiB",
        "line_bytes" = 128,
        "associativity" = 16,
        "index" = "hashed",
        "store_policy" = "allocate",
        "units_per_instance" = 38>,
      "infinity_cache" = #dlti.map<
        // '256 MB Infinity Cache sits alongside the HBM3E memory':
        // https://unanswered.io/guide/amd-instinct-mi325x
        "capacity" = "256 MiB",
        "line_bytes" = 128,
        "sector_bytes" = 64,
        "associativity" = 16,
        "store_policy" = "allocate",
        "units_per_instance" = 304>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // '256GB of HBM3e versus the MI300X's 192GB, with memory bandwidth rising from 5.3 TB/s
        // to 6 TB/s': https://awesomeagents.ai/hardware/amd-mi325x
        "capacity" = "256 GB",
        // As mi300x.mlir
        "line_bytes" = 64,
        // '6 TB/s': as above
        "peak_read_bytes_per_second" = 6000.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 6000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'FP8 Performance | 2,614.9 TFLOPS', 'FP16 / BF16 | 1,307.4 TFLOPS', 'TF32 | 653.7
      // TFLOPS': https://awesomeagents.ai/hardware/amd-mi325x
      "tf32" = 653.7e12,
      "bf16" = 1307.4e12,
      "f16" = 1307.4e12,
      "f8" = 2614.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP32 | 163.4 TFLOPS': https://awesomeagents.ai/hardware/amd-mi325x
      "f32" = 163.4e12>,
    "links" = #dlti.map<
      "infinity-fabric" = #dlti.map<
        // As the MI300X: '7 xGMI links 896 GB/s', which counts both directions: hardware.csv of
        // the reference folder; 'Seven Infinity Fabric links ensuring full connectivity between
        // eight GPUs': https://wiaix.com/amd-instincttm-mi325x-accelerators
        "peak_read_bytes_per_second" = 448.0e9,
        "peak_write_bytes_per_second" = 448.0e9,
        "devices" = 8>>>>} {}
