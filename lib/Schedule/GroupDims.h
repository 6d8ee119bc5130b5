//===- GroupDims.h - Which dimensions of a group are one --------*- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_GROUPDIMS_H
#define MEMWALL_LIB_SCHEDULE_GROUPDIMS_H

#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace memwall {

/// Dimensions of nests that walk the same dimension of a buffer are one: a tile
/// of one of them needs the same tile of the other. With `joinsParts`, so are
/// a dimension and the outermost of those that a reshape makes of it: a tile of
/// 2 heads of 128 needs 256 columns.
class GroupDims {
public:
  GroupDims(const LoopTree &tree, llvm::ArrayRef<NodeId> members,
            bool joinsParts = false);

  /// The dimension of member `to` that dimension `dim` of member `from` is;
  /// none when it is none of them.
  std::optional<unsigned> find(unsigned from, unsigned dim, unsigned to) const;
  /// Whether several dimensions of `member` are dimension `dim` of `of`, so
  /// that no tile of one is a tile of the other.
  bool isTwice(unsigned member, unsigned of, unsigned dim) const;
  /// Lets nests that read the same of a buffer that no member writes share
  /// dimension `dim` of member `of`, where they have no such dimension yet and
  /// `mayShare` says so of theirs.
  void joinReadersOf(
      unsigned of, unsigned dim,
      llvm::function_ref<bool(unsigned member, unsigned dim)> mayShare);
  /// Lets nests that only read the same buffers share dimensions as well.
  void joinReaders(unsigned member);

private:
  using Dim = std::pair<unsigned, unsigned>; ///< Member, dimension.

  void join(unsigned a, unsigned b, BufferId buffer, bool writesFirst);
  bool isOuterPart(const Nest &fine, const Access &access, LoopId part,
                   int64_t stride, int64_t extent) const;

  const LoopTree &tree;
  bool joinsParts;
  llvm::SmallVector<NodeId, 8> members;
  llvm::EquivalenceClasses<Dim> classes;
};

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_GROUPDIMS_H
