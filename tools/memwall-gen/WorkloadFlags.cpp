//===- WorkloadFlags.cpp - The command line as WorkloadOptions ------------===//

#include "WorkloadFlags.h"
#include "ModelFlags.h"
#include "memwall/Workload/ModelConfig.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"

namespace cl = llvm::cl;
using namespace memwall;

static cl::OptionCategory what("What to generate");
static cl::OptionCategory types("Element types");

//===----------------------------------------------------------------------===//
// What to generate
//===----------------------------------------------------------------------===//

static cl::opt<bool> listModels("list-models", cl::cat(what),
                                cl::desc("Print a table of all models"));
static cl::opt<bool> describe("describe", cl::cat(what),
                              cl::desc("Print the dimensions as JSON instead "
                                       "of a program"));
static cl::opt<std::string> modelName("model", cl::cat(what),
                                      cl::value_desc("name"),
                                      cl::desc("A published model"));
static cl::opt<std::string>
    configPath("config", cl::cat(what), cl::value_desc("config.json"),
               cl::desc("The configuration of a model as Hugging Face has it"));
static cl::opt<Phase> phase(
    "phase", cl::cat(what), cl::init(Phase::Prefill), cl::desc("Phase:"),
    cl::values(clEnumValN(Phase::Prefill, "prefill",
                          "a prompt of --seq tokens; forward, for encoders"),
               clEnumValN(Phase::Decode, "decode",
                          "one new token; --context tokens with it"),
               clEnumValN(Phase::Verify, "verify",
                          "--new-tokens speculated tokens"),
               clEnumValN(Phase::Train, "train",
                          "forward, backward and the AdamW update")));
static cl::opt<int64_t> batch("batch", cl::cat(what), cl::init(1),
                              cl::desc("Sequences (default 1)"));
static cl::opt<int64_t> sequence("seq", cl::cat(what), cl::init(512),
                                 cl::desc("Tokens per sequence (default 512)"));
static cl::opt<int64_t>
    encoderSequence("encoder-seq", cl::cat(what), cl::init(512),
                    cl::desc("Tokens of the encoder (default 512)"));
static cl::opt<int64_t>
    contextLength("context", cl::cat(what), cl::init(2048),
                  cl::desc("Cached tokens, the new ones included (default "
                           "2048)"));
static cl::list<int64_t>
    contexts("contexts", cl::cat(what), cl::CommaSeparated,
             cl::value_desc("a,b,..."),
             cl::desc("One sequence of each context, instead of --batch and "
                      "--context"));
static cl::opt<int64_t> newTokens("new-tokens", cl::cat(what), cl::init(4),
                                  cl::desc("Of --phase=verify (default 4)"));
static cl::opt<bool>
    gradients("gradients", cl::cat(what),
              cl::desc("Of --phase=train: gradients instead of the update"));
static cl::opt<std::string>
    layers("layers", cl::cat(what), cl::init("1"), cl::value_desc("n|all"),
           cl::desc("Layers (default 1); all: the whole model with embedding "
                    "and LM head"));
static cl::opt<bool>
    stepsApart("steps", cl::cat(what),
               cl::desc("Every step of the layer as a function of its own"));
static cl::opt<Style> style(
    "style", cl::cat(what), cl::init(Style::Named), cl::desc("Spelling:"),
    cl::values(clEnumValN(Style::Named, "named", "matmul, contract, softmax"),
               clEnumValN(Style::Generic, "generic", "linalg.generic only"),
               clEnumValN(Style::TorchLike, "torch-like",
                          "as torch-mlir: one op per scalar operation")));
static cl::opt<std::string> expertsHit(
    "experts-hit", cl::cat(what), cl::init("expected"),
    cl::value_desc("expected|most|unknown|n"),
    cl::desc("Experts of a layer that the tokens are sent to: as uniform "
             "routing gives (default), as many as can be, not said, or n"));
static cl::opt<int64_t>
    tensorParallel("tensor-parallel", cl::cat(what), cl::init(1),
                   cl::value_desc("n"),
                   cl::desc("One device's slice of n (default 1)"));
static cl::opt<std::string> outputPath("o", cl::cat(what), cl::init("-"),
                                       cl::value_desc("file"),
                                       cl::desc("Where to write (default -)"));

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

static auto elementValues() {
  return cl::values(clEnumValN(ElementKind::F32, "f32", ""),
                    clEnumValN(ElementKind::BF16, "bf16", ""),
                    clEnumValN(ElementKind::F16, "f16", ""),
                    clEnumValN(ElementKind::F8, "f8", "f8E4M3FN"),
                    clEnumValN(ElementKind::I8, "i8", ""),
                    clEnumValN(ElementKind::I4, "i4", ""));
}

