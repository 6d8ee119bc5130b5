//===- SequenceReports.cpp - Classes of reuse between children ------------===//

#include "Sequence.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

void Sequence::emitReuse(Match &match, unsigned k) {
  const Touch &touch = childSummary(k).touches[match.touch];
  const Entry &entry = entries[match.entry];
  double share = match.lines / touch.lines;
  ReuseClass reuse;
  reuse.kind = touch.firstIsWrite ? ReuseKind::Write : ReuseKind::Read;
  reuse.op = touch.firstOp;
  reuse.buffer = touch.buffer;
  // Only caches that have met the lines find them.
  double copies = std::min(touch.copies, touchOf(entry).copies);
  reuse.sectors = match.sectors * iterations * copies;
  reuse.streamed = touchOf(entry).firstIsWrite;
  reuse.carrier = tree.nodes[n].loop;
  unsigned below = nodes[n].children[entry.child];
  reuse.previous = context.findLastOp(below, touchOf(entry));
  reuse.distances = match.distances;
  reuse.firstLeaf = childSummary(entry.child).firstLeaf;
  reuse.endLeaf = childSummary(k).endLeaf;
  // Deeper than the gaps between iterations of this node.
  reuse.depth = 2 * context.nodeDepth[n] + 1;
  reuse.gap = match.gap = context.gaps++;
  if (reuse.kind == ReuseKind::Read) {
    reuse.distinct = match.sectors;
    reuse.readsBack = context.holdsStoredData(
        touch.buffer, childSummary(k).firstLeaf, n, /*acrossIterations=*/false);
  }
  if (config.findsGaps)
    reuse.heldBits = countBits(touch.region) * share;
  context.consume(reuse);
  if (touch.copies > copies) {
    ReuseClass elsewhere = reuse;
    elsewhere.gap = match.gapElsewhere = context.gaps++;
    emitElsewhere(elsewhere, touch.copies / copies - 1);
  }
  double dirty = claimDirty(entry, match);
  if (!touch.hasWrite || dirty <= 0)
    return;
  reuse.kind = ReuseKind::WriteBack;
  reuse.gap = kNoGap;
  reuse.op = entry.writeOp;
  reuse.sectors = dirty * iterations * touchOf(entry).copies;
  Residence residence = entry.sinceStore;
  passGap(residence, match, 1);
  residence.follow(touch.beforeStore);
  reuse.distances = residence.longest;
  reuse.passed = std::move(residence.passed);
  context.consume(reuse);
}

/// The other caches that touch the same have not met it yet: no memory of
/// theirs can hold it.
void Sequence::emitElsewhere(ReuseClass reuse, double copies) {
  reuse.sectors *= copies;
  reuse.distances = makeSamples(kInfinite);
  reuse.heldBits = kInfinite;
  context.consume(reuse);
}

//===----------------------------------------------------------------------===//
// Deaths
//===----------------------------------------------------------------------===//

void Sequence::findDeaths() {
  NodeId scope = tree.nodes[n].origin;
  if (scope == ~0u)
    return;
  for (unsigned k = 0, e = nodes[n].children.size(); k != e; ++k)
    for (const Touch &touch : childSummary(k).touches) {
      const Buffer &buffer = source.buffers[touch.buffer];
      if (buffer.scope == scope && !buffer.liveOut)
        deathOf[touch.buffer] = k;
    }
}

/// From the last touch of `entry` to the end of child `k`.
Samples Sequence::computeTails(const Entry &entry, unsigned k) const {
  Samples distances{};
  if (config.findsGaps)
    return distances;
  unsigned below = nodes[n].children[entry.child];
  for (unsigned i = 0; i < kSamples; ++i) {
    TouchOrder order(nodes, tree, config.lineBits, i);
    Path last =
        order.moment(TouchOrder::Last, below, entry.touch, kPositions[i]);
    distances[i] = 1 + computeTail(entry.child, last, i) + recentUpTo(k) -
                   recentUpTo(entry.child);
  }
  return distances;
}

/// Buffers whose last use was child `k`: what is dirty goes back only if it is
/// evicted before the child ends.
void Sequence::emitDeaths(unsigned k) {
  if (deathOf.empty())
    return;
  for (const Touch &used : childSummary(k).touches) {
    auto death = deathOf.find(used.buffer);
    if (death == deathOf.end() || death->second != k)
      continue;
    deathOf.erase(death);
    for (unsigned e : entriesOfBuffer[used.buffer]) {
      Entry &entry = entries[e];
      emitDeath(entry, entry.dirtySectors * touchOf(entry).copies, k);
      entry.dirtySectors = 0;
    }
    for (unsigned e : entriesElsewhere)
      if (entries[e].buffer == used.buffer)
        emitDeath(entries[e], entries[e].dirtyElsewhere, k);
    for (Touch &touch : body)
      if (touch.buffer == used.buffer)
        touch.dirty = false;
  }
}

/// `sectors` of the buffer of `entry` are dirty when it dies at the end of
/// child `k`, in each iteration of the node.
void Sequence::emitDeath(const Entry &entry, double sectors, unsigned k) {
  if (sectors <= 0)
    return;
  ReuseClass reuse;
  reuse.kind = ReuseKind::WriteBack;
  reuse.dead = true;
  reuse.carrier = tree.nodes[n].loop;
  reuse.streamed = touchOf(entry).firstIsWrite;
  reuse.op = entry.writeOp;
  reuse.buffer = entry.buffer;
  reuse.sectors = sectors * iterations;
  reuse.distances = maximum(entry.sinceStore.longest, computeTails(entry, k));
  reuse.passed = entry.sinceStore.passed;
  context.consume(reuse);
}

/// At the end of the function: dirty and visible.
void Sequence::emitFlushes() {
  for (const Entry &entry : entries) {
    double dirty =
        entry.dirtySectors * touchOf(entry).copies + entry.dirtyElsewhere;
    if (dirty <= 0 || !source.buffers[entry.buffer].liveOut)
      continue;
    ReuseClass reuse;
    reuse.kind = ReuseKind::Flush;
    reuse.streamed = touchOf(entry).firstIsWrite;
    reuse.op = entry.writeOp;
    reuse.buffer = entry.buffer;
    reuse.sectors = dirty;
    reuse.distances = makeSamples(kInfinite);
    context.consume(reuse);
  }
}
