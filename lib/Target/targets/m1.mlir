// Apple M1 8-core GPU 16 GB (LPDDR4X), its GPU.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "m1" = #dlti.target_device_spec<
    "description" = "Apple M1 8-core GPU 16 GB, LPDDR4X",
    // 'The integrated graphics card in the M1 offers 8 cores [...] and a peak performance of 2.6
    // teraflops': https://www.notebookcheck.net/M1-vs-M2_12937_14521.247596.0.html
    "units" = 8,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Maximum total threadgroup memory allocation [...] 32 KB 32 KB', the columns of OSX:
        // https://developer.apple.com/metal/limits/
        "capacity" = "32 KiB",
        // 'From sysctl -a on Apple M1: hw.cachelinesize: 128':
        // https://github.com/DLTcollab/sse2neon/blob/master/sse2neon.h
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "slc" = #dlti.map<
        // 'The SoC also has a 8MB System Level Cache shared by the GPU':
        // http://qertuno.blogg.se/2022/october/ipad-pro-m1-geekbench.html
        "capacity" = "8 MiB",
        "line_bytes" = 128,
        "store_policy" = "allocate",
        "units_per_instance" = 8>,
      "lpddr4x" = #dlti.map<
        "kind" = "memory",
        // Derived: 'Max memory channels 2' of 8 bytes x 'LPDDR4X-4266', 'Maximum memory size 16
        // GB': https://askgeek.io/en/cpus/Apple/M1-8-core-GPU, which prints 66.67 GB/s
        "capacity" = "16 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5-6400': memtech.csv of the reference
        // folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 68.256e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 68.256e9>>,
    "vector_ops_per_second" = #dlti.map<
      // 'Peak Single Precision (FP32) Performance 2.617 TFLOPS', 'Peak Half Precision (FP16)
      // Performance 5200 GFLOPS': https://askgeek.io/en/cpus/Apple/M1-8-core-GPU
      "f32" = 2.617e12,
      "f16" = 5.2e12>>>} {}
