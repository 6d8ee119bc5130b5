// Google TPU v5e, one chip (HBM2).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tpu-v5e" = #dlti.target_device_spec<
    "description" = "Google TPU v5e, one chip, 128 MiB VMEM",
    // '1,TensorCore (4 MXU 128x128)': hardware.csv of the reference folder
    "units" = 1,
    "levels" = #dlti.map<
      "vmem" = #dlti.map<
        "kind" = "explicit",
        // '128 MiB VMEM (~22x HBM bw)': hardware.csv of the reference folder
        "capacity_bytes" = 134217728,
        // Filled in HBM accesses
        "line_bytes" = 32,
        "store_policy" = "allocate",
        // Derived: '~22x HBM bw': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 18018.0e9,
        "peak_write_bytes_per_second" = 18018.0e9>,
      "hbm2" = #dlti.map<
        "kind" = "memory",
        // 'Google TPU v5e,TPU,HBM2,,,819,16', '197', '394': hardware.csv of the reference
        // folder
        "capacity_bytes" = 16.0e9,
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'cloud.google.com/tpu v5e numbers quoted in JAX Pallas docs', '819'; no measured
        // figure found: hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 819.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 819.0e9,
        // '3.97 total': memtech.csv of the reference folder
        "picojoules_per_bit" = 3.97>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'Google TPU v5e,TPU,HBM2,,,819,16', '197', '394': hardware.csv of the reference folder
      "bf16" = 197.0e12,
      "i8" = 394.0e12>,
    "links" = #dlti.map<
      "ici" = #dlti.map<
        // 'ICI 45 GB/s/link/dir, 4 links': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 180.0e9,
        "peak_write_bytes_per_second" = 180.0e9>>>>} {}
