// Google TPU v7 (TPU7x, Ironwood), one chip (HBM3E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "tpu-v7" = #dlti.target_device_spec<
    "description" = "Google TPU v7 (Ironwood), one chip",
    // 'Each TPU7x chip contains two TensorCores and four SparseCores':
    // https://docs.cloud.google.com/tpu/docs/tpu7x
    "units" = 2,
    "levels" = #dlti.map<
      "vmem" = #dlti.map<
        "kind" = "explicit",
        // 'case TPU7x: [...] vmem_capacity_bytes=64 * 1024 * 1024,  # 64 MiB per core':
        // https://github.com/jax-ml/jax/blob/4f32df242c5917940f74cc9e57ee3680a3bd664f/jax/_src/pallas/mosaic/tpu_info.py
        "capacity" = "64 MiB",
        // Filled in HBM accesses
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 'HBM capacity per chip (GiB) | [...] 192', 'HBM bandwidth per chip (GB/s) | [...]
        // 7380': https://docs.cloud.google.com/tpu/docs/tpu7x; HBM3E:
        // https://aiwiki.ai/wiki/tpu_ironwood
        "capacity" = "192 GiB",
        // Moved by 32 bytes, access_granule_B of 'HBM3E-9600': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 7380.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 7380.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'Peak compute per chip (BF16) (TFLOPs) | [...] 2307', '(FP8) | [...] 4614':
      // https://docs.cloud.google.com/tpu/docs/tpu7x
      "bf16" = 2307.0e12,
      "f8" = 4614.0e12>,
    "links" = #dlti.map<
      "ici" = #dlti.map<
        // Half of 'Bi-directional inter-chip interconnect (ICI) bandwidth per chip (GB/s) | [...]
        // 1200': https://docs.cloud.google.com/tpu/docs/tpu7x
        "peak_read_bytes_per_second" = 600.0e9,
        "peak_write_bytes_per_second" = 600.0e9,
        // 'Number of chips per pod | [...] 9216': https://docs.cloud.google.com/tpu/docs/tpu7x
        "devices" = 9216>>>>} {}
