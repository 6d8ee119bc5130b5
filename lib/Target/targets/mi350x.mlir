// AMD Instinct MI350X 288 GB (HBM3E).
// The 160 KiB of LDS beside the L1 are left out: a level encloses the one inside it. Lines and
// ways of the caches were not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "mi350x" = #dlti.target_device_spec<
    "description" = "AMD Instinct MI350X 288 GB, HBM3E",
    // 'MI350X | CDNA4 | gfx950 | 288 | 256 (32 per XCD) | 64 | 160 | 256 | 32 (4 per XCD) | 32':
    // columns Name, Architecture, LLVM target name, VRAM (GiB), Compute Units, Wavefront Size, LDS
    // (KiB), L3 Cache (MiB), L2 Cache (MiB), L1 Vector Cache (KiB) of
    // https://rocm.docs.amd.com/en/7.13.0-preview/reference/gpu-specs.html
    "units" = 256,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // As above
        "capacity" = "32 KiB",
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // As above
        "capacity" = "4 MiB",
        "store_policy" = "allocate",
        "units_per_instance" = 32>,
      "infinity_cache" = #dlti.map<
        // As above
        "capacity" = "256 MiB",
        "store_policy" = "allocate",
        "units_per_instance" = 256>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // 'HBM | 288 GB HBM3E', 'Memory BW | 8 TB/s':
        // https://gangliao.me/blog/2026/amd-gpu-architecture-deep-dive
        "capacity" = "288 GB",
        // Moved by 32 bytes, access_granule_B of 'HBM3E-9600': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 8000.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 8000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: 2.2 / 2.4 of the MI355X (2516.6, 5033.2, 10066.3 TFLOPS, hardware.csv of the
      // reference folder); 'MI350X [...] max clock speed of 2.2 GHz, while the higher-end MI355X
      // [...] 2.4 GHz':
      // https://wccftech.com/amd-instinct-mi350-gpuai-hardware-powerhouse-3nm-3d-chiplet-cdna-4-185-billion-transistors-1400w-tbp-over-4000b-llm-support//amp/
      "bf16" = 2306.9e12,
      "f16" = 2306.9e12,
      "f8" = 4613.8e12,
      "f4" = 9227.4e12,
      "i8" = 4613.8e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived in the same way from 157.3
      "f32" = 144.2e12>,
    "links" = #dlti.map<
      "infinity-fabric" = #dlti.map<
        // Derived: half of 'MI355X peer-to-peer aggregate | 38.4 Gbps, 16 lanes, 2 directions,
        // 7 links | 1075.2 GB/s | 1075.2 GB/s | CDNA 4 white paper spec table and endnote
        // MI350-007' (stored file 58616972486). The MI350X has the same links: 'up to eight
        // MI350 series GPUs, with memory pools enabled across a point-to-point network of 153.6
        // GB/s links connecting each package with every other package on the node':
        // https://www.techaiapp.com/tech-ai-app/chips/amd-instinct-mi350x-series-ai-gpu-silicon-detailed/
        "peak_read_bytes_per_second" = 537.6e9,
        "peak_write_bytes_per_second" = 537.6e9,
        "devices" = 8>>>>} {}
