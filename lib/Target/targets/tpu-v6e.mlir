// Google TPU v6e (Trillium), one chip (HBM).
// Google does not name the generation of its HBM.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tpu-v6e" = #dlti.target_device_spec<
    "description" = "Google TPU v6e (Trillium), one chip, 128 MiB VMEM",
    // One TensorCore a chip: jax-ml/scaling-book, TPU chapter
    "units" = 1,
    "levels" = #dlti.map<
      "vmem" = #dlti.map<
        "kind" = "explicit",
        // 128 MiB of VMEM: JAX Pallas docs; jax-ml/scaling-book
        "capacity_bytes" = 134217728,
        // Filled in HBM accesses
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "hbm" = #dlti.map<
        "kind" = "memory",
        // Google Cloud TPU v6e page; jax-ml/scaling-book, TPU chapter
        "capacity_bytes" = 32.0e9,
        // HBM moves 32 bytes an access (HBM2: O'Connor, MICRO 2017)
        "line_bytes" = 32,
        // Google Cloud TPU v6e page. No measured figure found
        "peak_read_bytes_per_second" = 1640.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1640.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Google Cloud TPU v6e page; jax-ml/scaling-book, TPU chapter
      "bf16" = 918.0e12,
      "i8" = 1836.0e12>,
    "links" = #dlti.map<
      "ici" = #dlti.map<
        // Half of "ICI 3584 Gbps = 448 GB/s total": hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 224.0e9,
        "peak_write_bytes_per_second" = 224.0e9>>>>} {}
