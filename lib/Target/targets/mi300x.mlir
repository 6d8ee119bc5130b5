// AMD Instinct MI300X 192 GB (HBM3).
// The 64 KiB of LDS beside the L1 are left out: a level encloses the one inside it.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "mi300x" = #dlti.target_device_spec<
    "description" = "AMD Instinct MI300X 192 GB, HBM3",
    // Compute units, 38 on each of 8 XCDs: AMD MI300X data sheet
    "units" = 304,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 32 KiB per CU, 128-byte lines: AMD CDNA 3 white paper
        "capacity_bytes" = 32768,
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 4 MiB per XCD, 16 ways, 128-byte lines: AMD CDNA 3 white paper
        "capacity_bytes" = 4194304,
        "line_bytes" = 128,
        "associativity" = 16,
        // Hashed: requests are spread over the channels of the L2 "by a hashing mechanism" (ROCm
        // Compute Profiler documentation, L2 cache)
        "index" = "hashed",
        "store_policy" = "allocate",
        "units_per_instance" = 38>,
      "infinity_cache" = #dlti.map<
        // 256 MiB for all, 16 ways, 17.2 TB/s: AMD CDNA 3 white paper
        "capacity_bytes" = 268435456,
        "line_bytes" = 128,
        // Memory is written in half lines (AMD CDNA 3 white paper)
        "sector_bytes" = 64,
        // No source says how lines are placed: modulo, the default
        "associativity" = 16,
        "store_policy" = "allocate",
        "units_per_instance" = 304,
        "peak_read_bytes_per_second" = 17200.0e9,
        // About 11.9 TB/s measured: Chips and Cheese
        "achievable_read_bytes_per_second" = 11900.0e9>,
      "hbm3" = #dlti.map<
        "kind" = "memory",
        // 192 GB, 5.3 TB/s: AMD MI300X data sheet
        "capacity_bytes" = 192.0e9,
        // DRAM access granule
        "line_bytes" = 64,
        // 8192 bits at 5.2 Gb/s: AMD MI300X data sheet. No measured figure found
        "peak_read_bytes_per_second" = 5300.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 5300.0e9,
        // HBM3, derived from HBM2 parts: 3.97 total (O'Connor, MICRO 2017)
        "picojoules_per_bit" = 3.9>>,
    "matrix_ops_per_second" = #dlti.map<
      // AMD MI300X data sheet, dense
      "f64" = 163.4e12,
      "f32" = 163.4e12,
      "tf32" = 653.7e12,
      "bf16" = 1307.4e12,
      "f16" = 1307.4e12,
      "f8" = 2614.9e12,
      "i8" = 2614.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // AMD MI300X data sheet
      "f64" = 81.7e12,
      "f32" = 163.4e12>,
    "links" = #dlti.map<
      "infinity-fabric" = #dlti.map<
        // Half of "7 xGMI links 896 GB/s": hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 448.0e9,
        "peak_write_bytes_per_second" = 448.0e9,
        "devices" = 8>>>>} {}
