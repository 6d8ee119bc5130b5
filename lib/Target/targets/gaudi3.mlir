// Intel Gaudi 3, OAM HL-325L 128 GB (HBM2E).
// hardware.csv of the reference folder names Intel's white paper 817486 and the product brief 817487
// of the HL-325L. Lines, ways and what stores that miss do were not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "gaudi3" = #dlti.target_device_spec<
    "description" = "Intel Gaudi 3 (HL-325L) 128 GB, HBM2E",
    // '8 MME + 64 TPC', the matrix engines: hardware.csv of the reference folder
    "units" = 8,
    "levels" = #dlti.map<
      "l3" = #dlti.map<
        // '96 MB SRAM'. 'L2 and L3 data caches: L2: Allocated only in DCORE cache, L3: Uniformly
        // distributed across all DCORE caches' (slides of Hot Chips 2024,
        // https://www.sgpjbg.com/baogao/465025.html): used as the L3 of all
        "capacity" = "96 MB",
        "units_per_instance" = 8,
        // 'L3[...] 6.4TB' a second, 'L2[...] 19.2TB':
        // https://www.itmedia.co.jp/pcuser/articles/2407/05/news146_3.html
        "peak_read_bytes_per_second" = 6400.0e9>,
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // '3700' GB/s and '128' GB; 3.67 TB/s elsewhere: hardware.csv of the reference folder
        "capacity" = "128 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 3700.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 3700.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // '1835,1835' TFLOPS in bf16 and fp8 (1678 elsewhere): hardware.csv of the reference
      // folder
      "bf16" = 1835.0e12,
      "f8" = 1835.0e12>,
    "links" = #dlti.map<
      "ethernet" = #dlti.map<
        // '24x200GbE = 600 GB/s per dir': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 600.0e9,
        "peak_write_bytes_per_second" = 600.0e9>>>>} {}
