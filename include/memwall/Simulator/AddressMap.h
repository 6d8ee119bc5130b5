//===- AddressMap.h - Where buffers lie in the simulated memory -*- C++ -*-===//
//
// Buffers are laid out in the order they are added, from address 0, each
// rounded up to 4096 bytes, and never reused (docs/Model.md, "Addresses"). A
// page thus belongs to one buffer, and traffic can be charged to it.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_ADDRESSMAP_H
#define MEMWALL_SIMULATOR_ADDRESSMAP_H

#include <cstdint>
#include <vector>

namespace memwall {

class AddressMap {
public:
  static constexpr uint64_t pageBytes = 4096;

  /// Adds a buffer and returns its number (0, 1, ...).
  unsigned addBuffer(uint64_t bytes) {
    bases.push_back(pages.size() * pageBytes);
    sizes.push_back(bytes);
    pages.resize(pages.size() + (bytes + pageBytes - 1) / pageBytes,
                 static_cast<uint32_t>(bases.size() - 1));
    return bases.size() - 1;
  }

  unsigned getBufferCount() const { return bases.size(); }
  /// Byte address of the first element.
  uint64_t getBase(unsigned buffer) const { return bases[buffer]; }
  /// Bytes that were asked for.
  uint64_t getBytes(unsigned buffer) const { return sizes[buffer]; }
  /// The buffer that owns a byte; the byte must lie below `getEnd`.
  unsigned getBufferAt(uint64_t address) const {
    return pages[address / pageBytes];
  }
  /// First byte after the last buffer.
  uint64_t getEnd() const { return pages.size() * pageBytes; }

private:
  std::vector<uint64_t> bases, sizes;
  std::vector<uint32_t> pages; ///< Owner of every page.
};

} // namespace memwall

#endif // MEMWALL_SIMULATOR_ADDRESSMAP_H
