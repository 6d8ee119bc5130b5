// NVIDIA L40S 48 GB (GDDR6).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "l40s" = #dlti.target_device_spec<
    "description" = "NVIDIA L40S 48 GB, GDDR6",
    // 'SM Count 142 Tensor Cores 568 RT Cores 142 L1 Cache 128 KB (per SM) L2 Cache 48 MB':
    // https://m.reach.dog/shop/computizer/products/nvidia-l40s-48gb-gddr6-graphics-card-for-ai-and-graphics-performance
    "units" = 142,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // As above
        "capacity" = "128 KiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // As above; other pages say 96 MB
        "capacity" = "48 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 142>,
      "gddr6" = #dlti.map<
        "kind" = "memory",
        // 'GPU Memory | 48 GB GDDR6 with ECC', 'Memory Bandwidth | 864GB/s':
        // https://www.mullet.se/product.html?product_id=355414
        "capacity" = "48 GB",
        // Moved in the sectors of the L2
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 864.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 864.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // The L40S column, without sparsity: 'BFLOAT16 Tensor Core TFLOPS | [...] 362.05 | 733*',
      // 'FP16 [...] 362.05', 'TF32 [...] 183', 'FP8 Tensor Core | [...] 733 | 1,466*':
      // https://www.mullet.se/product.html?product_id=355414
      "bf16" = 362.05e12,
      "f16" = 362.05e12,
      "tf32" = 183.0e12,
      "f8" = 733.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP32 TFLOPS | 90.5 | 91.6': https://www.mullet.se/product.html?product_id=355414
      "f32" = 91.6e12>>>} {}
