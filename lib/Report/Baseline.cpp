//===- Baseline.cpp - Reads a report in JSON ------------------------------===//

#include "memwall/Report/Baseline.h"
#include "llvm/Support/JSON.h"

using namespace memwall;
using llvm::json::Object;

static std::string readString(const Object &object, llvm::StringRef key) {
  return object.getString(key).value_or("").str();
}

/// A count; null stands for one that does not fit.
static int64_t readCount(const Object &object, llvm::StringRef key) {
  if (object.getNull(key))
    return kTooManyBytes;
  return object.getInteger(key).value_or(0);
}

static Bytes readBytes(const Object &object, llvm::StringRef key) {
  if (const Object *bytes = object.getObject(key))
    return {readCount(*bytes, "read"), readCount(*bytes, "written")};
  return {};
}

/// Calls `read` with every object of the array at `key`.
static void readEach(const Object &object, llvm::StringRef key,
                     llvm::function_ref<void(const Object &)> read) {
  if (const llvm::json::Array *array = object.getArray(key))
    for (const llvm::json::Value &value : *array)
      if (const Object *each = value.getAsObject())
        read(*each);
}

static llvm::SmallVector<TargetOfBaseline, 2>
readTargets(const Object &object) {
  llvm::SmallVector<TargetOfBaseline, 2> targets;
  readEach(object, "targets", [&](const Object &target) {
    TargetOfBaseline &out = targets.emplace_back();
    out.name = readString(target, "name");
    if (const Object *seconds = target.getObject("seconds"))
      out.secondsAsScheduled = seconds->getNumber("scheduled");
    readEach(target, "levels", [&](const Object &level) {
      LevelOfBaseline &moved = out.levels.emplace_back();
      moved.name = readString(level, "name");
      moved.scheduled = readBytes(level, "scheduled");
      readEach(level, "operands", [&](const Object &operand) {
        moved.operands.push_back(
            {readCount(operand, "read"), readCount(operand, "written")});
      });
    });
  });
  return targets;
}

static OpOfBaseline readOp(const Object &op) {
  OpOfBaseline out;
  out.name = readString(op, "name");
  out.location = readString(op, "loc");
  out.kind = readString(op, "kind");
  out.step = readString(op, "label");
  if (out.step.empty())
    out.step = readString(op, "step");
  readEach(op, "operands", [&](const Object &operand) {
    out.operands.push_back(readString(operand, "name"));
  });
  out.shape = readString(op, "shape");
  out.flops = readCount(op, "flops");
  out.compulsory = readBytes(op, "compulsory");
  out.targets = readTargets(op);
  return out;
}

llvm::Expected<Baseline> memwall::parseBaseline(llvm::StringRef text) {
  llvm::Expected<llvm::json::Value> json = llvm::json::parse(text);
  if (!json)
    return json.takeError();
  const Object *root = json->getAsObject();
  if (!root ||
      !root->getString("schema").value_or("").starts_with("memwall.report/"))
    return llvm::createStringError(
        "expected a report of memwall in JSON, whose \"schema\" begins with "
        "\"memwall.report/\"");
  Baseline baseline;
  baseline.bandwidth = readString(*root, "bandwidth");
  baseline.accuracy = readString(*root, "accuracy");
  readEach(*root, "functions", [&](const Object &function) {
    FunctionOfBaseline &out = baseline.functions.emplace_back();
    out.name = readString(function, "name");
    out.targets = readTargets(function);
    readEach(function, "ops",
             [&](const Object &op) { out.ops.push_back(readOp(op)); });
  });
  return baseline;
}

Baseline memwall::makeBaseline(const Report &report) {
  // By way of the text, so that both sides of a comparison are read alike.
  std::string text;
  llvm::raw_string_ostream os(text);
  renderJSON(report, os);
  return llvm::cantFail(parseBaseline(text));
}
