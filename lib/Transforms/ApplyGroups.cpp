//===- ApplyGroups.cpp - Fusion groups become loops in IR -----------------===//

#include "memwall/Transforms/ApplyGroups.h"
#include "FillsAndBroadcasts.h"
#include "GroupLoops.h"
#include "LocalEmpties.h"
#include "MoveSlices.h"
#include "StreamGroup.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/CSE.h"
#include <functional>

using namespace mlir;
using namespace memwall;

/// Numbers the members while loops are made: upstream copies ops as it tiles
/// and merges, and the copies keep their attributes.
static constexpr llvm::StringLiteral kMemberAttrName = "memwall.group_member";

FailureOr<SmallVector<GroupInIR, 0>>
memwall::findGroups(FunctionOpInterface function,
                    llvm::function_ref<bool(Operation *)> isAsked) {
  SmallVector<GroupInIR, 0> groups;
  // The schedule of a member of a group; null for what is none.
  auto getSchedule = [&](Operation *op) -> ScheduleAttr {
    auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
    bool isMember =
        schedule && !schedule.getGroup().empty() && (!isAsked || isAsked(op));
    return isMember ? schedule : ScheduleAttr();
  };
  WalkResult found = function->walk([&](Operation *op) {
    return getSchedule(op) ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (!found.wasInterrupted())
    return groups;
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return failure();
  SmallVector<OpSchedule, 0> schedules;
  for (auto [id, record] : llvm::enumerate(tree->ops)) {
    if (!record.operation || !record.calls.empty())
      continue;
    if (ScheduleAttr schedule = getSchedule(record.operation))
      schedules.push_back({static_cast<OpId>(id), toSchedule(schedule)});
  }
  llvm::Expected<SmallVector<GroupPlan, 0>> plans =
      planGroups(*tree, schedules);
  if (!plans)
    return function.emitOpError("has a schedule that does not fit: ")
           << llvm::toString(plans.takeError());
  for (GroupPlan &plan : *plans) {
    GroupInIR &group = groups.emplace_back();
    for (const GroupMember &member : plan.members) {
      group.members.push_back(tree->ops[member.op].operation);
      group.bodies.push_back(tree->ops[member.op].body);
    }
    group.plan = std::move(plan);
  }
  return groups;
}

namespace {

/// Makes the loops of one group.
class GroupApplier {
public:
  GroupApplier(RewriterBase &rewriter, const GroupInIR &group)
      : rewriter(rewriter), group(group), plan(group.plan),
        members(group.members), steps(splitIntoSteps(plan)) {}

  LogicalResult run(SmallVectorImpl<Operation *> &outermostLoops);

private:
  void markMembers();
  bool feedsMember(Operation *view) const;
  void separateViews();
  void deferUsers();
  void findSiblings();
  LogicalResult makeStep(const GroupStep &step);
  Operation *findProducer(tensor::ExtractSliceOp slice);
  tensor::ExtractSliceOp findNextSlice(const GroupStep &step);
  LogicalResult fuseSlice(tensor::ExtractSliceOp slice);
  bool isFused(Operation *producer, tensor::ExtractSliceOp slice,
               const GroupStep &step) const;
  void findMembers();
  void orderMembers();
  void eraseOriginals();

  Block *body() { return &loops.back().getLoopRegions().front()->front(); }
  const GroupMember *getMember(Operation *op) const {
    auto number = op->getAttrOfType<IntegerAttr>(kMemberAttrName);
    return number ? &plan.members[number.getInt()] : nullptr;
  }

  RewriterBase &rewriter;
  const GroupInIR &group;
  const GroupPlan &plan;
  SmallVector<Operation *, 8> members; ///< Innermost version of each.
  SmallVector<GroupStep, 4> steps;
  SmallVector<unsigned> siblings; ///< Sinks that no member needs, root last.
  SmallVector<LoopLikeOpInterface> loops; ///< Of the newest step.
  LoopsInIR allLoops;                     ///< Of a streamed group.
  SmallVector<Operation *> replaced; ///< Producers that are inside now as well.
  /// What members read each other through.
  llvm::SmallPtrSet<Operation *, 16> views;
};

} // namespace

/// Gives members their numbers and takes the group out of their schedules.
void GroupApplier::markMembers() {
  for (auto [number, op] : llvm::enumerate(members)) {
    op->setAttr(kMemberAttrName, rewriter.getI64IntegerAttr(number));
    const Schedule &inner = plan.members[number].inner;
    if (inner.empty())
      op->removeAttr(kScheduleAttrName);
    else
      op->setAttr(kScheduleAttrName, toAttribute(inner, op->getContext()));
  }
}

/// Whether a member reads `view`, through other views maybe.
bool GroupApplier::feedsMember(Operation *view) const {
  return llvm::any_of(view->getUsers(), [&](Operation *user) {
    return llvm::is_contained(members, user) ||
           (isView(user) && feedsMember(user));
  });
}

/// Gives what is no member views of its own of what members make: it has to
/// wait for the loops to end.
void GroupApplier::separateViews() {
  IRMapping mapping;
  SmallVector<Operation *> copies;
  llvm::SmallPtrSet<Operation *, 16> made(members.begin(), members.end());
  for (Operation *op = members.front(); op != members.back();
       op = op->getNextNode()) {
    bool isOfMember = llvm::any_of(op->getOperands(), [&](Value value) {
      return made.contains(value.getDefiningOp());
    });
    if (!isView(op) || !isOfMember || !feedsMember(op))
      continue;
    made.insert(op);
    views.insert(op);
    auto isOther = [&](OpOperand &use) {
      Operation *user = use.getOwner();
      return !llvm::is_contained(members, user) &&
             !(isView(user) && feedsMember(user));
    };
    rewriter.setInsertionPointAfter(op);
    copies.push_back(rewriter.clone(*op, mapping));
    Value copy = copies.back()->getResult(0);
    rewriter.replaceUsesWithIf(op->getResult(0), copy, isOther);
    op = copies.back();
  }
  for (Operation *copy : llvm::reverse(copies))
    if (copy->use_empty())
      rewriter.eraseOp(copy);
}

/// Moves what needs results of members, and is no member, behind the root.
void GroupApplier::deferUsers() {
  Operation *root = members.back();
  llvm::SmallPtrSet<Operation *, 16> late(members.begin(), members.end());
  SmallVector<Operation *> moved;
  for (Operation *op = members.front(); op != root; op = op->getNextNode()) {
    if (late.contains(op) || views.contains(op))
      continue;
    WalkResult needs = op->walk([&](Operation *inside) {
      return llvm::any_of(inside->getOperands(),
                          [&](Value value) {
                            return late.contains(value.getDefiningOp());
                          })
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (!needs.wasInterrupted())
      continue;
    late.insert(op);
    moved.push_back(op);
  }
  Operation *last = root;
  for (Operation *op : moved) {
    rewriter.moveOpAfter(op, last);
    last = op;
  }
}

/// Finds the sinks that no other member reads: they are tiled on their own.
void GroupApplier::findSiblings() {
  for (auto [number, op] : llvm::enumerate(members))
    if (plan.members[number].isSink && !feedsMember(op))
      siblings.push_back(number);
}

/// Finds the members again, in the innermost body where there is one.
void GroupApplier::findMembers() {
  for (Operation &op : *body())
    if (auto number = op.getAttrOfType<IntegerAttr>(kMemberAttrName))
      members[number.getInt()] = &op;
}

/// Puts what is in the body in the order of the program: upstream puts each
/// producer in front of what it was fused for.
void GroupApplier::orderMembers() {
  Operation *end = body()->getTerminator();
  llvm::SmallPtrSet<Operation *, 32> placed;
  std::function<void(Operation *)> place = [&](Operation *op) {
    if (op->getBlock() != body() || op == end || !placed.insert(op).second)
      return;
    op->walk([&](Operation *inside) {
      for (Value operand : inside->getOperands())
        if (Operation *source = operand.getDefiningOp())
          place(source);
    });
    rewriter.moveOpBefore(op, end);
  };
  SmallVector<Operation *> rest;
  for (Operation &op : *body())
    rest.push_back(&op);
  for (Operation *member : members)
    place(member);
  for (Operation *op : rest)
    place(op);
}

/// Whether `producer` comes into the loops of `step` along `slice`: a member
/// that belongs there, or what starts the accumulators of one.
bool GroupApplier::isFused(Operation *producer, tensor::ExtractSliceOp slice,
                           const GroupStep &step) const {
  if (const GroupMember *member = getMember(producer))
    return member->depth >= step.depth;
  if (!isFillOrBroadcast(producer))
    return false;
  return llvm::all_of(slice->getUses(), [](OpOperand &use) {
    auto user = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
    return user && user->hasAttr(kMemberAttrName) && user.isDpsInit(&use);
  });
}

/// The op that makes what `slice` is a part of, whole: through the values that
/// the loops of this step carry.
Operation *GroupApplier::findProducer(tensor::ExtractSliceOp slice) {
  Value source = slice.getSource();
  while (auto argument = dyn_cast<BlockArgument>(source)) {
    auto loop = dyn_cast_or_null<LoopLikeOpInterface>(
        argument.getOwner()->getParentOp());
    OpOperand *init = loop && llvm::is_contained(loops, loop)
                          ? loop.getTiedLoopInit(argument)
                          : nullptr;
    if (!init)
      return nullptr;
    source = init->get();
  }
  return source.getDefiningOp();
}

/// The slice in the body whose producer is fused next: the last producer in
/// program order.
tensor::ExtractSliceOp GroupApplier::findNextSlice(const GroupStep &step) {
  tensor::ExtractSliceOp next;
  Operation *latest = nullptr;
  for (auto slice : body()->getOps<tensor::ExtractSliceOp>()) {
    Operation *producer = findProducer(slice);
    if (!producer || producer->getBlock() == body() || slice->use_empty() ||
        !isFused(producer, slice, step))
      continue;
    if (latest && producer->getBlock() == latest->getBlock() &&
        !latest->isBeforeInBlock(producer))
      continue;
    next = slice;
    latest = producer;
  }
  return next;
}

LogicalResult GroupApplier::fuseSlice(tensor::ExtractSliceOp slice) {
  Operation *producer = findProducer(slice);
  std::optional<scf::SCFFuseProducerOfSliceResult> fused =
      scf::tileAndFuseProducerOfSlice(rewriter, slice, loops);
  if (!fused)
    return producer->emitOpError("cannot be fused into the loops of its group");
  const GroupMember *member = getMember(producer);
  if (!member)
    for (Operation *op : fused->tiledOps)
      op->setAttr(kTiledAttrName, rewriter.getUnitAttr());
  if (member && member->isSink) {
    unsigned count = loops.front()->getNumResults();
    if (failed(scf::yieldReplacementForFusedProducer(rewriter, slice, *fused,
                                                     loops)))
      return producer->emitOpError("cannot have its result used outside of "
                                   "the loops of its group");
    rewriter.replaceUsesWithIf(
        producer->getResults(), loops.front()->getResults().drop_front(count),
        [&](OpOperand &use) { return !views.contains(use.getOwner()); });
  }
  replaced.push_back(producer);
  return success();
}

/// Makes the loops of `step` around the siblings, merges them, and brings in
/// what they need.
LogicalResult GroupApplier::makeStep(const GroupStep &step) {
  SmallVector<LoopLikeOpInterface> merged;
  for (unsigned number : siblings) {
    FailureOr<scf::SCFTilingResult> tiled =
        tileMember(rewriter, cast<TilingInterface>(members[number]), step,
                   plan.members[number]);
    if (failed(tiled))
      return failure();
    Location location = tiled->tiledOps.back()->getLoc();
    if (merged.empty())
      merged = tiled->loops;
    else
      merged = mergeNests(rewriter, merged, tiled->loops);
    if (merged.empty())
      return emitError(location) << "'" << tiled->tiledOps.back()->getName()
                                 << "' op has loops unlike those of its group";
  }
  loops = std::move(merged);
  auto cleanUp = [&] {
    DominanceInfo dominance(loops.front());
    eliminateCommonSubExpressions(rewriter, dominance, loops.front());
  };
  // Members may be behind reshapes and slices.
  auto isMine = [&](Operation *op) {
    const GroupMember *member = getMember(op);
    return member && member->depth >= step.depth;
  };
  auto moveUp = [&] {
    cleanUp();
    moveSlicesUp(rewriter, body(), isMine);
    cleanUp();
  };
  moveUp();
  while (tensor::ExtractSliceOp slice = findNextSlice(step)) {
    if (failed(fuseSlice(slice)))
      return failure();
    moveUp();
  }
  makeEmptiesLocal(rewriter, body());
  findMembers();
  orderMembers();
  for (LoopLikeOpInterface loop : loops)
    llvm::append_range(allLoops.begins, *loop.getLoopInductionVars());
  return success();
}

/// Erases what is computed in the loops only: users were fused in front of what
/// they use.
void GroupApplier::eraseOriginals() {
  llvm::SetVector<Operation *> originals(replaced.begin(), replaced.end());
  for (Operation *op : originals) {
    eraseUnreadViews(rewriter, op);
    eraseIfUnread(rewriter, op);
  }
}

LogicalResult GroupApplier::run(SmallVectorImpl<Operation *> &outermostLoops) {
  OpBuilder::InsertionGuard guard(rewriter);
  Block *block = members.back()->getBlock();
  numberEmpties(members.back());
  markMembers();
  numberScalars(group);
  separateViews();
  deferUsers();
  findSiblings();
  if (auto root = dyn_cast<linalg::LinalgOp>(members.back()))
    allLoops.extents = root.getStaticLoopRanges();
  Operation *outermost = nullptr;
  for (const GroupStep &step : steps) {
    if (failed(makeStep(step)))
      return failure();
    if (!outermost)
      outermost = loops.front();
  }
  eraseOriginals();
  SmallVector<Operation *, 2> made = {outermost};
  if (plan.stream) {
    FailureOr<Operation *> parts =
        streamGroup(rewriter, group, allLoops, members, body());
    if (failed(parts))
      return failure();
    if (*parts)
      made.push_back(*parts);
  }
  for (auto empty : block->getOps<tensor::EmptyOp>())
    forgetEmpties(empty);
  // A member that something else still reads stays in front of the loops, too.
  for (Operation &op : *block)
    op.removeAttr(kMemberAttrName);
  for (Operation *loop : made) {
    forgetScalars(loop);
    loop->walk([&](Operation *op) {
      if (!op->removeAttr(kMemberAttrName))
        return;
      if (!op->hasAttr(kScheduleAttrName))
        op->setAttr(kTiledAttrName, rewriter.getUnitAttr());
    });
  }
  llvm::append_range(outermostLoops, made);
  return success();
}

LogicalResult memwall::applyGroup(RewriterBase &rewriter,
                                  const GroupInIR &group,
                                  SmallVectorImpl<Operation *> &outermost) {
  return GroupApplier(rewriter, group).run(outermost);
}
