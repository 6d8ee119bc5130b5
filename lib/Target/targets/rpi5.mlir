// Raspberry Pi 5, its CPU (BCM2712, four Cortex-A76, LPDDR4X).
// The rate of arithmetic was not found; left out.

module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "rpi5" = #dlti.target_device_spec<
    "description" = "Raspberry Pi 5 (4 x Cortex-A76), LPDDR4X",
    // 'The CPU is a quad-core Cortex-A76 complex clocked at 2.4 GHz':
    // https://threedots.ovh/blog/2023/09/gathering-some-raspberry-pi-5-details/
    "units" = 4,
    "levels" = #dlti.map<
      "l1" = #dlti.map<
        // 'Both have a fixed size of 64KB', '4-way set-associative L1 data cache', 'Fixed cache
        // line length of 64 bytes': https://www.easymanua.ls/arm/cortex-a76-core/manual?p=72
        "capacity" = "64 KiB",
        "associativity" = 4>,
      "l2" = #dlti.map<
        // 'Each Cortex-A76 core has 64KB of L1I, 64KB of L1D and 512KB of L2. A 2MB shared L3 is
        // present': https://threedots.ovh/blog/2023/09/gathering-some-raspberry-pi-5-details/
        "capacity" = "512 KiB",
        // '512KiB(size)/64(line-size)=8192ways/8-way set':
        // https://github.com/raspberrypi/linux/blob/0149330189491b7c5320da48cfa3a3fa6c779952/arch/arm64/boot/dts/broadcom/bcm2712.dtsi
        "associativity" = 8>,
      "l3" = #dlti.map<
        // As above; '2MiB(size)/64(line-size)=32768ways/16-way set': the file of the L2
        "capacity" = "2 MiB",
        "associativity" = 16,
        "units_per_instance" = 4,
        // 'an initial request from core 0 allocates data in the L1 or L2 caches but is not allocated
        // in the L3 cache. When data is evicted from core 0, the evicted data is allocated in the
        // L3 cache':
        // https://intel.com/content/www/us/en/docs/programmable/814346/24-1/cache-allocation-policy.html,
        // of another chip with the DynamIQ Shared Unit of Cortex-A76 cores, whose L3 this is:
        // 'A76-DSU', http://www.taourl.com/read-2568763.html
        "inclusive" = false>,
      "lpddr4x" = #dlti.map<
        "kind" = "memory",
        // 'The memory configuration is a 32-bit wide LPDDR4X bus, with a peak bandwidth of
        // 17GB/sec': https://threedots.ovh/blog/2023/09/gathering-some-raspberry-pi-5-details/. 4
        // GB, 8 GB and 16 GB are sold
        "capacity" = "8 GB",
        "peak_read_bytes_per_second" = 17.0e9,
        // Reads and writes share the bus
        "peak_write_bytes_per_second" = 17.0e9>>>>} {}
