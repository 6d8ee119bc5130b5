// NVIDIA Grace, one CPU, 480 GB of LPDDR5X.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "grace" = #dlti.target_device_spec<
    "description" = "NVIDIA Grace CPU, LPDDR5X",
    // '72 cores per Grace CPU':
    // https://uniexeterrse.github.io/gw4-isambard-3-practical-workshop-2026/section_01_welcome_login_overview/02-grace-cpu-superchip.html
    "units" = 72,
    // 'four 128-bit SIMD units supporting two instruction sets':
    // https://uniexeterrse.github.io/gw4-isambard-3-practical-workshop-2026/section_01_welcome_login_overview/02-grace-cpu-superchip.html;
    // 'AArch64 has 31 GPRs, PC (in this case stored in LR, aka X30), SP, 32 vector registers (which
    // are 128 bits wide each)': https://github.com/managarm/mlibc/issues/571
    "vector_registers" = 32,
    "vector_bits" = 128,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // '64 KB L1 I-cache + 64 KB L1 D-cache per core':
        // https://uniexeterrse.github.io/gw4-isambard-3-practical-workshop-2026/section_01_welcome_login_overview/02-grace-cpu-superchip.html;
        // 'Both Graviton systems use 4-way L1 caches with 64-byte lines and 8-way L2 caches',
        // 'Graviton4 (Neoverse V2)', the core of Grace as well ('NVIDIA Grace [...] Core design
        // Neoverse V2', https://chipsandcheese.com/2023/09/11/hot-chips-2023-arms-neoverse-v2/):
        // https://learn.arm.com/learning-paths/servers-and-cloud-computing/memory-subsystem/cache-hierarchy
        "capacity_bytes" = 65536,
        "associativity" = 4>,
      "l2" = #dlti.map<
        // '1 MB L2 cache per core (private)':
        // https://uniexeterrse.github.io/gw4-isambard-3-practical-workshop-2026/section_01_welcome_login_overview/02-grace-cpu-superchip.html;
        // '8-way L2 caches', as for the L1:
        // https://learn.arm.com/learning-paths/servers-and-cloud-computing/memory-subsystem/cache-hierarchy
        "capacity_bytes" = 1048576,
        "associativity" = 8>,
      "l3" = #dlti.map<
        // '114 MB distributed L3 cache shared across all 72 cores':
        // https://uniexeterrse.github.io/gw4-isambard-3-practical-workshop-2026/section_01_welcome_login_overview/02-grace-cpu-superchip.html;
        // ways not found
        "capacity_bytes" = 119537664,
        "units_per_instance" = 72>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 'Up to 480GB LPDDR5X up to 512 GB/s': hardware.csv of the reference folder
        "capacity_bytes" = 480.0e9,
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'Per Grace CPU | up to 512 GB/s':
        // https://uniexeterrse.github.io/gw4-isambard-3-practical-workshop-2026/section_01_welcome_login_overview/02-grace-cpu-superchip.html.
        // No measured figure found
        "peak_read_bytes_per_second" = 512.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 512.0e9>>,
    "vector_ops_per_second" = #dlti.map<
      // Half of 'FP64 peak | 7.1 TFLOPS', of the superchip of two:
      // https://hardwaretimes.com/nvidia-announces-grace-cpu-up-2x-faster-than-amd-epyc-and-intel-xeon-parts-with-better-power-efficiency/
      "f64" = 3.55e12,
      // Derived: twice f64
      "f32" = 7.1e12>>>} {}
