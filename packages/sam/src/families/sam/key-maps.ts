import { invalidCheckpoint, type StoredTensor } from "@segany/graph/weights";

/**
 * One rename: what a key begins with in Hugging Face's SamModel, and what it begins with in Meta's
 * repository.
 */
type PrefixRule = readonly [huggingFace: string, original: string];

/**
 * Names of the parts, by longest match from the start of the key (convert_sam_to_hf.py read backwards). `#`
 * stands for one number. Whole prefixes are exchanged, never parts inside a key, so the map is one to one:
 * chained replacement would mix up `layers.0` of a perceptron, which is the *second* linear in Hugging Face's
 * names.
 *
 * @internal tests go the other way with it
 */
export const prefixRules: readonly PrefixRule[] = [
  ["vision_encoder.pos_embed", "image_encoder.pos_embed"],
  ["vision_encoder.patch_embed.projection.", "image_encoder.patch_embed.proj."],
  ["vision_encoder.layers.#.layer_norm1.", "image_encoder.blocks.#.norm1."],
  ["vision_encoder.layers.#.layer_norm2.", "image_encoder.blocks.#.norm2."],
  ["vision_encoder.layers.#.attn.", "image_encoder.blocks.#.attn."],
  ["vision_encoder.layers.#.mlp.", "image_encoder.blocks.#.mlp."],
  ["vision_encoder.neck.conv1.", "image_encoder.neck.0."],
  ["vision_encoder.neck.layer_norm1.", "image_encoder.neck.1."],
  ["vision_encoder.neck.conv2.", "image_encoder.neck.2."],
  ["vision_encoder.neck.layer_norm2.", "image_encoder.neck.3."],
  [
    "shared_image_embedding.positional_embedding",
    "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
  ],
  ["prompt_encoder.point_embed.", "prompt_encoder.point_embeddings."],
  ["prompt_encoder.mask_embed.conv1.", "prompt_encoder.mask_downscaling.0."],
  ["prompt_encoder.mask_embed.layer_norm1.", "prompt_encoder.mask_downscaling.1."],
  ["prompt_encoder.mask_embed.conv2.", "prompt_encoder.mask_downscaling.3."],
  ["prompt_encoder.mask_embed.layer_norm2.", "prompt_encoder.mask_downscaling.4."],
  ["prompt_encoder.mask_embed.conv3.", "prompt_encoder.mask_downscaling.6."],
  ["mask_decoder.transformer.layers.#.layer_norm1.", "mask_decoder.transformer.layers.#.norm1."],
  ["mask_decoder.transformer.layers.#.layer_norm2.", "mask_decoder.transformer.layers.#.norm2."],
  ["mask_decoder.transformer.layers.#.layer_norm3.", "mask_decoder.transformer.layers.#.norm3."],
  ["mask_decoder.transformer.layers.#.layer_norm4.", "mask_decoder.transformer.layers.#.norm4."],
  ["mask_decoder.transformer.layer_norm_final_attn.", "mask_decoder.transformer.norm_final_attn."],
  ["mask_decoder.upscale_conv1.", "mask_decoder.output_upscaling.0."],
  ["mask_decoder.upscale_layer_norm.", "mask_decoder.output_upscaling.1."],
  ["mask_decoder.upscale_conv2.", "mask_decoder.output_upscaling.3."],
  ...perceptronRules("mask_decoder.output_hypernetworks_mlps.#."),
  ...perceptronRules("mask_decoder.iou_prediction_head."),
];

/**
 * The position encoding's second name in Hugging Face files: the same tensor, of which safetensors may keep
 * either.
 */
const sharedEmbedding = "prompt_encoder.shared_embedding.positional_embedding";
const originalEmbedding = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";

/** The three linears of SAM's perceptrons. */
function perceptronRules(prefix: string): PrefixRule[] {
  return [
    [`${prefix}proj_in.`, `${prefix}layers.0.`],
    [`${prefix}layers.0.`, `${prefix}layers.1.`],
    [`${prefix}proj_out.`, `${prefix}layers.2.`],
  ];
}

/**
 * Meta's name of a key of Hugging Face's SamModel; keys that are named alike in both, or in neither, stay as
 * they are.
 */
export function huggingFaceToOriginalKey(key: string): string {
  return key === sharedEmbedding ? originalEmbedding : exchangePrefix(key);
}

const compiledRules = prefixRules.map(([huggingFace, original]) => ({
  from: new RegExp(`^${huggingFace.replaceAll(".", "\\.").replace("#", "(\\d+)")}`),
  to: original,
}));

function exchangePrefix(key: string): string {
  for (const { from, to } of compiledRules) {
    const match = from.exec(key);
    if (match) return to.replace("#", match[1] ?? "") + key.slice(match[0].length);
  }
  return key;
}

/**
 * Brings Hugging Face's names of tensors to Meta's.
 *
 * @returns undefined for tensors with other names
 * @throws SamError `checkpoint-invalid` when two different tensors would get the same name
 */
export function mapHuggingFaceKeys(
  tensors: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, StoredTensor> | undefined {
  if (![...tensors.keys()].some((key) => key.startsWith("vision_encoder."))) return undefined;
  const mapped = new Map<string, StoredTensor>();
  for (const [key, tensor] of tensors) {
    const name = huggingFaceToOriginalKey(key);
    if (!mapped.has(name)) mapped.set(name, tensor);
    else if (name !== originalEmbedding)
      throw invalidCheckpoint(`Two tensors of the checkpoint are named "${name}".`);
  }
  return mapped;
}
