//===- RenderExplainJSON.cpp - Explanations for programs ------------------===//

#include "WriteJSON.h"
#include "memwall/Report/Explain.h"
#include "llvm/Support/JSON.h"

using namespace memwall;
using llvm::json::OStream;

static void writeCarrier(OStream &json,
                         const std::optional<CarryingLoop> &carrier) {
  if (!carrier)
    return json.attribute("carrier", nullptr);
  json.attributeObject("carrier", [&] {
    json.attribute("loop", carrier->loop.name);
    json.attribute("loc", carrier->loop.location);
    json.attribute("iterations", carrier->loop.tripCount);
    json.attribute("stride_bytes", carrier->strideBytes);
    json.attribute("distance_bytes", carrier->distanceBytes);
    json.attribute("pitch_bytes", carrier->pitchBytes);
    json.attribute("sets_met", carrier->setsMet);
    json.attribute("sets", carrier->sets);
  });
}

static void writeOperand(OStream &json, const OperandExplanation &operand) {
  json.object([&] {
    json.attribute("name", operand.operand.name);
    json.attribute("footprint_bytes", operand.operand.footprintBytes);
    json.attribute("read", operand.bytes.scheduled.read);
    json.attribute("written", operand.bytes.scheduled.written);
    writeOptional(json, "times_fetched", operand.bytes.timesFetched);
    json.attribute("at_minimum", operand.isAtMinimum);
    writeCauses(json, operand.causes);
    writeCarrier(json, operand.carrier);
    json.attributeArray("neighbours", [&] {
      for (const Neighbour &neighbour : operand.neighbours)
        json.object([&] {
          json.attribute("op", neighbour.op);
          json.attribute("found_bytes", neighbour.foundBytes);
          json.attribute("lost_bytes", neighbour.lostBytes);
          json.attribute("distance_bytes", neighbour.distanceBytes);
        });
    });
  });
}

static void writeSuggestion(OStream &json, const Suggestion &suggestion) {
  json.object([&] {
    json.attribute("text", suggestion.text);
    if (suggestion.pastes.size() == 1)
      json.attribute("paste", suggestion.pastes[0].attribute);
    else
      json.attribute("paste", nullptr);
    json.attributeArray("pastes", [&] {
      for (const PastedSchedule &paste : suggestion.pastes)
        json.object([&] {
          json.attribute("op", paste.op);
          json.attribute("loc", paste.location);
          json.attribute("attribute", paste.attribute);
        });
    });
    json.attribute("applied", suggestion.isApplied);
    if (suggestion.together > 0)
      json.attribute("together", suggestion.together);
    writeBytes(json, "op_before", suggestion.before);
    writeBytes(json, "op_after", suggestion.after);
    if (suggestion.apart)
      writeBytes(json, "apart", *suggestion.apart);
    writeBytes(json, "function_after", suggestion.functionAfter);
    json.attribute("saved_bytes", suggestion.savedBytes);
  });
}

static void writeExplanation(OStream &json, const Explanation &why) {
  json.object([&] {
    json.attribute("function", why.function);
    json.attribute("index", why.op.index);
    json.attribute("name", why.op.name);
    json.attribute("label", why.op.label);
    json.attribute("step", why.op.step);
    json.attribute("loc", why.op.location);
    json.attribute("shape", why.op.shape);
    json.attribute("target", why.target);
    json.attribute("level", why.level);
    json.attribute("cache", why.cache);
    json.attribute("capacity_bytes", why.capacityBytes);
    writeBytes(json, "scheduled", why.scheduled);
    writeBytes(json, "function_scheduled", why.functionScheduled);
    json.attributeObject("bound", [&] {
      json.attribute("bytes", why.boundBytes);
      json.attribute("theorem", why.theorem);
    });
    json.attribute("at_minimum", why.isAtMinimum());
    json.attribute("method", getMethodName(why.provenance.method));
    json.attributeObject("standard_error", [&] {
      writeOptional(json, "read", why.provenance.errorOfRead);
      writeOptional(json, "written", why.provenance.errorOfWritten);
    });
    json.attributeArray("operands", [&] {
      for (const OperandExplanation &operand : why.operands)
        writeOperand(json, operand);
    });
    json.attributeArray("units", [&] {
      for (const UnitExplanation &unit : why.units)
        json.object([&] {
          json.attribute("other", unit.other);
          json.attribute("name", unit.name);
          json.attribute("bound_bytes", unit.boundBytes);
          json.attribute("apart_bytes", unit.apartBytes);
          json.attribute("theorem", unit.theorem);
        });
    });
    json.attributeArray("suggestions", [&] {
      for (const Suggestion &suggestion : why.suggestions)
        writeSuggestion(json, suggestion);
    });
  });
}

void memwall::renderExplanationJSON(llvm::ArrayRef<Explanation> all,
                                    llvm::raw_ostream &os) {
  OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("schema", "memwall.explain/1");
    json.attributeArray("explanations", [&] {
      for (const Explanation &why : all)
        writeExplanation(json, why);
    });
  });
  os << "\n";
}
