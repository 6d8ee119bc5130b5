// Google TPU v5p, one chip (HBM2E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tpu-v5p" = #dlti.target_device_spec<
    "description" = "Google TPU v5p, one chip, 128 MiB VMEM",
    // 'Number of TensorCores per chip | 2': https://docs.cloud.google.com/tpu/docs/tpu7x
    "units" = 2,
    "levels" = #dlti.map<
      "vmem" = #dlti.map<
        "kind" = "explicit",
        // '128 MB VMEM (2 cores)': hardware.csv of the reference folder; '64 MiB per core':
        // https://github.com/jax-ml/jax/blob/4f32df242c5917940f74cc9e57ee3680a3bd664f/jax/_src/pallas/mosaic/tpu_info.py
        "capacity" = "64 MiB",
        // Filled in HBM accesses
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // 'HBM capacity per chip (GiB) | 95', 'HBM bandwidth per chip (GB/s) | 2765':
        // https://docs.cloud.google.com/tpu/docs/tpu7x
        "capacity" = "95 GiB",
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 2765.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 2765.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'Peak compute per chip (BF16) (TFLOPs) | 459', '(FP8) | 459':
      // https://docs.cloud.google.com/tpu/docs/tpu7x
      "bf16" = 459.0e12,
      "f8" = 459.0e12,
      // '918': hardware.csv of the reference folder
      "i8" = 918.0e12>,
    "links" = #dlti.map<
      "ici" = #dlti.map<
        // 'ICI 90 GB/s/link/dir, 6 links': hardware.csv of the reference folder; Google says 1200
        // GB/s for both directions
        "peak_read_bytes_per_second" = 540.0e9,
        "peak_write_bytes_per_second" = 540.0e9,
        // 'Number of chips per pod | 8960': https://docs.cloud.google.com/tpu/docs/tpu7x
        "devices" = 8960>>>>} {}
