// Google TPU v5e, one chip (HBM2).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tpu-v5e" = #dlti.target_device_spec<
    "description" = "Google TPU v5e, one chip, 128 MiB VMEM",
    // One TensorCore a chip: jax-ml/scaling-book, TPU chapter
    "units" = 1,
    "levels" = #dlti.map<
      "vmem" = #dlti.map<
        "kind" = "explicit",
        // 128 MiB of VMEM: JAX Pallas docs; jax-ml/scaling-book
        "capacity_bytes" = 134217728,
        // Filled in HBM accesses
        "line_bytes" = 32,
        "store_policy" = "allocate",
        // Derived: about 22 times the HBM bandwidth (jax-ml/scaling-book)
        "peak_read_bytes_per_second" = 18018.0e9,
        "peak_write_bytes_per_second" = 18018.0e9>,
      "hbm2" = #dlti.map<
        "kind" = "memory",
        // Google Cloud TPU v5e page, as quoted in the JAX Pallas docs; jax-ml/scaling-book, TPU
        // chapter
        "capacity_bytes" = 16.0e9,
        // HBM moves 32 bytes an access (HBM2: O'Connor, MICRO 2017)
        "line_bytes" = 32,
        // Google Cloud TPU v5e page, as quoted in the JAX Pallas docs. No measured figure found
        "peak_read_bytes_per_second" = 819.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 819.0e9,
        // HBM2, total: O'Connor, MICRO 2017
        "picojoules_per_bit" = 3.97>>,
    "matrix_ops_per_second" = #dlti.map<
      // Google Cloud TPU v5e page, as quoted in the JAX Pallas docs; jax-ml/scaling-book, TPU
      // chapter
      "bf16" = 197.0e12,
      "i8" = 394.0e12>,
    "links" = #dlti.map<
      "ici" = #dlti.map<
        // "ICI 45 GB/s/link/dir, 4 links": hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 180.0e9,
        "peak_write_bytes_per_second" = 180.0e9>>>>} {}
