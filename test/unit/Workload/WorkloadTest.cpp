//===- WorkloadTest.cpp - Options and modules -----------------------------===//

#include "memwall/Workload/Workload.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Verifier.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace memwall;

namespace {

class WorkloadTest : public testing::Test {
protected:
  WorkloadTest() { loadWorkloadDialects(context); }

  /// A model that is small, whatever it is made of.
  static Architecture shrink(Architecture model) {
    model.layers = std::min<int64_t>(model.layers, 4);
    model.encoderLayers = std::min<int64_t>(model.encoderLayers, 2);
    for (VisionTower &tower : model.towers)
      tower.layers = 2;
    return model;
  }

  /// The entry of the module, after checking what holds for every module.
  func::FuncOp check(ModuleOp module) {
    EXPECT_TRUE(succeeded(verify(module)));
    func::FuncOp entry;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (SymbolTable::symbolKnownUseEmpty(function, module)) {
        EXPECT_FALSE(entry) << "two entries";
        entry = function;
      }
      for (unsigned i = 0; i < function.getNumArguments(); ++i) {
        EXPECT_TRUE(function.getArgAttr(i, "memwall.name"));
        EXPECT_TRUE(function.getArgAttr(i, "memwall.role"));
      }
    }
    EXPECT_TRUE(entry);
    return entry;
  }

  /// Elements of the arguments with a role.
  static int64_t countElements(func::FuncOp function, StringRef role) {
    int64_t elements = 0;
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      if (function.getArgAttrOfType<StringAttr>(index, "memwall.role") == role)
        elements += cast<RankedTensorType>(type).getNumElements();
    return elements;
  }

  std::string print(const WorkloadOptions &options) {
    std::string text;
    llvm::raw_string_ostream os(text);
    buildWorkload(context, options)->print(os);
    return text;
  }

  MLIRContext context;
};

WorkloadOptions makeOptions(const Architecture &model) {
  WorkloadOptions options;
  options.architecture = model;
  // A prompt holds its images; an action expert makes 51 tokens at a time.
  options.sequence = model.imageTokens() + 300;
  options.encoderSequence = 20;
  options.context = 60;
  options.wholeModel = true;
  return options;
}

std::string getMessage(llvm::Error error) {
  return llvm::toString(std::move(error));
}

} // namespace

TEST_F(WorkloadTest, EveryPresetInEveryPhaseAndStyleVerifies) {
  for (const Preset &preset : getPresets())
    for (Phase phase :
         {Phase::Prefill, Phase::Decode, Phase::Verify, Phase::Train})
      for (Style style : {Style::Named, Style::Generic, Style::TorchLike}) {
        SCOPED_TRACE(preset.name.str());
        WorkloadOptions options = makeOptions(shrink(preset.architecture));
        options.phase = phase;
        options.style = style;
        if (llvm::Error error = options.verify()) {
          // Encoders do not decode, states cannot drop tokens, actions are not
          // verified, and not every part is trained.
          std::string message = getMessage(std::move(error));
          bool isKnown =
              StringRef(message).contains("which has no cache") ||
              StringRef(message).contains("cannot drop tokens") ||
              StringRef(message).contains("which makes no words") ||
              StringRef(message).contains("its gradient is not generated");
          EXPECT_TRUE(isKnown) << message;
          continue;
        }
        check(*buildWorkload(context, options));
      }
}

TEST_F(WorkloadTest, WeightsDoNotDependOnThePhase) {
  for (const Preset &preset : getPresets()) {
    SCOPED_TRACE(preset.name.str());
    WorkloadOptions options = makeOptions(shrink(preset.architecture));
    // Of decoders only: others leave their encoder out when they decode.
    if (options.architecture.family != Family::Decoder)
      continue;
    OwningOpRef<ModuleOp> prefill = buildWorkload(context, options);
    options.phase = Phase::Decode;
    OwningOpRef<ModuleOp> decode = buildWorkload(context, options);
    EXPECT_EQ(countElements(check(*prefill), "weight"),
              countElements(check(*decode), "weight"));
  }
}

