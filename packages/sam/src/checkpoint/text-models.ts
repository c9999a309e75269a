import { SamError } from "@segany/masks";
import type { CheckpointDownload, LinkedDownload } from "./registry.js";

/** Weights for words (`openTextGrounder` of `@segany/sam/text`) that are known by name. */
export interface TextModel {
  readonly name: string;
  /** The engine that opens them. */
  readonly engine: "clip-rank" | "owl";
  readonly description: string;
  /** SPDX identifier of the weights' licence. */
  readonly licence: string;
  /** Page where the authors publish the weights. */
  readonly page: string;
  readonly source: CheckpointDownload | LinkedDownload;
}

const CLIP_FOLDER = "https://openaipublic.azureedge.net/clip/models/";
const CLIP_PAGE = "https://github.com/openai/CLIP";
const OWL_PAGE = "https://huggingface.co/google/owlv2-base-patch16-ensemble";

/** Models for words. OpenAI's addresses hold the files' SHA-256; of OWLv2's file its host tells it. */
export const textModels: readonly TextModel[] = [
  {
    name: "clip_vit_b32",
    engine: "clip-rank",
    description: "CLIP with ViT-B/32, to rank masks by any words (--text-model)",
    licence: "MIT",
    page: CLIP_PAGE,
    source: clipFile(
      "ViT-B-32.pt",
      353_976_522,
      "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
    ),
  },
  {
    name: "clip_vit_l14_336",
    engine: "clip-rank",
    description: "CLIP with ViT-L/14 at 336 pixels, that of SAM's paper (--text-model)",
    licence: "MIT",
    page: CLIP_PAGE,
    source: clipFile(
      "ViT-L-14-336px.pt",
      934_088_680,
      "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02",
    ),
  },
  {
    name: "owlv2_base",
    engine: "owl",
    description: "OWLv2 with ViT-B/16, finds what any words say (--text-model)",
    licence: "Apache-2.0",
    page: OWL_PAGE,
    source: {
      kind: "linked",
      fileName: "owlv2-base-patch16-ensemble.safetensors",
      url: `${OWL_PAGE}/resolve/main/model.safetensors`,
      aboutBytes: 620e6,
    },
  },
];

function clipFile(fileName: string, sizeBytes: number, sha256: string): CheckpointDownload {
  return { kind: "download", fileName, url: `${CLIP_FOLDER}${sha256}/${fileName}`, sizeBytes, sha256 };
}

/**
 * Finds a model for words by name.
 *
 * @throws SamError `model-unknown`, listing the known names
 *
 * @example
 * console.log(findTextModel("clip_vit_b32").licence); // MIT
 */
export function findTextModel(name: string): TextModel {
  const model = textModels.find((each) => each.name === name);
  if (model) return model;
  throw new SamError(
    "model-unknown",
    `There is no model for words named "${name}". Known are ${textModels.map((each) => each.name).join(", ")}; open any other weights by their file.`,
  );
}
