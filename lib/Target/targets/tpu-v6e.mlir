// Google TPU v6e (Trillium), one chip (HBM).
// Google does not name the generation of its HBM.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tpu-v6e" = #dlti.target_device_spec<
    "description" = "Google TPU v6e (Trillium), one chip, 128 MiB VMEM",
    // '1,TensorCore (MXU 256x256)': hardware.csv of the reference folder
    "units" = 1,
    "levels" = #dlti.map<
      "vmem" = #dlti.map<
        "kind" = "explicit",
        // '128 MB VMEM': hardware.csv of the reference folder
        "capacity_bytes" = 134217728,
        // Filled in HBM accesses
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "hbm" = #dlti.map<
        "kind" = "memory",
        // 'Google TPU v6e (Trillium),TPU,HBM,,,1640,32', '918', '1836': hardware.csv of the
        // reference folder
        "capacity_bytes" = 32.0e9,
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'Google TPU v6e (Trillium),TPU,HBM,,,1640,32'; no measured figure found: hardware.csv
        // of the reference folder
        "peak_read_bytes_per_second" = 1640.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1640.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'Google TPU v6e (Trillium),TPU,HBM,,,1640,32', '918', '1836': hardware.csv of the
      // reference folder
      "bf16" = 918.0e12,
      "i8" = 1836.0e12>,
    "links" = #dlti.map<
      "ici" = #dlti.map<
        // Half of 'ICI 3584 Gbps = 448 GB/s total': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 224.0e9,
        "peak_write_bytes_per_second" = 224.0e9>>>>} {}