TEST_F(WorkloadTest, DevicesShareTheWeights) {
  llvm::Expected<const Preset *> preset = findPreset("llama3-8b");
  ASSERT_TRUE(bool(preset));
  WorkloadOptions options = makeOptions((*preset)->architecture);
  options.wholeModel = false;
  OwningOpRef<ModuleOp> whole = buildWorkload(context, options);
  options.tensorParallel = 4;
  OwningOpRef<ModuleOp> part = buildWorkload(context, options);
  // Every device has both norms; the rest is split.
  int64_t norms = 2 * options.architecture.hidden;
  EXPECT_EQ(countElements(check(*whole), "weight") - norms,
            4 * (countElements(check(*part), "weight") - norms));
}

TEST_F(WorkloadTest, CachesHaveAllRowsOfTheContext) {
  Architecture model;
  model.layers = 3;
  model.hidden = 64;
  model.heads = 4;
  model.kvHeads = 2;
  model.headDim = 16;
  model.ffn = 96;
  model.vocabulary = 50;
  WorkloadOptions options = makeOptions(model);
  options.phase = Phase::Decode;
  options.batch = 5;
  // Keys and values, of every layer: batch * heads * context * size.
  EXPECT_EQ(countElements(check(*buildWorkload(context, options)), "kv"),
            2 * 3 * (5 * 2 * 60 * 16));
  options.contexts = {7, 9};
  EXPECT_EQ(countElements(check(*buildWorkload(context, options)), "kv"),
            2 * 3 * (2 * (7 + 9) * 16));
  // A window needs no more rows than it has.
  options.contexts.clear();
  options.architecture.window = 12;
  EXPECT_EQ(countElements(check(*buildWorkload(context, options)), "kv"),
            2 * 3 * (5 * 2 * 12 * 16));
  // Integers come with a scale per row and head.
  options.kv = ElementKind::I8;
  EXPECT_EQ(countElements(check(*buildWorkload(context, options)), "kv"),
            2 * 3 * (5 * 2 * 12 * (16 + 1)));
}

TEST_F(WorkloadTest, SameOptionsSameText) {
  llvm::Expected<const Preset *> preset = findPreset("mixtral-8x7b");
  ASSERT_TRUE(bool(preset));
  WorkloadOptions options = makeOptions(shrink((*preset)->architecture));
  EXPECT_EQ(print(options), print(options));
}

TEST_F(WorkloadTest, UnknownModelsSuggestOne) {
  EXPECT_EQ(getMessage(findPreset("lama3-8b").takeError()),
            "no model is called 'lama3-8b'; did you mean 'llama3-8b'? "
            "(--list-models lists them all)");
  EXPECT_EQ(getMessage(findPreset("xyzzy").takeError()),
            "no model is called 'xyzzy' (--list-models lists them all)");
  llvm::Expected<const Preset *> preset = findPreset("GPT2");
  ASSERT_TRUE(bool(preset));
  EXPECT_EQ((*preset)->name, "gpt2");
}

TEST_F(WorkloadTest, DimensionsOutOfRangeAreErrors) {
  // Whatever the number, there is an answer and no crash.
  for (int64_t value : {INT64_MIN, int64_t(-1), int64_t(0), INT64_MAX}) {
    llvm::Expected<const Preset *> hybrid = findPreset("qwen3-next-80b-a3b");
    ASSERT_TRUE(bool(hybrid));
    WorkloadOptions options = makeOptions((*hybrid)->architecture);
    Recurrence &state = options.architecture.recurrence;
    for (int64_t *field :
         {&state.keyHeads, &state.valueHeads, &state.keyDim, &state.valueDim,
          &options.architecture.moe.interval, &options.architecture.headDim,
          &options.architecture.moe.expertFfn, &options.tensorParallel}) {
      int64_t old = *field;
      *field = value;
      EXPECT_NE(getMessage(options.verify()), "") << value;
      *field = old;
    }
    EXPECT_EQ(getMessage(options.verify()), "");
  }
  for (int64_t value : {INT64_MIN, int64_t(-1), int64_t(0), INT64_MAX}) {
    WorkloadOptions options = makeOptions(getPresets()[0].architecture);
    for (int64_t *field :
         {&options.architecture.hidden, &options.architecture.heads,
          &options.architecture.kvHeads, &options.architecture.headDim,
          &options.architecture.ffn, &options.architecture.vocabulary,
          &options.architecture.layers, &options.batch, &options.sequence,
          &options.newTokens, &options.tensorParallel}) {
      int64_t old = *field;
      *field = value;
      EXPECT_NE(getMessage(options.verify()), "") << value;
      *field = old;
    }
    EXPECT_EQ(getMessage(options.verify()), "");
  }
}