/// With what only weights are stored in.
static auto weightValues() {
  return cl::values(
      clEnumValN(ElementKind::F32, "f32", ""),
      clEnumValN(ElementKind::BF16, "bf16", ""),
      clEnumValN(ElementKind::F16, "f16", ""),
      clEnumValN(ElementKind::F8, "f8", "f8E4M3FN"),
      clEnumValN(ElementKind::F4, "f4", "f4E2M1FN, with scales of groups"),
      clEnumValN(ElementKind::I8, "i8", "with scales of groups"),
      clEnumValN(ElementKind::I4, "i4", "with scales of groups"),
      clEnumValN(ElementKind::NVFP4, "nvfp4", "f4, f8 scales of 16"),
      clEnumValN(ElementKind::MXFP4, "mxfp4", "f4, e8m0 scales of 32"),
      clEnumValN(ElementKind::Q4_0, "q4_0", "4.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q5_0, "q5_0", "5.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q5_1, "q5_1", "6 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q8_0, "q8_0", "8.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q4_K, "q4_k", "4.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q5_K, "q5_k", "5.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q6_K, "q6_k", "6.5625 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q4_K_M, "q4_k_m",
                 "q4_k, more bits for some matrices (llama.cpp)"));
}

static cl::opt<ElementKind> weights("weights", cl::cat(types),
                                    cl::init(ElementKind::BF16),
                                    cl::desc("Weights (default bf16):"),
                                    weightValues());
static cl::opt<ElementKind>
    expertWeights("expert-weights", cl::cat(types), cl::init(ElementKind::BF16),
                  cl::desc("Experts' matrices (default: as --weights):"),
                  weightValues());
static cl::opt<ElementKind> embeddingWeights(
    "embedding", cl::cat(types), cl::init(ElementKind::BF16),
    cl::desc("Embedding, and a tied head (default: as --activations):"),
    weightValues());
static cl::opt<ElementKind>
    headWeights("head", cl::cat(types), cl::init(ElementKind::BF16),
                cl::desc("LM head (default: as --activations):"),
                weightValues());
static cl::opt<ElementKind>
    activations("activations", cl::cat(types), cl::init(ElementKind::BF16),
                cl::desc("Activations, norms, tables (default bf16):"),
                elementValues());
static cl::opt<ElementKind>
    kv("kv", cl::cat(types), cl::init(ElementKind::BF16),
       cl::desc("KV cache (default: as the activations):"), elementValues());
static cl::opt<ElementKind>
    accumulator("accumulate", cl::cat(types), cl::init(ElementKind::F32),
                cl::desc("Results of contractions (default f32):"),
                elementValues());
static cl::opt<ElementKind>
    all("types", cl::cat(types), cl::init(ElementKind::F32),
        cl::desc("All of the above at once; each can still be set:"),
        elementValues());
static cl::opt<int64_t> groupSize(
    "group-size", cl::cat(types), cl::init(128),
    cl::desc("Inputs that share a scale of i8, i4 and f4 weights (default "
             "128); 0: all"));
static cl::opt<ScaleKind>
    scaleKind("scales", cl::cat(types), cl::init(ScaleKind::Activations),
              cl::desc("Scales of groups (default: as --activations):"),
              cl::values(clEnumValN(ScaleKind::F8, "f8", "f8E4M3FN"),
                         clEnumValN(ScaleKind::E8M0, "e8m0", "f8E8M0FNU")));

void memwall::hideOtherFlags() {
  cl::HideUnrelatedOptions({&what, &types, &getModelFlags()});
}

bool memwall::isModelListAskedFor() { return listModels; }

bool memwall::isDescriptionAskedFor() { return describe; }

llvm::StringRef memwall::getOutputPath() { return outputPath; }

static void readTypes(WorkloadOptions &options) {
  options.weights = weights;
  options.activations = activations;
  options.accumulator = accumulator;
  if (all.getNumOccurrences() > 0) {
    setIfGiven(options.weights, all);
    setIfGiven(options.activations, all);
    setIfGiven(options.accumulator, all);
  }
  setIfGiven(options.weights, weights);
  setIfGiven(options.activations, activations);
  setIfGiven(options.accumulator, accumulator);
  auto setOptional = [](std::optional<ElementKind> &kind,
                        const cl::opt<ElementKind> &flag) {
    if (flag.getNumOccurrences() > 0)
      kind = flag;
  };
  setOptional(options.kv, kv);
  setOptional(options.expertWeights, expertWeights);
  setOptional(options.embeddingWeights, embeddingWeights);
  setOptional(options.headWeights, headWeights);
  options.scales = scaleKind;
  options.groupSize = groupSize;
}

static llvm::Error readLayers(WorkloadOptions &options) {
  options.wholeModel = layers == "all";
  llvm::StringRef count = layers;
  if (!options.wholeModel && count.getAsInteger(10, options.layers))
    return llvm::createStringError("expected --layers to be a number or all, "
                                   "found '" +
                                   count + "'");
  return llvm::Error::success();
}

