//===- RenderPageChanges.cpp - What changed, for a page -------------------===//

#include "RenderPage.h"
#include "WriteJSON.h"

using namespace memwall;
using llvm::json::OStream;

static void writeLevels(OStream &json, llvm::ArrayRef<LevelChange> levels) {
  json.attributeArray("levels", [&] {
    for (const LevelChange &level : levels)
      json.object([&] {
        json.attribute("name", level.name);
        writeBytes(json, "before", level.before);
        writeBytes(json, "after", level.after);
      });
  });
}

static llvm::StringRef getName(OpChange::Kind kind) {
  switch (kind) {
  case OpChange::Kind::Changed:
    return "changed";
  case OpChange::Kind::Added:
    return "added";
  case OpChange::Kind::Removed:
    return "removed";
  }
  llvm_unreachable("all kinds are named");
}

static llvm::StringRef getName(FunctionChange::Kind kind) {
  switch (kind) {
  case FunctionChange::Kind::Compared:
    return "compared";
  case FunctionChange::Kind::Added:
    return "added";
  case FunctionChange::Kind::Removed:
    return "removed";
  }
  llvm_unreachable("all kinds are named");
}

static void writeTarget(OStream &json, const TargetChange &target) {
  json.attribute("name", target.name);
  writeLevels(json, target.levels);
  json.attributeObject("seconds", [&] {
    writeOptional(json, "before", target.secondsBefore);
    writeOptional(json, "after", target.secondsAfter);
  });
  json.attributeArray("ops", [&] {
    for (const OpChange &op : target.ops)
      json.object([&] {
        json.attribute("kind", getName(op.kind));
        json.attribute("label", op.label);
        json.attribute("loc", op.location);
        json.attribute("operand", op.operand);
        writeLevels(json, op.levels);
      });
  });
}

void memwall::writeChanges(OStream &json, const Comparison *changes) {
  if (!changes)
    return json.attribute("changes", nullptr);
  json.attributeObject("changes", [&] {
    json.attribute("baseline", changes->baseline);
    json.attribute("changed", changes->isChanged());
    json.attributeArray("functions", [&] {
      for (const FunctionChange &function : changes->functions)
        json.object([&] {
          json.attribute("kind", getName(function.kind));
          json.attribute("name", function.name);
          json.attribute("name_before", function.nameBefore);
          json.attribute("matched", int64_t(function.matched));
          json.attributeArray("targets", [&] {
            for (const TargetChange &target : function.targets)
              json.object([&] { writeTarget(json, target); });
          });
        });
    });
  });
  std::string text;
  llvm::raw_string_ostream os(text);
  renderComparisonMarkdown(*changes, os);
  json.attribute("changes_markdown", text);
}
