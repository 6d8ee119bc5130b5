// Intel Xeon Platinum 8592+ (Emerald Rapids), one socket, 8 channels of DDR5-5600.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "xeon-8592" = #dlti.target_device_spec<
    "description" = "Intel Xeon Platinum 8592+, 8 x DDR5-5600",
    // Cores: Intel product specifications
    "units" = 64,
    // AVX-512: Intel 64 and IA-32 Architectures Optimization Reference Manual
    "vector_registers" = 32,
    "vector_bits" = 512,
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 48 KiB, 12 ways: Intel 64 and IA-32 Architectures Optimization Reference Manual
        "capacity_bytes" = 49152,
        "associativity" = 12>,
      "l2" = #dlti.map<
        // 2 MiB, 16 ways: Intel 64 and IA-32 Architectures Optimization Reference Manual
        "capacity_bytes" = 2097152,
        "associativity" = 16>,
      "l3" = #dlti.map<
        // 320 MiB for all: Intel product specifications; ways not found
        "capacity_bytes" = 335544320,
        "units_per_instance" = 64>,
      "ddr5" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU: 8 x 64 GB
        "capacity_bytes" = 512.0e9,
        // DRAM access granule
        "line_bytes" = 64,
        // 8 x 8 bytes x 5.6 GT/s: Intel product specifications
        "peak_read_bytes_per_second" = 358.4e9,
        // Measured, 60%; about 320 is claimed elsewhere
        "achievable_read_bytes_per_second" = 214.4e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 358.4e9,
        "achievable_write_bytes_per_second" = 214.4e9,
        // Device 11.85 (DRAMsim3 with Micron 16 Gb currents), about 15 with PHY and termination;
        // the published band is 15 to 22
        "picojoules_per_bit" = 15.0>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived, AMX: 64 cores x 1024 FLOP x 2.9 GHz
      "bf16" = 190.1e12,
      // Derived, AMX: twice the operations of bf16
      "i8" = 380.1e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 5.9e12,
      // Derived: 64 cores x 64 FLOP (two AVX-512 FMA units) x 2.9 GHz
      "f32" = 11.9e12>>>} {}
