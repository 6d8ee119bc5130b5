// AMD Instinct MI300X 192 GB (HBM3).
// The 64 KiB of LDS beside the L1 are left out: a level encloses the one inside it.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "mi300x" = #dlti.target_device_spec<
    "description" = "AMD Instinct MI300X 192 GB, HBM3",
    // 'MI300X CDNA3 gfx941 or gfx942 192 GiB 304 64 64 KiB 256 MiB 32 MiB 32 KiB': columns
    // Model, Architecture, LLVM target name, VRAM, Compute Units, Wavefront Size, LDS, L3
    // Cache, L2 Cache, L1 Vector Cache of
    // https://rocm.docs.amd.com/en/docs-6.0.2/reference/gpu-arch/gpu-arch-spec-overview.html
    "units" = 304,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // '32 L1 + 64 LDS'; column line_B: '128': hardware.csv of the reference folder
        "capacity_bytes" = 32768,
        "line_bytes" = 128,
        "store_policy" = "allocate">,
      "l2" = #dlti.map<
        // 'The L2 is a 4MB, 16-way set associative cache', of each XCD of CDNA 3:
        // https://galapagos.fluidnumerics.com/gpu/working_with_mi300a; column line_B, '128':
        // hardware.csv of the reference folder
        "capacity_bytes" = 4194304,
        "line_bytes" = 128,
        "associativity" = 16,
        // 'Mapping of incoming requests to a specific L2 channel is determined by a hashing
        // mechanism that attempts to evenly distribute requests across the L2 channels':
        // https://rocm.docs.amd.com/projects/rocprofiler-compute/en/docs-7.14.0/conceptual/cdna/l2-cache.html
        "index" = "hashed",
        "store_policy" = "allocate",
        "units_per_instance" = 38>,
      "infinity_cache" = #dlti.map<
        // '256 (Infinity Cache 17.2 TB/s)': hardware.csv of the reference folder
        "capacity_bytes" = 268435456,
        "line_bytes" = 128,
        // '64 (half-line writes)': hardware.csv of the reference folder
        "sector_bytes" = 64,
        // 'On MI300, just like the L2 cache, the AMD Infinity Cache is 16-way set-associative'
        // (stored file 62776049418). No source says how lines are placed: modulo, the default
        "associativity" = 16,
        "store_policy" = "allocate",
        "units_per_instance" = 304,
        "peak_read_bytes_per_second" = 17200.0e9,
        // 'Infinity Cache 17.2 TB/s', 'Infinity Cache ~11.9 TB/s measured': hardware.csv of the
        // reference folder
        "achievable_read_bytes_per_second" = 11900.0e9>,
      "hbm3" = #dlti.map<
        "kind" = "memory",
        // 'AMD MI300X,GPU,HBM3,[...],8192,5300,192': hardware.csv of the reference folder
        "capacity_bytes" = 192.0e9,
        // '64 (half-line writes)': hardware.csv of the reference folder
        "line_bytes" = 64,
        // '8 stacks, 5.2 Gbps', column peak_bw_GBps: '5300'; no measured figure found:
        // hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 5300.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 5300.0e9,
        // '~3.9 (derived)': memtech.csv of the reference folder
        "picojoules_per_bit" = 3.9>>,
    "matrix_ops_per_second" = #dlti.map<
      // f64 and f32 derived, 304 / 228 of the MI300A's 'Peak Double Precision Matrix (FP64) :
      // 122.6 TFLOPs': https://vengineer.hatenablog.com/entry/2023/12/11/080000. The others:
      // '653.7,1307.4,2614.9,2614.9': hardware.csv of the reference folder
      "f64" = 163.4e12,
      "f32" = 163.4e12,
      "tf32" = 653.7e12,
      "bf16" = 1307.4e12,
      "f16" = 1307.4e12,
      "f8" = 2614.9e12,
      "i8" = 2614.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // f64 derived, 304 / 228 of the MI300A's 'Peak Double Precision (FP64) : 61.3 TFLOPs':
      // https://vengineer.hatenablog.com/entry/2023/12/11/080000. f32: '163.4', hardware.csv of
      // the reference folder
      "f64" = 81.7e12,
      "f32" = 163.4e12>,
    "links" = #dlti.map<
      "infinity-fabric" = #dlti.map<
        // Half of '7 xGMI links 896 GB/s': hardware.csv of the reference folder;
        // 'Fully-connected 8-GPU xGMI mesh': https://gpu.blog/gpus/instinct-mi300x-mi300x
        "peak_read_bytes_per_second" = 448.0e9,
        "peak_write_bytes_per_second" = 448.0e9,
        "devices" = 8>>>>} {}
