//===- EncoderTypes.cpp - Configurations of models with an encoder --------===//

#include "ModelTypes.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;
using llvm::StringRef;

void memwall::readBERT(ConfigReader &config, Architecture &model) {
  model.family = Family::Encoder;
  model.hidden = config.integer("hidden_size");
  model.layers = config.integer("num_hidden_layers");
  model.heads = model.kvHeads = config.integer("num_attention_heads");
  model.headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.ffn = config.integer("intermediate_size");
  model.vocabulary = config.integer("vocab_size");
  model.positionRows = config.integer("max_position_embeddings");
  model.segments = config.integer("type_vocab_size", 2);
  model.norm = Norm::Layer;
  model.normPlacement = NormPlacement::Post;
  model.positions = Positions::Learned;
  model.activation = config.activation({"hidden_act"}, "gelu", false);
  model.qkvBias = model.linearBias = true;
  model.embeddingNorm = model.pooler = true;
  model.lmHead = false;
  config.expect("position_embedding_type", "absolute");
  config.expect("is_decoder", false);
  config.expect("add_cross_attention", false);
  config.expectEmpty("pruned_heads");
}

void memwall::readSigLIP(ConfigReader &config, Architecture &model) {
  model.family = Family::Encoder;
  VisionTower tower;
  tower.name = "vision";
  tower.hidden = config.integer("hidden_size", 768);
  tower.layers = config.integer("num_hidden_layers", 12);
  tower.heads = config.integer("num_attention_heads", 12);
  tower.ffn = config.integer("intermediate_size", 3072);
  tower.image = config.integer("image_size", 224);
  tower.patch = config.integer("patch_size", 16);
  if (config.integer("num_channels", 3) != 3)
    config.fail("num_channels", "3", "another");
  tower.activation =
      config.activation({"hidden_act"}, "gelu_pytorch_tanh", false);
  config.ignore({"vision_use_head", "projection_dim"});
  model.towers = {tower};
}

/// Vision transformers for classification (arXiv 2010.11929).
void memwall::readViT(ConfigReader &config, Architecture &model) {
  readSigLIP(config, model);
  VisionTower &tower = model.towers.front();
  tower.classTokens = 1;
  tower.activation = config.activation({"hidden_act"}, "gelu", false);
  config.expect("qkv_bias", true);
  if (llvm::is_contained(config.strings("architectures"),
                         "ViTForImageClassification")) {
    const llvm::json::Object *labels = config.objectAt("id2label");
    model.classes = config.integer("num_labels", labels ? labels->size() : 2);
  }
  config.ignore({"encoder_stride", "pooler_output_size", "pooler_act"});
}

/// T5 (arXiv 1910.10683), its version 1.1, FLAN-T5 and mT5.
void memwall::readT5(ConfigReader &config, Architecture &model) {
  std::vector<std::string> classes = config.strings("architectures");
  if (llvm::is_contained(classes, "T5EncoderModel"))
    config.fail("architectures", "an encoder and a decoder", "T5EncoderModel");
  model.family = Family::EncoderDecoder;
  model.hidden = config.integer("d_model");
  model.encoderLayers = config.integer("num_layers");
  model.layers = config.integer("num_decoder_layers", model.encoderLayers);
  model.heads = model.kvHeads = config.integer("num_heads");
  model.headDim = config.integer("d_kv", 64);
  model.ffn = config.integer("d_ff");
  model.vocabulary = config.integer("vocab_size");
  model.positions = Positions::RelativeBias;
  model.buckets = config.integer("relative_attention_num_buckets", 32);
  model.attentionScale = false;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  StringRef form = config.string("feed_forward_proj", "relu");
  if (form == "relu")
    model.activation = Activation::ReLU;
  else if (form == "gated-gelu")
    model.activation = Activation::GeGLU;
  else
    config.fail("feed_forward_proj", "relu or gated-gelu", "'" + form + "'");
  // What follows from the form, and how distances fall into buckets.
  config.ignore({"dense_act_fn", "is_gated_act", "n_positions",
                 "relative_attention_max_distance"});
}

void memwall::readWhisper(ConfigReader &config, Architecture &model) {
  model.family = Family::EncoderDecoder;
  model.hidden = config.integer("d_model");
  model.layers = config.integer("decoder_layers");
  model.encoderLayers = config.integer("encoder_layers");
  model.heads = model.kvHeads = config.integer("decoder_attention_heads");
  model.ffn = config.integer("decoder_ffn_dim");
  if (config.integer("encoder_attention_heads") != model.heads)
    config.fail("encoder_attention_heads", "decoder_attention_heads",
                "another number");
  if (config.integer("encoder_ffn_dim") != model.ffn)
    config.fail("encoder_ffn_dim", "decoder_ffn_dim", "another number");
  model.headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.vocabulary = config.integer("vocab_size");
  model.positionRows = config.integer("max_target_positions");
  model.audio = {config.integer("num_mel_bins"),
                 config.integer("max_source_positions")};
  model.norm = Norm::Layer;
  model.positions = Positions::Learned;
  model.activation = config.activation({"activation_function"}, "gelu", false);
  model.qkvBias = model.linearBias = model.tiedEmbeddings = true;
  if (config.boolean("scale_embedding", false))
    model.embeddingScale = 0;
  config.ignore({"apply_spec_augment",
                 "begin_suppress_tokens",
                 "suppress_tokens",
                 "classifier_proj_size",
                 "decoder_layerdrop",
                 "encoder_layerdrop",
                 "init_std",
                 "is_encoder_decoder",
                 "mask_feature_length",
                 "mask_feature_min_masks",
                 "mask_feature_prob",
                 "mask_time_length",
                 "mask_time_min_masks",
                 "mask_time_prob",
                 "median_filter_width",
                 "num_hidden_layers",
                 "forced_decoder_ids",
                 "use_weighted_layer_sum",
                 "add_cross_attention",
                 "pruned_heads"});
}
