// NVIDIA Jetson Orin NX 16 GB (LPDDR5), its GPU. No page says what share of '100 TOPS of AI performance'
// (https://github.com/icub-tech-iit/cad-libraries/files/13056089/JETSON-ORIN-NX-DATASHEET.pdf) is the GPU's and
// not that of its accelerators: peaks of the tensor cores are derived from those of the Orin Nano.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "jetson-orin-nx" = #dlti.target_device_spec<
    "description" = "NVIDIA Jetson Orin NX 16 GB, LPDDR5",
    // '(008) Multiprocessors, (128) CUDA Cores/MP: 1024 CUDA Cores':
    // https://gist.github.com/atinfinity/8cede915acda05d0ff427c09604735dd (Orin, 14486 MBytes of global memory)
    "units" = 8,
    "levels" = #dlti.map<
      "smem" = #dlti.map<
        "kind" = "explicit",
        // 'Total shared memory per multiprocessor: 167936 bytes':
        // https://gist.github.com/atinfinity/8cede915acda05d0ff427c09604735dd
        "capacity" = "164 KiB",
        // Filled in the sectors of the L2
        "line_bytes" = 32,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'L2 Cache Size: 2097152 bytes':
        // https://gist.github.com/atinfinity/8cede915acda05d0ff427c09604735dd
        "capacity" = "2 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 8>,
      "lpddr5" = #dlti.map<
        "kind" = "memory",
        // 'Memory Size 16 GB Memory Type LPDDR5 Memory Bus 128 bit', of Orin NX 16GB:
        // https://github.com/huggingface/huggingface.js/pull/1333
        "capacity" = "16 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'Bandwidth 102.4 GB/s': https://github.com/huggingface/huggingface.js/pull/1333
        "peak_read_bytes_per_second" = 102.4e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 102.4e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived: half of i8
      "f16" = 14.7e12,
      // As f16
      "bf16" = 14.7e12,
      // Derived: as many tensor cores as the Orin Nano, '20 (Dense) INT8 TOPs' at 'Maximum Operating Frequency:
      // 625 MHz': https://www.scribd.com/document/673174036/Orin-nano-datasheet; at 'GPU Max Clock rate: 918 MHz':
      // https://gist.github.com/atinfinity/8cede915acda05d0ff427c09604735dd; 20 * 918 / 625
      "i8" = 29.4e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'FP32 (float) 1.880 TFLOPS': https://github.com/huggingface/huggingface.js/pull/1333
      "f32" = 1.88e12>>>} {}
