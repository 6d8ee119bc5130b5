// NVIDIA RTX PRO 6000 Blackwell 96 GB (GDDR7).
// The size of its L1 was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "rtx-pro-6000" = #dlti.target_device_spec<
    "description" = "NVIDIA RTX PRO 6000 Blackwell 96 GB, GDDR7",
    // 'Voce recebe 188 SMS ativado, de um potencial maximo de 192 do GB202':
    // https://ferreiradozezere.net/entretenimento/a-mansao-na-qual-adele-viveu-nao-e-vendida-por-ser-assombrada/2388/?random-post=1
    "units" = 188,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        // 'O RTX Pro 6000 apresenta o cache L2 de 128 MB':
        // https://ferreiradozezere.net/entretenimento/a-mansao-na-qual-adele-viveu-nao-e-vendida-por-ser-assombrada/2388/?random-post=1
        "capacity" = "128 MiB",
        // 'Cache Line Size | 128 bytes', 'Sectors per Line | 4 [...] 32B sectors':
        // https://the-dsvolk.github.io/ai-perf/ai-infra/memory-hierarchy.html; NVIDIA publishes
        // no ways
        "line_bytes" = 128,
        "sector_bytes" = 32,
        "store_policy" = "allocate",
        // One L2 for all SMs
        "units_per_instance" = 188>,
      "gddr7" = #dlti.map<
        "kind" = "memory",
        // 'Memory: 96GB GDDR7', 'Memory Bandwidth: 1,792 GB/s':
        // https://gpu.name/posts/nvidia-unveils-rtx-pro-6000-blackwell-gpu-with-24-064-cores-and-96gb-memory
        "capacity" = "96 GB",
        // Moved in the sectors of the L2
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 1792.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 1792.0e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived from '4000 tops a partir dos nucleos'
      // (https://ferreiradozezere.net/entretenimento/a-mansao-na-qual-adele-viveu-nao-e-vendida-por-ser-assombrada/2388/?random-post=1),
      // which are sparse f4 like the 3352 of the RTX 5090: a half is dense, f8 is a half of f4,
      // f16 and bf16 a quarter
      "bf16" = 500.0e12,
      "f16" = 500.0e12,
      "f8" = 1000.0e12,
      "f4" = 2000.0e12>,
    "vector_ops_per_second" = #dlti.map<
      // 'a NVIDIA liste ate 125 tflops de computacao FP32':
      // https://ferreiradozezere.net/entretenimento/a-mansao-na-qual-adele-viveu-nao-e-vendida-por-ser-assombrada/2388/?random-post=1
      "f32" = 125.0e12>>>} {}
