// NVIDIA GeForce RTX 5090 32 GB (GDDR7).
// The size of its L1 was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "rtx-5090" = #dlti.target_device_spec<
    "description" = "NVIDIA GeForce RTX 5090 32 GB, GDDR7",
    // 'Streaming Multiprocessors | 170': https://www.spheron.network/blog/nvidia-rtx-5090-specs/
    "units" = 170,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        // 'SMs: 170 [...] VRAM: 32GB, 28Gb/s, 512 bits Cache: 96MB':
        // https://pocketmags.com/linux-format-magazine/may-2025/articles/nvidia-geforce-rtx-5090
        "capacity" = "96 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 170>,
      "gddr7" = #dlti.map<
        "kind" = "memory",
        // '1,792 GB/s of memory bandwidth and 32GB of GDDR7':
        // https://www.spheron.network/blog/nvidia-rtx-5090-specs/
        "capacity" = "32 GB",
        // Moved in the sectors of the L2
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 1792.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1792.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Half of the sparse figures: 'FP16 Tensor Performance (sparse) | 838.4 TFLOPS', 'FP8 [...]
      // (sparse) | ~1,676.8', 'FP4 [...] (sparse) | 3,352 TOPS':
      // https://www.spheron.network/blog/nvidia-rtx-5090-specs/. bf16 as f16
      "bf16" = 419.2e12,
      "f16" = 419.2e12,
      "f8" = 838.4e12,
      "f4" = 1676.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP32 Performance | ~105.2 TFLOPS':
      // https://www.spheron.network/blog/nvidia-rtx-5090-specs/
      "f32" = 105.2e12>>>} {}
