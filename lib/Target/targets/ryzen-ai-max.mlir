// AMD Ryzen AI Max+ 395 (Strix Halo) 128 GB (LPDDR5X), its GPU.
// The rate of arithmetic, lines and ways of the caches were not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "ryzen-ai-max" = #dlti.target_device_spec<
    "description" = "AMD Ryzen AI Max+ 395 128 GB, LPDDR5X",
    // 'Compute Units | 40 CUs':
    // https://mortenoh.github.io/msai-setup/getting-started/hardware-architecture/
    "units" = 40,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        // 'a 2 MB L2 services the entire GPU', 'a 32 MB memory side cache (Infinity Cache, or
        // MALL) takes over as the GPU's last level cache': https://gokawiil.com/article/217804
        "capacity" = "2 MiB",
        "store_policy" = "allocate",
        "units_per_instance" = 40>,
      "infinity_cache" = #dlti.map<
        // As above
        "capacity" = "32 MiB",
        "store_policy" = "allocate",
        "units_per_instance" = 40>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // '256-bit bus', 'LPDDR5X-8000 (128GB)', '~256 GB/s peak bandwidth':
        // https://mortenoh.github.io/msai-setup/getting-started/hardware-architecture/
        "capacity" = "128 GB",
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        "peak_read_bytes_per_second" = 256.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 256.0e9>>>>} {}
