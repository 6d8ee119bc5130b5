// NVIDIA GeForce RTX 4090 24 GB (GDDR6X).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "rtx-4090" = #dlti.target_device_spec<
    "description" = "NVIDIA GeForce RTX 4090 24 GB, GDDR6X",
    // 'it has 128 of the potential 144 SM (Streaming Multiprocessor) blocks enabled, along with
    // 72MB of the potential 96MB of L2 cache':
    // https://holynerdvana.blogspot.com/2022/10/nvidia-geforce-rtx-4090-specifications.html
    "units" = 128,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'Each SM contains 128 CUDA Cores, [...] a 256KB register file, and 128KB of L1 cache':
        // https://www.thefpsreview.com/gpu-family/nvidia-geforce-rtx-4090-gpu-family-specifications
        "capacity" = "128 KiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 72 MB: as above
        "capacity" = "72 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 128>,
      "gddr6x" = #dlti.map<
        "kind" = "memory",
        // 'It has 24 GB built-in(On-Board/On-Chip) memory with bandwidth up to 1008 GB/s':
        // https://waredb.com/processor/nvidia-geforce-rtx-4090
        "capacity" = "24 GB",
        // Moved in the sectors of the L2
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 1008.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1008.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // 'BF16: 165.15 TFLOPS, with sparsity: 330.30 TFLOPS', 'FP16: 165.15', 'TF32: 82.58', 'FP8:
      // 330.30', 'INT8: 660.60', 'INT4: 1321.21':
      // https://waredb.com/processor/nvidia-geforce-rtx-4090
      "bf16" = 165.15e12,
      "f16" = 165.15e12,
      "tf32" = 82.58e12,
      "f8" = 330.3e12,
      "i8" = 660.6e12,
      "i4" = 1321.21e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP64: 1.29 TFLOPS FP32: 82.58 TFLOPS FP16: 82.58 TFLOPS BF16: 82.58 TFLOPS':
      // https://waredb.com/processor/nvidia-geforce-rtx-4090
      "f64" = 1.29e12,
      "f32" = 82.58e12,
      "f16" = 82.58e12,
      "bf16" = 82.58e12>>>} {}
