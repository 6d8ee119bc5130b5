//===- ModelConfig.cpp - Hugging Face's config.json -----------------------===//

#include "memwall/Workload/ModelConfig.h"
#include "ModelTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace memwall;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

/// The key of the part of a model of several that is read: of words, or of
/// images. Empty: it has no parts.
static StringRef findPart(const llvm::json::Object &file, StringRef type) {
  StringRef key = type == "siglip" ? "vision_config" : "text_config";
  return file.getObject(key) ? key : "";
}

/// What a file leaves out of a part: defaults of the classes, which whole files
/// spell out. huggingface/transformers,
/// src/transformers/models/*/configuration_*.
static void setDefaultsOfPart(ConfigReader &config, StringRef type) {
  static const std::pair<StringRef, std::pair<StringRef, int64_t>> defaults[] =
      {{"llama", {"vocab_size", 32000}},
       {"llama", {"hidden_size", 4096}},
       {"llama", {"intermediate_size", 11008}},
       {"llama", {"num_hidden_layers", 32}},
       {"llama", {"num_attention_heads", 32}},
       {"mistral", {"vocab_size", 32000}},
       {"mistral", {"hidden_size", 4096}},
       {"mistral", {"intermediate_size", 14336}},
       {"mistral", {"num_hidden_layers", 32}},
       {"mistral", {"num_attention_heads", 32}},
       {"gemma", {"vocab_size", 256000}},
       {"gemma", {"num_attention_heads", 16}},
       {"gemma", {"num_key_value_heads", 16}},
       {"gemma2", {"vocab_size", 256000}},
       {"gemma2", {"num_attention_heads", 8}},
       {"gemma2", {"num_key_value_heads", 4}}};
  for (auto [owner, entry] : defaults)
    if (owner == type)
      config.setDefault(entry.first, entry.second);
}

/// Python writes Infinity, which JSON has not: null, in as many bytes. An
/// error where brackets are nested as in no configuration.
static Expected<std::string> dropInfinity(StringRef json) {
  std::string text = json.str();
  int64_t depth = 0;
  bool isString = false;
  for (size_t at = 0; at < text.size(); ++at) {
    char character = text[at];
    if (isString) {
      at += character == '\\';
      isString = character != '"';
      continue;
    }
    isString = character == '"';
    depth += character == '[' || character == '{';
    depth -= character == ']' || character == '}';
    if (depth > 64)
      return llvm::createStringError("expected at most 64 nested brackets");
    for (StringRef name : {"-Infinity", "Infinity"})
      if (StringRef(text).substr(at).starts_with(name)) {
        std::string other = "null";
        other.resize(name.size(), ' ');
        text.replace(at, name.size(), other);
      }
  }
  return text;
}

/// How the weights of the file are stored, for people; empty if it does not
/// say.
static std::string findStorage(const llvm::json::Object &file) {
  for (StringRef key : {"quantization_config", "quantization"})
    if (const llvm::json::Object *storage = file.getObject(key)) {
      std::string name = storage->getString("quant_method").value_or(key).str();
      if (auto bits = storage->getInteger("bits"))
        name += " with " + std::to_string(*bits) + " bits";
      return name;
    }
  return "";
}

/// "; did you mean 'llama'?" where a name is near.
static std::string suggestType(StringRef type) {
  unsigned limit = std::max<size_t>(2, type.size() / 3) + 1;
  StringRef nearest;
  for (const ModelType &each : getModelTypes()) {
    unsigned edits = type.edit_distance(each.name);
    if (edits < limit) {
      nearest = each.name;
      limit = edits;
    }
  }
  return nearest.empty() ? "" : "; did you mean '" + nearest.str() + "'?";
}

Expected<Architecture> memwall::parseModelConfig(StringRef json) {
  Expected<std::string> text = dropInfinity(json);
  if (!text)
    return text.takeError();
  Expected<llvm::json::Value> parsed = llvm::json::parse(*text);
  if (!parsed)
    return parsed.takeError();
  const llvm::json::Object *object = parsed->getAsObject();
  if (!object)
    return llvm::createStringError("expected a JSON object");
  std::string type = object->getString("model_type").value_or("").str();
  std::string name = type;
  const llvm::json::Object *file = object;
  StringRef partName = findPart(*object, type);
  if (!partName.empty()) {
    const llvm::json::Object *part = file->getObject(partName);
    object = part;
    StringRef own = type == "siglip" ? "siglip_vision_model" : "";
    type = part->getString("model_type")
               .value_or(own.empty() ? type + "_text" : own)
               .str();
  }
  if (type.empty())
    return llvm::createStringError("expected a string for the key "
                                   "'model_type', found none");
  const ModelType *known =
      llvm::find_if(getModelTypes(),
                    [&](const ModelType &known) { return known.name == type; });
  StringRef missing = findWhatIsMissing(type);
  if (!missing.empty())
    return llvm::createStringError("model_type '" + type +
                                   "' cannot be generated: it has " + missing);
  if (known == getModelTypes().end())
    return llvm::createStringError("model_type '" + type + "' is not known" +
                                   suggestType(type) +
                                   " (docs/Workload.md lists them all)");
  bool isPart = !partName.empty();
  ConfigReader config(*object, type, isPart ? file : nullptr);
  config.inherit("tie_word_embeddings");
  if (isPart)
    setDefaultsOfPart(config, type);
  Architecture model;
  model.name = name;
  known->read(config, model);
  if (Error error = config.finish())
    return error;
  if (isPart)
    model.notes.push_back("only the " + partName.str() + " is generated");
  model.storage = findStorage(*file);
  return model;
}

Expected<Architecture> memwall::readModelConfig(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  Expected<Architecture> model = parseModelConfig((*buffer)->getBuffer());
  if (!model)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(model.takeError()));
  for (std::string &note : model->notes)
    note = (path + ": " + note).str();
  return model;
}