static llvm::Error readExpertsHit(WorkloadOptions &options) {
  llvm::StringRef given = expertsHit;
  if (!given.getAsInteger(10, options.expertsHitGiven)) {
    options.expertsHit = ExpertsHit::Given;
    return llvm::Error::success();
  }
  auto known = llvm::StringSwitch<std::optional<ExpertsHit>>(given)
                   .Case("expected", ExpertsHit::Expected)
                   .Case("most", ExpertsHit::Most)
                   .Case("unknown", ExpertsHit::Unknown)
                   .Default(std::nullopt);
  if (!known)
    return llvm::createStringError("expected --experts-hit to be expected, "
                                   "most, unknown or a number, found '" +
                                   given + "'");
  options.expertsHit = *known;
  return llvm::Error::success();
}

/// The model that --model, --config or dimensions name.
static llvm::Expected<Architecture> readModel() {
  if (!configPath.empty() && !modelName.empty())
    return llvm::createStringError("expected --model or --config, found both");
  if (!configPath.empty())
    return readModelConfig(configPath);
  if (!modelName.empty()) {
    llvm::Expected<const Preset *> preset = findPreset(modelName);
    if (!preset)
      return preset.takeError();
    return (*preset)->architecture;
  }
  return makeCustomModel();
}

/// Flags that say nothing in the phase, or of the weights, that were asked for.
static llvm::Error checkPhaseFlags(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  bool hasGroups = false;
  for (ElementKind kind :
       {options.weights, options.expertWeights.value_or(options.weights),
        options.getEmbeddingKind(), options.getHeadKind()})
    hasGroups |= kind == ElementKind::I8 || kind == ElementKind::I4 ||
                 kind == ElementKind::F4;
  bool isCached = phase == Phase::Decode || phase == Phase::Verify;
  bool hasTokens = !isCached && !model.isImageEncoder();
  struct {
    const cl::Option &flag;
    bool isUsed;
    const char *where;
  } rules[] = {
      {sequence, hasTokens, "a phase that reads a prompt of words"},
      {contextLength, isCached && contexts.empty(),
       "--phase=decode or verify, and no --contexts"},
      {batch, contexts.empty(), "no --contexts"},
      {newTokens, phase == Phase::Verify, "--phase=verify"},
      {encoderSequence, model.family == Family::EncoderDecoder,
       "an encoder-decoder"},
      {expertWeights, model.hasExperts(), "a mixture of experts"},
      {headWeights, !model.tiedEmbeddings && model.lmHead,
       "an LM head that is not the embedding"},
      {groupSize, hasGroups, "weights of i8, i4 or f4"},
      {scaleKind, hasGroups, "weights of i8, i4 or f4"},
      {kv, phase != Phase::Train, "a phase with a cache"},
  };
  for (const auto &rule : rules)
    if (rule.flag.getNumOccurrences() > 0 && !rule.isUsed)
      return llvm::createStringError("expected " + llvm::Twine(rule.where) +
                                     " for --" + rule.flag.ArgStr);
  return llvm::Error::success();
}

/// What the configuration says of weights is not what is generated.
static void noteStorage(WorkloadOptions &options) {
  Architecture &model = options.architecture;
  bool isSaid = weights.getNumOccurrences() > 0 ||
                expertWeights.getNumOccurrences() > 0 ||
                all.getNumOccurrences() > 0;
  if (!model.storage.empty() && !isSaid)
    model.notes.push_back(configPath +
                          ": weights are generated as bf16, not "
                          "as the file stores them, '" +
                          model.storage +
                          "'; --weights and --expert-weights say how");
}

llvm::Expected<WorkloadOptions> memwall::readWorkloadFlags() {
  WorkloadOptions options;
  llvm::Expected<Architecture> named = readModel();
  if (!named)
    return named.takeError();
  options.architecture = std::move(*named);
  if (llvm::Error error = readModelFlags(options.architecture))
    return error;
  options.phase = phase;
  options.batch = batch;
  options.sequence = sequence;
  // The default fits the rows of learned positions.
  const Architecture &architecture = options.architecture;
  if (sequence.getNumOccurrences() == 0 &&
      architecture.positions == Positions::Learned &&
      architecture.positionRows > 0)
    options.sequence = std::min(options.sequence, architecture.positionRows);
  options.encoderSequence = encoderSequence;
  options.context = contextLength;
  options.contexts.assign(contexts.begin(), contexts.end());
  options.newTokens = newTokens;
  options.gradientsOnly = gradients;
  options.stepsApart = stepsApart;
  options.style = style;
  options.tensorParallel = tensorParallel;
  readTypes(options);
  if (llvm::Error error = checkPhaseFlags(options))
    return error;
  if (llvm::Error error = readLayers(options))
    return error;
  if (llvm::Error error = readExpertsHit(options))
    return error;
  if (llvm::Error error = options.verify())
    return error;
  noteStorage(options);
  return options;
}
