// A phone: Qualcomm Snapdragon 8 Elite with LPDDR5X-10.6, its CPU.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "phone" = #dlti.target_device_spec<
    "description" = "Phone (Snapdragon 8 Elite CPU), LPDDR5X",
    // Cores, 2 and 6 in two clusters: Qualcomm
    "units" = 8,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 192 KiB on the two prime cores, 128 KiB on the six others: XDA Developers
        "capacity_bytes" = 131072>,
      "l2" = #dlti.map<
        // 12 MiB per cluster (XDA Developers); here, clusters of four
        "capacity_bytes" = 12582912,
        "units_per_instance" = 4>,
      "lpddr5x" = #dlti.map<
        "kind" = "memory",
        // 12 to 24 GB are sold; the smaller
        "capacity_bytes" = 12.0e9,
        // LPDDR5 moves 32 bytes an access (16 bits, BL16): JESD209-5B
        "line_bytes" = 32,
        // 4 x 16 bits at 10.6 Gb/s: Qualcomm product brief
        "peak_read_bytes_per_second" = 84.8e9,
        // The NPU of a Snapdragon 8 Gen 5 at the same peak, 63%
        "achievable_read_bytes_per_second" = 53.7e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 84.8e9,
        "achievable_write_bytes_per_second" = 53.7e9>>,
    "vector_ops_per_second" = #dlti.map<
      // Derived: (2 x 4.32 + 6 x 3.53) GHz x 32 FLOP (four 128-bit FMA units)
      "f32" = 0.954e12,
      // Derived: twice f32
      "f16" = 1.908e12>>>} {}
