//===- ConfigReader.cpp - Keys of a config.json ---------------------------===//

#include "ConfigReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;
using llvm::StringRef;

static std::string print(const llvm::json::Value &value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

const llvm::json::Value *ConfigReader::find(StringRef key) {
  known.insert(key);
  const llvm::json::Value *value = object.get(key);
  if (!value && file && inherited.contains(key))
    value = file->get(key);
  return value && value->kind() != llvm::json::Value::Null ? value : nullptr;
}

bool ConfigReader::has(StringRef key) const {
  const llvm::json::Value *value = object.get(key);
  return value && value->kind() != llvm::json::Value::Null;
}

void ConfigReader::fail(StringRef key, const llvm::Twine &expected,
                        const llvm::Twine &found) {
  if (message.empty())
    message =
        ("expected " + expected + " for the key '" + key + "', found " + found)
            .str();
}

int64_t ConfigReader::integer(StringRef key, int64_t other) {
  auto known = defaults.find(key);
  if (known != defaults.end())
    other = known->second;
  const llvm::json::Value *value = find(key);
  if (!value)
    return other;
  // Products of two still fit.
  int64_t largest = int64_t(1) << 31;
  std::optional<int64_t> number = value->getAsInteger();
  if (number && *number >= -largest && *number <= largest)
    return *number;
  fail(key, number ? "an integer of at most 2^31" : "an integer",
       print(*value));
  return other;
}

int64_t ConfigReader::integer(StringRef key) {
  if (!has(key) && !defaults.contains(key))
    fail(key, "an integer", "none");
  return integer(key, 1);
}

int64_t ConfigReader::firstInteger(llvm::ArrayRef<StringRef> keys) {
  ignore(keys);
  for (StringRef key : keys)
    if (has(key))
      return integer(key);
  return integer(keys.front());
}

bool ConfigReader::boolean(StringRef key, bool other) {
  const llvm::json::Value *value = find(key);
  if (!value)
    return other;
  if (std::optional<bool> flag = value->getAsBoolean())
    return *flag;
  fail(key, "true or false", print(*value));
  return other;
}

double ConfigReader::number(StringRef key, double other) {
  const llvm::json::Value *value = find(key);
  if (!value)
    return other;
  if (std::optional<double> number = value->getAsNumber())
    return *number;
  fail(key, "a number", print(*value));
  return other;
}

StringRef ConfigReader::string(StringRef key, StringRef other) {
  const llvm::json::Value *value = find(key);
  if (!value)
    return other;
  if (auto text = value->getAsString())
    return *text;
  fail(key, "a string", print(*value));
  return other;
}

std::vector<std::string> ConfigReader::strings(StringRef key) {
  std::vector<std::string> result;
  const llvm::json::Value *value = find(key);
  if (!value)
    return result;
  const llvm::json::Array *array = value->getAsArray();
  if (!array) {
    fail(key, "a list of strings", print(*value));
    return result;
  }
  for (const llvm::json::Value &each : *array) {
    if (auto text = each.getAsString())
      result.push_back(text->str());
    else
      fail(key, "a list of strings", print(each));
  }
  return result;
}

std::vector<int64_t> ConfigReader::integers(StringRef key) {
  std::vector<int64_t> result;
  const llvm::json::Value *value = find(key);
  if (!value)
    return result;
  const llvm::json::Array *array = value->getAsArray();
  if (!array) {
    fail(key, "a list of integers", print(*value));
    return result;
  }
  for (const llvm::json::Value &each : *array) {
    if (auto number = each.getAsInteger())
      result.push_back(*number);
    else
      fail(key, "a list of integers", print(each));
  }
  return result;
}

bool ConfigReader::isAuto(StringRef key) {
  const llvm::json::Value *value = find(key);
  return value && value->getAsString() == StringRef("auto");
}

StringRef ConfigReader::letters(StringRef key) {
  const llvm::json::Value *value = find(key);
  return value ? value->getAsString().value_or("") : "";
}

const llvm::json::Object *ConfigReader::objectAt(StringRef key) {
  const llvm::json::Value *value = find(key);
  return value ? value->getAsObject() : nullptr;
}

Activation ConfigReader::activation(llvm::ArrayRef<StringRef> keys,
                                    StringRef other, bool isGated) {
  StringRef name = other, from = keys.front();
  for (StringRef key : llvm::reverse(keys))
    if (const llvm::json::Value *value = find(key)) {
      from = key;
      name = value->getAsString().value_or("");
    }
  auto gated = llvm::StringSwitch<std::optional<Activation>>(name)
                   .Cases({"silu", "swish"}, Activation::SwiGLU)
                   .Cases({"gelu_pytorch_tanh", "gelu_new", "gelu_fast"},
                          Activation::GeGLU)
                   .Default(std::nullopt);
  auto plain = llvm::StringSwitch<std::optional<Activation>>(name)
                   .Cases({"gelu_pytorch_tanh", "gelu_new", "gelu_fast"},
                          Activation::GeluTanh)
                   .Case("gelu", Activation::GeluErf)
                   .Case("relu", Activation::ReLU)
                   .Case("relu2", Activation::SquaredReLU)
                   .Default(std::nullopt);
  std::optional<Activation> found = isGated ? gated : plain;
  if (!found)
    fail(from, isGated ? "silu or gelu_pytorch_tanh" : "a gelu or relu",
         "'" + name + "'");
  return found.value_or(Activation::SwiGLU);
}

void ConfigReader::expect(StringRef key, bool value) {
  if (boolean(key, value) != value)
    fail(key, value ? "true" : "false", value ? "false" : "true");
}

void ConfigReader::expect(StringRef key, const char *value) {
  const llvm::json::Value *found = find(key);
  if (found && found->getAsString().value_or("") != StringRef(value))
    fail(key, llvm::Twine("'") + value + "'", print(*found));
}

void ConfigReader::expectEmpty(StringRef key) {
  const llvm::json::Value *found = find(key);
  if (!found)
    return;
  const llvm::json::Array *array = found->getAsArray();
  const llvm::json::Object *map = found->getAsObject();
  if (!(array && array->empty()) && !(map && map->empty()))
    fail(key, "an empty list", print(*found));
}

void ConfigReader::ignore(llvm::ArrayRef<StringRef> keys) {
  for (StringRef key : keys)
    known.insert(key);
}

/// Keys that change neither shapes nor what is computed, for every model:
/// tokens, training, files, how weights are stored (flags say that), angles of
/// positions (an argument), lengths that were trained.
static bool isIrrelevant(StringRef key) {
  for (StringRef part :
       {"_token_id",  "_token_index", "dropout",          "pdrop",
        "drop_prob",  "dropuot",      "initializer",      "_eps",
        "epsilon",    "rope_",        "aux_loss",         "_dtype",
        "tokens_per", "max_",         "jitter_noise",     "id2label",
        "label2id",   "attn_scale",   "attn_temperature", "floor_scale",
        "unsloth_"})
    if (key.contains(part) && key != "max_window_layers")
      return true;
  static const llvm::StringSet<> names = {
      "model_type", "architectures", "dtype", "transformers_version",
      "use_cache", "auto_map", "quantization_config", "quantization",
      "_name_or_path", "pretraining_tp", "output_router_logits", "use_cache",
      "cache_implementation", "initial_context_length", "attn_implementation",
      "_attn_implementation", "_attn_implementation_autoset", "problem_type",
      "task_specific_params", "for_llm_compressor", "output_past", "use_mrope",
      "is_decoder", "is_encoder_decoder", "gradient_checkpointing",
      "classifier_dropout", "return_dict", "output_attentions",
      "output_hidden_states", "is_llama_config", "transformers.js_config",
      "rope", "original_max_position_embeddings", "embd_layer", "for_causal_lm",
      "torchscript", "language", "chunk_size_feed_forward",
      "tie_encoder_decoder", "unk_token_id", "additional_special_tokens_ids",
      "device_map", "model_name", "num_parameters", "init_method",
      // How text is made of logits.
      "bad_words_ids", "diversity_penalty", "do_sample", "early_stopping",
      "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty",
      "finetuning_task", "length_penalty", "min_length", "no_repeat_ngram_size",
      "num_beam_groups", "num_beams", "num_return_sequences", "output_scores",
      "prefix", "remove_invalid_values", "repetition_penalty",
      "return_dict_in_generate", "temperature", "tf_legacy_loss",
      "tokenizer_class", "top_k", "top_p", "typical_p", "use_bfloat16"};
  return names.contains(key);
}

llvm::Error ConfigReader::finish() const {
  if (!message.empty())
    return llvm::createStringError(message);
  // In the order of the alphabet: an object has none.
  std::vector<StringRef> keys;
  for (const auto &entry : object)
    keys.push_back(entry.first);
  llvm::sort(keys);
  for (StringRef key : keys)
    if (has(key) && !known.contains(key) && !isIrrelevant(key))
      return llvm::createStringError(
          "the key '" + key + "' is not known for model_type '" + type + "'");
  return llvm::Error::success();
}
