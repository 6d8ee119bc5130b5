// Intel Gaudi 3, OAM HL-325L 128 GB (HBM2E).
// Every figure is from hardware.csv of the reference folder, which names Intel's white paper
// 817486 and the product brief 817487 of the HL-325L.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "gaudi3" = #dlti.target_device_spec<
    "description" = "Intel Gaudi 3 (HL-325L) 128 GB, HBM2E",
    // '8 MME + 64 TPC': the matrix engines
    "units" = 8,
    "levels" = #dlti.map<
      "sram" = #dlti.map<
        // Assumed to be filled by the program
        "kind" = "explicit",
        // '96 MB SRAM', '12.8 TB/s (white paper) or 19.2 TB/s (other Intel material)': the lower
        // one
        "capacity" = "96 MB",
        "store_policy" = "allocate",
        "units_per_instance" = 8,
        "peak_read_bytes_per_second" = 12800.0e9>,
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // '3700' GB/s and '128' GB; 3.67 TB/s elsewhere
        "capacity" = "128 GB",
        // HBM2 moves 32 bytes an access (O'Connor, MICRO 2017)
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 3700.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 3700.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // '1835,1835' TFLOPS in bf16 and fp8 (1678 elsewhere)
      "bf16" = 1835.0e12,
      "f8" = 1835.0e12>,
    "links" = #dlti.map<
      "ethernet" = #dlti.map<
        // '24x200GbE = 600 GB/s per dir'
        "peak_read_bytes_per_second" = 600.0e9,
        "peak_write_bytes_per_second" = 600.0e9>>>>} {}
