//===- GroupTiles.h - Tiles of a group, ranked by closed forms --*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_GROUPTILES_H
#define MEMWALL_LIB_SEARCH_GROUPTILES_H

#include "IsolatedOp.h"
#include "memwall/Schedule/Groups.h"
#include "memwall/Search/Search.h"
#include "memwall/Target/Target.h"

namespace memwall {

/// The loops that could go around the members of a group.
struct GroupTile {
  /// Outermost first: dimension of the root, and iterations per tile; the
  /// stream, which is the innermost, has the number behind the last dimension.
  llvm::SmallVector<std::pair<unsigned, int64_t>, 4> loops;
  double score = 0;     ///< Of the closed form: less is better.
  double dramBytes = 0; ///< By the closed form for all of the cache,
                        ///< what stores fetch left out.
  /// What a tile costs besides the bytes of the group, in a score: units
  /// without work, and what the ops before and after the group lose (see
  /// `estimateCrowding`).
  double besides = 0;
};

/// A group as closed forms see it.
struct GroupShape {
  /// Per member and dimension the dimension of the root that it is, as far as
  /// loops of the group can cut that; none elsewhere.
  llvm::SmallVector<llvm::SmallVector<std::optional<unsigned>, 6>, 8> rootDims;
  llvm::SmallVector<unsigned, 4> cutDims; ///< Of the root.
  /// The member and its reduction dimension that a stream can cut. Dimensions
  /// of members that it cuts are mapped to `getStreamDim`.
  struct Stream {
    unsigned member = 0;
    unsigned dim = 0;
    int64_t extent = 0;
    /// A tile is read again when its rows are final. Its parts are inside of
    /// the loops of the group then.
    bool isReadAgain = false;
    /// What masks leave for the rows of a tile.
    llvm::SmallVector<StreamLimit, 1> ends, begins;
  };
  std::optional<Stream> stream;
  /// What a factor of arithmetic counts in a score, beside a factor of bytes at
  /// DRAM: streams whose tiles masks hide compute less with smaller blocks of
  /// rows.
  double arithmeticWeight = 0;

  /// The number of the stream in the loops of a tile.
  unsigned getStreamDim() const { return rootDims.back().size(); }
  bool isStreamed(const GroupTile &tile) const {
    return tile.loops.back().first == getStreamDim();
  }
};

/// The fewest columns of a stream at a time.
int64_t getLeastStreamed(const Target &target);

/// The best `most` tiles without a stream, and as many with one, for the caches
/// of `target`, by the closed form of GroupCost. docs/Search.md, "Groups".
llvm::SmallVector<GroupTile, 0>
rankTiles(const IsolatedGroup &group, const GroupShape &shape,
          const Target &target, const SearchOptions &options, unsigned most);

/// Whether `tile` is `from`, a tile of the same group, with at least half of
/// the iterations in one dimension, and not in another order. A tile of a
/// stream is next to none.
bool isNextSmaller(const IsolatedGroup &group, const GroupTile &tile,
                   const GroupTile &from);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_GROUPTILES_H
