// NVIDIA H100 PCIe 80 GB (HBM2E).

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "h100-pcie" = #dlti.target_device_spec<
    "description" = "NVIDIA H100 PCIe 80 GB, HBM2E",
    // '7 or 8 GPCs, 57 TPCs, 2 SMs/TPC, 114 SMs per GPU':
    // https://docs.nvidia.com/launchpad/ai/h100-mig/latest/h100-mig-gpu.html
    "units" = 114,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Shared Memory Size / SM | Configurable up to 228 KB':
        // https://archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html
        "capacity" = "228 KiB",
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // '50 MB L2 cache':
        // https://docs.nvidia.com/launchpad/ai/h100-mig/latest/h100-mig-gpu.html
        "capacity" = "50 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 114>,
      "hbm2e" = #dlti.map<
        "kind" = "memory",
        // '80 GB HBM2e, 5 HBM2e stacks', 'With a memory bandwidth of 2 TB/s':
        // https://docs.nvidia.com/launchpad/ai/h100-mig/latest/h100-mig-gpu.html
        "capacity" = "80 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM2': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 2000.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 2000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // PCIe column, half of the sparse figures (*): 'FP64 [Tensor] 51', 'TF32 756*', 'BFLOAT16
      // 1,513*', 'FP16 1,513*', 'FP8 3,026*', 'INT8 3,026*':
      // https://archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html
      "f64" = 51.0e12,
      "tf32" = 378.0e12,
      "bf16" = 756.5e12,
      "f16" = 756.5e12,
      "f8" = 1513.0e12,
      "i8" = 1513.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP64 | 34 TFLOPS | 26 TFLOPS', 'FP32 | 67 TFLOPS | 51 TFLOPS':
      // https://archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html
      "f64" = 26.0e12,
      "f32" = 51.0e12>,
    "links" = #dlti.map<
      "nvlink" = #dlti.map<
        // Half of 'NVLINK: 600GB', which counts both directions:
        // https://archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html. A bridge joins two cards
        "peak_read_bytes_per_second" = 300.0e9,
        "peak_write_bytes_per_second" = 300.0e9,
        "devices" = 2>>>>} {}
