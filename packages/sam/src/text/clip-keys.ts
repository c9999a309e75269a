import { invalidCheckpoint, type StoredTensor } from "@segany/graph/weights";

/** What training code puts around a model. */
const WRAPPER = /^(?:module\.|_orig_mod\.|model\.|clip\.|owlvit\.|owlv2\.)+/;

/** OpenCLIP's name of the text tower, where it is a module of its own. */
const TEXT_MODULE =
  /^text\.(?=token_embedding\.|positional_embedding$|transformer\.|ln_final\.|text_projection)/;

/** Hugging Face's names of parts (`CLIPModel`), and OpenAI's; tried in this order, each from the start. */
const PARTS: readonly (readonly [huggingFace: RegExp, original: string])[] = [
  [/^text_model\.embeddings\.token_embedding\./, "token_embedding."],
  [/^text_model\.embeddings\.position_embedding\.weight$/, "positional_embedding"],
  [/^text_model\.encoder\.layers\./, "transformer.resblocks."],
  [/^text_model\.final_layer_norm\./, "ln_final."],
  [/^vision_model\.embeddings\.class_embedding$/, "visual.class_embedding"],
  [/^vision_model\.embeddings\.patch_embedding\./, "visual.conv1."],
  [/^vision_model\.embeddings\.position_embedding\.weight$/, "visual.positional_embedding"],
  [/^vision_model\.pre_lay(?:er|r)norm\./, "visual.ln_pre."],
  [/^vision_model\.encoder\.layers\./, "visual.transformer.resblocks."],
  [/^vision_model\.post_layernorm\./, "visual.ln_post."],
];

/** The same inside a block. Query, key and value stay three tensors, which OpenAI has in one. */
const BLOCK_PARTS: Readonly<Record<string, string>> = {
  layer_norm1: "ln_1",
  layer_norm2: "ln_2",
  "mlp.fc1": "mlp.c_fc",
  "mlp.fc2": "mlp.c_proj",
  "self_attn.q_proj": "attn.q_proj",
  "self_attn.k_proj": "attn.k_proj",
  "self_attn.v_proj": "attn.v_proj",
  "self_attn.out_proj": "attn.out_proj",
};

/**
 * OpenAI's name of a tensor of CLIP in the files of OpenAI, OpenCLIP or Hugging Face. Others stay as they
 * are, and so do Hugging Face's projections, which are stored transposed.
 *
 * @example
 * console.log(clipKey("text_model.encoder.layers.3.mlp.fc1.bias")); // transformer.resblocks.3.mlp.c_fc.bias
 */
export function clipKey(key: string): string {
  const bare = key.replace(WRAPPER, "").replace(TEXT_MODULE, "");
  const rule = PARTS.find(([part]) => part.test(bare));
  if (rule === undefined) return bare;
  const [, block, part, kind] = /layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(bare) ?? [];
  const name = bare.replace(...rule);
  return part === undefined ? name : `${rule[1]}${block}.${BLOCK_PARTS[part] ?? part}.${kind}`;
}

/**
 * Brings all names to OpenAI's.
 *
 * @throws SamError `checkpoint-invalid` if two tensors would get the same name
 */
export function mapClipKeys(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> {
  const mapped = new Map<string, StoredTensor>();
  for (const [key, tensor] of tensors) {
    const name = clipKey(key);
    if (mapped.has(name))
      throw invalidCheckpoint(`The checkpoint has the tensor "${name}" twice, once as "${key}".`);
    mapped.set(name, tensor);
  }
  return mapped;
}
