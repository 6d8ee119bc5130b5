// One processor, five memories: the arithmetic and the caches of an H100 SXM5 (lib/Target/targets/h100-sxm.mlir) in front
// of the memory of other machines, at its peak bandwidth. None of these machines exists but the second; they show what the
// memory alone decides.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "with-hbm3e" = #dlti.target_device_spec<
    "units" = 132,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        "capacity_bytes" = 52428800,
        "units_per_instance" = 132>,
      "hbm3e" = #dlti.map<
        "kind" = "memory",
        // Enough for every model of the study
        "capacity_bytes" = 4.0e12,
        // B200: NVIDIA
        "peak_read_bytes_per_second" = 8000.0e9,
        "peak_write_bytes_per_second" = 8000.0e9>>,
    "matrix_ops_per_second" = #dlti.map<"bf16" = 989.4e12>,
    "vector_ops_per_second" = #dlti.map<"f32" = 67.0e12, "bf16" = 133.8e12>>,
  "with-hbm3" = #dlti.target_device_spec<
    "units" = 132,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        "capacity_bytes" = 52428800,
        "units_per_instance" = 132>,
      "hbm3" = #dlti.map<
        "kind" = "memory",
        // Enough for every model of the study
        "capacity_bytes" = 4.0e12,
        // H100 SXM5: NVIDIA
        "peak_read_bytes_per_second" = 3350.0e9,
        "peak_write_bytes_per_second" = 3350.0e9>>,
    "matrix_ops_per_second" = #dlti.map<"bf16" = 989.4e12>,
    "vector_ops_per_second" = #dlti.map<"f32" = 67.0e12, "bf16" = 133.8e12>>,
  "with-mrdimm" = #dlti.target_device_spec<
    "units" = 132,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        "capacity_bytes" = 52428800,
        "units_per_instance" = 132>,
      "mrdimm" = #dlti.map<
        "kind" = "memory",
        // Enough for every model of the study
        "capacity_bytes" = 4.0e12,
        // 12 channels of MRDIMM-8800: Intel Xeon 6980P
        "peak_read_bytes_per_second" = 845.0e9,
        "peak_write_bytes_per_second" = 845.0e9>>,
    "matrix_ops_per_second" = #dlti.map<"bf16" = 989.4e12>,
    "vector_ops_per_second" = #dlti.map<"f32" = 67.0e12, "bf16" = 133.8e12>>,
  "with-ddr5" = #dlti.target_device_spec<
    "units" = 132,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        "capacity_bytes" = 52428800,
        "units_per_instance" = 132>,
      "ddr5" = #dlti.map<
        "kind" = "memory",
        // Enough for every model of the study
        "capacity_bytes" = 4.0e12,
        // 12 channels of DDR5-6000: AMD EPYC 9755
        "peak_read_bytes_per_second" = 576.0e9,
        "peak_write_bytes_per_second" = 576.0e9>>,
    "matrix_ops_per_second" = #dlti.map<"bf16" = 989.4e12>,
    "vector_ops_per_second" = #dlti.map<"f32" = 67.0e12, "bf16" = 133.8e12>>,
  "with-ddr5-2ch" = #dlti.target_device_spec<
    "units" = 132,
    "levels" = #dlti.map<
      "l2" = #dlti.map<
        "capacity_bytes" = 52428800,
        "units_per_instance" = 132>,
      "ddr5-2ch" = #dlti.map<
        "kind" = "memory",
        // Enough for every model of the study
        "capacity_bytes" = 4.0e12,
        // 2 channels of DDR5-5600: JESD79-5
        "peak_read_bytes_per_second" = 89.6e9,
        "peak_write_bytes_per_second" = 89.6e9>>,
    "matrix_ops_per_second" = #dlti.map<"bf16" = 989.4e12>,
    "vector_ops_per_second" = #dlti.map<"f32" = 67.0e12, "bf16" = 133.8e12>>>} {}
