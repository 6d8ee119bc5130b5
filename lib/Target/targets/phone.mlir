// A phone: Qualcomm Snapdragon 8 Elite with LPDDR5X-10.6, its CPU.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "phone" = #dlti.target_device_spec<
    "description" = "Phone (Snapdragon 8 Elite CPU), LPDDR5X",
    // '2x Prime cores @ 4.32GHz 12MB L2, 192KB L1', '6x Performance cores @ 3.53GHz 12MB L2,
    // 128KB L1': https://www.xda-developers.com/qualcomm-snapdragon-8-elite/
    "units" = 8,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // The smaller of the two, '128KB L1':
        // https://www.xda-developers.com/qualcomm-snapdragon-8-elite/
        "capacity_bytes" = 131072>,
      "l2" = #dlti.map<
        // '12MB L2' of each cluster:
        // https://www.xda-developers.com/qualcomm-snapdragon-8-elite/; here, clusters of four
        "capacity_bytes" = 12582912,
        "units_per_instance" = 4>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // The smaller of '12-24': hardware.csv of the reference folder
        "capacity_bytes" = 12.0e9,
        // Moved by 32 bytes, access_granule_B of 'LPDDR5X': memtech.csv of the reference folder
        "line_bytes" = 32,
        // 'LPDDR5X-10.6Gbps,4 x 16-bit,64,84.8': hardware.csv of the reference folder
        "peak_read_bytes_per_second" = 84.8e9,
        // '53.7 (NPU, 8 Gen 5, same 84.8 peak) = 63%': hardware.csv of the reference folder
        "achievable_read_bytes_per_second" = 53.7e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 84.8e9,
        "achievable_write_bytes_per_second" = 53.7e9>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: (2 x 4.32 + 6 x 3.53) GHz x 32 FLOP, as '4 pipes for the vector side' of 128
      // bits do: https://chipsandcheese.com/2024/05/15/qualcomms-oryon-llvm-patches
      "f32" = 0.954e12,
      // Derived: twice f32
      "f16" = 1.908e12>>>} {}
