// Intel Xeon 6980P (Granite Rapids), one socket, 12 channels of MRDIMM-8800.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "xeon-6980p" = #dlti.target_device_spec<
    "description" = "Intel Xeon 6980P, 12 x MRDIMM-8800",
    // Cores: hardwareluxx, Xeon 6900P table
    "units" = 128,
    // AVX-512: Intel 64 and IA-32 Architectures Optimization Reference Manual
    "vector_registers" = 32,
    "vector_bits" = 512,
    "dot_instructions" = "avx512bf16,avx512vnni",
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 48 KiB (TechPowerUp), 12 ways: Intel 64 and IA-32 Architectures Optimization Reference
        // Manual
        "capacity_bytes" = 49152,
        "associativity" = 12>,
      "l2" = #dlti.map<
        // 2 MiB (TechPowerUp), 16 ways: Intel 64 and IA-32 Architectures Optimization Reference
        // Manual
        "capacity_bytes" = 2097152,
        "associativity" = 16>,
      "l3" = #dlti.map<
        // 504 MiB for all: hardwareluxx, Xeon 6900P table; ways not found
        "capacity_bytes" = 528482304,
        "units_per_instance" = 128>,
      "mrdimm" = #dlti.map<
        "kind" = "memory",
        // An assumption about the machine, not a fact of the CPU: 12 x 64 GB
        "capacity_bytes" = 768.0e9,
        // DRAM access granule
        "line_bytes" = 64,
        // 12 x 8 bytes x 8.8 GT/s: Intel. The 650 GB/s that circulate are unverified
        "peak_read_bytes_per_second" = 844.8e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 844.8e9>>,
    "matrix_ops_per_second" = #dlti.map<
      // Derived, AMX: 128 cores x 1024 FLOP x 3.2 GHz (all cores: Intel ARK)
      "bf16" = 419.4e12,
      // AMX-FP16, same rate
      "f16" = 419.4e12,
      // Derived, AMX: twice the operations of bf16
      "i8" = 838.9e12>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: half of f32
      "f64" = 13.1e12,
      // Derived: 128 cores x 64 FLOP (two AVX-512 FMA units) x 3.2 GHz
      "f32" = 26.2e12>>>} {}
