//===- PlantFault.h - Models that are wrong on purpose ----------*- C++ -*-===//
//
// A judge is worth what it refuses: each of these faults must make the sweep
// fail (broken-model.test).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_VALIDATION_PLANTFAULT_H
#define MEMWALL_TEST_VALIDATION_PLANTFAULT_H

#include "memwall/Traffic/Traffic.h"

namespace memwall {

enum class Fault {
  None,
  HalfOperand,   ///< Half the bytes of the buffer that moves most.
  LostWriteBack, ///< No writes of the buffer that is written most.
  ExtraWay,      ///< Every set has one way more than the target says.
  ColdOps,       ///< Every op and outermost loop finds empty caches.
};

/// What `computeTraffic` says when its code has `fault`.
Traffic computeFaultyTraffic(const LoopTree &tree, const Target &target,
                             TrafficOptions options, Fault fault);

} // namespace memwall

#endif // MEMWALL_TEST_VALIDATION_PLANTFAULT_H
