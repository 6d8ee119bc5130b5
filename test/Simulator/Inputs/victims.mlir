// Four cores like the Raspberry Pi's, a sixteenth as large: their L2s together
// are as large as the L3, which takes their victims.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "small-pi" = #dlti.target_device_spec<
    "units" = 4,
    "levels" = #dlti.map<
      "l2" = #dlti.map<"capacity" = "32 KiB", "associativity" = 8>,
      "l3" = #dlti.map<"capacity" = "128 KiB", "associativity" = 16,
                       "units_per_instance" = 4, "inclusive" = false>,
      "lpddr4x" = #dlti.map<"kind" = "memory", "capacity" = "8 GB">>>>} {
  func.func @one_core(%x: tensor<190x190xf32>, %w: tensor<190x190xf32>,
                      %y: tensor<190x190xf32>) -> tensor<190x190xf32> {
    %0 = linalg.matmul ins(%x, %w : tensor<190x190xf32>, tensor<190x190xf32>)
                       outs(%y : tensor<190x190xf32>) -> tensor<190x190xf32>
    return %0 : tensor<190x190xf32>
  }
  // The rows are dealt to the cores, and all of them read all of %w.
  func.func @four_cores(%x: tensor<190x190xf32>, %w: tensor<190x190xf32>,
                        %y: tensor<190x190xf32>) -> tensor<190x190xf32> {
    %0 = scf.forall (%i) in (190) shared_outs(%out = %y) -> tensor<190x190xf32> {
      %row = tensor.extract_slice %x[%i, 0] [1, 190] [1, 1]
          : tensor<190x190xf32> to tensor<1x190xf32>
      %to = tensor.extract_slice %out[%i, 0] [1, 190] [1, 1]
          : tensor<190x190xf32> to tensor<1x190xf32>
      %1 = linalg.matmul ins(%row, %w : tensor<1x190xf32>, tensor<190x190xf32>)
                         outs(%to : tensor<1x190xf32>) -> tensor<1x190xf32>
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %1 into %out[%i, 0] [1, 190] [1, 1]
            : tensor<1x190xf32> into tensor<190x190xf32>
      }
    }
    return %0 : tensor<190x190xf32>
  }
}
