// AMD Instinct MI350X 288 GB (HBM3E).
// The 160 KiB of LDS beside the L1 are left out: a level encloses the one inside it.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "mi350x" = #dlti.target_device_spec<
    "description" = "AMD Instinct MI350X 288 GB, HBM3E",
    // 'Compute Units | 256': https://gangliao.me/blog/2026/amd-gpu-architecture-deep-dive
    "units" = 256,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // '32 L1 + 160 LDS' KiB, of the MI355X: hardware.csv of the reference folder. Ways,
        // sectors and indices are assumed: as mi300x.mlir
        "capacity" = "32 KiB",
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // '4 MB L2 x 8 XCD', of the MI355X: hardware.csv of the reference folder
        "capacity" = "4 MiB",
        "line_bytes" = 128,
        "associativity" = 16,
        "index" = "hashed",
        "store_policy" = "allocate",
        "units_per_instance" = 32>,
      "infinity_cache" = #dlti.map<
        // '256 (Infinity Cache)' MB, of the MI355X: hardware.csv of the reference folder
        "capacity" = "256 MiB",
        "line_bytes" = 128,
        "sector_bytes" = 64,
        "associativity" = 16,
        "store_policy" = "allocate",
        "units_per_instance" = 256>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 'HBM | 288 GB HBM3E', 'Memory BW | 8 TB/s':
        // https://gangliao.me/blog/2026/amd-gpu-architecture-deep-dive
        "capacity" = "288 GB",
        // DRAM access granule
        "line_bytes" = 64,
        "peak_read_bytes_per_second" = 8000.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 8000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: 2.2 / 2.4 of the MI355X (2516.6, 5033.2, 10066.3 TFLOPS, hardware.csv of the
      // reference folder); 'MI350X [...] max clock speed of 2.2 GHz, while the higher-end MI355X
      // [...] 2.4 GHz':
      // https://wccftech.com/amd-instinct-mi350-gpuai-hardware-powerhouse-3nm-3d-chiplet-cdna-4-185-billion-transistors-1400w-tbp-over-4000b-llm-support//amp/
      "bf16" = 2306.9e12,
      "f16" = 2306.9e12,
      "f8" = 4613.8e12,
      "f4" = 9227.4e12,
      "i8" = 4613.8e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived in the same way from 157.3
      "f32" = 144.2e12>,
    "links" = #dlti.map<
      "infinity-fabric" = #dlti.map<
        // Assumed: as the MI300X ('7 xGMI links 896 GB/s', both directions: hardware.csv of the
        // reference folder); of the MI355X it says '7 xGMI peer links'
        "peak_read_bytes_per_second" = 448.0e9,
        "peak_write_bytes_per_second" = 448.0e9,
        "devices" = 8>>>>} {}
