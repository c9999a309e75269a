import type { Graph, GraphBuilder, Value, WeightShapes } from "@segany/graph";
import type { StoredTensor, TensorInfo } from "@segany/graph/weights";
import type { RunTensor } from "@segany/runtime";
import type { PlanarRgbImage } from "../images/resize-bilinear.js";
import type { DecoderOptions, EncoderGraphOptions, ExportOptions } from "./graph-options.js";
import type { ImagePreprocessing } from "./image-preprocessing.js";
import type { ModelIo } from "./model-io.js";

/** Shapes and types of a checkpoint's tensors by key. */
export type Tensors = ReadonlyMap<string, TensorInfo>;

/** Inputs or outputs of a graph, by name. */
export type NamedTensors = Readonly<Record<string, RunTensor>>;

/** The network of a checkpoint. */
export interface InferredModel<Architecture> {
  /** Name of the network: a published model, or its kind for other parameters. */
  readonly name: string;
  readonly architecture: Architecture;
}

/**
 * A family of models: how its checkpoints are recognised, and how its graphs are built. It is all that the
 * engine knows of a network; callers know its {@link ModelIo}. `families/registry.ts` lists the families.
 *
 * Inputs of graphs are passed by name. The encoder takes the result of `prepare` and returns the feature maps
 * of `io`. The decoder takes those, the result of `preparation`, and the prompts: `point_coords` BxNx2,
 * `point_labels` BxN, and with the corresponding options `mask_input` Bx1xSxS with `has_mask_input` B, and
 * `extra_tokens` BxKxC. A graph declares the inputs that it uses. The decoder returns `iou_predictions` BxM
 * and `low_res_logits` BxMxSxS.
 *
 * @typeParam Architecture the parameters of a network: plain JSON data, since it is stored in files
 */
export interface ModelFamily<Architecture = unknown> {
  /** Name of the family in files. */
  readonly name: string;
  /** What the names of its tensors begin with, up to the first dot, in every publication of it. */
  readonly keyRoots: readonly string[];
  /** Whether a checkpoint with these tensors is of the family; it must have the image encoder. */
  matches(tensors: Tensors): boolean;
  /** Infers the network. @throws SamError `checkpoint-invalid`, `checkpoint-unsupported` */
  infer(tensors: Tensors): InferredModel<Architecture>;
  /**
   * Maps names of another publication to those that the graphs use; undefined if the tensors are not of the
   * family.
   */
  mapKeys?(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> | undefined;
  /** Whether decoding needs a tensor, so that it belongs in a decoder file. */
  isDecoderKey(key: string): boolean;
  /**
   * Restores the architecture from the metadata of a decoder file.
   *
   * @throws SamError `checkpoint-invalid` if it is invalid or does not match the tensors
   */
  restore(stored: unknown, tensors: Tensors): Architecture;
  /** Whether a tensor inside the model may stay unused: the head of its pre-training, say. */
  isHarmless?(key: string): boolean;
  /** The same network for images that are preprocessed in another way; missing if it can't be chosen. */
  withPreprocessing?(architecture: Architecture, preprocessing: ImagePreprocessing): Architecture;
  io(architecture: Architecture): ModelIo;
  /**
   * Prepares the encoder's inputs.
   *
   * @param image resized according to `io`
   * @param reuse inputs of an earlier image, to be overwritten
   */
  prepare(image: PlanarRgbImage, architecture: Architecture, reuse?: NamedTensors): NamedTensors;
  encoder(tensors: Tensors, architecture: Architecture, options: EncoderGraphOptions): Graph;
  /** The graph of what all prompts on an image share, run once per image. */
  preparation?(tensors: Tensors, architecture: Architecture): Graph;
  decoder(tensors: Tensors, architecture: Architecture, options: DecoderOptions): Graph;
  /** The network in plain form, for graphs that train it; missing if a family can't be trained. */
  network?(architecture: Architecture): PlainNetwork;
  /**
   * The foveal decoder. Undefined if a network has none; behaviour `fast` then decodes every point
   * completely.
   */
  foveal?(architecture: Architecture): FovealDecoder | undefined;
  /** Encoder and decoder for other runtimes. */
  exported?(
    tensors: Tensors,
    architecture: Architecture,
    options: ExportOptions,
  ): { readonly encoder: Graph; readonly decoder: Graph };
}

/**
 * A network in plain form on a builder of the caller's: standard operators, and every parameter a leaf under
 * its original key. So a caller adds a loss, and takes its gradients.
 */
export interface PlainNetwork {
  /** The part that a weight belongs to; undefined for those that are no parameters, such as statistics. */
  partOf(key: string): NetworkPart | undefined;
  /**
   * Weights that no mask depends on, but that the authors' code insists on when it loads a checkpoint: their
   * shapes, by key.
   */
  readonly unusedWeights: WeightShapes;
  /** Which weights are the matrices [out, in] of linear layers: an attention's projections, or others. */
  linearLayer(key: string): "attention" | "other" | undefined;
  /** Blocks of the image encoder. */
  readonly encoderDepth: number;
  /**
   * The layer of a weight, from the input on: 0 for the patch embedding, n for the n-th block of the image
   * encoder, `encoderDepth` + 1 for all that comes after the blocks.
   */
  layerOf(key: string): number;
  /**
   * From what `prepare` gives to the feature maps, by the names of `io`.
   *
   * @param branch changes the branches of residual connections before they are added
   */
  encode(g: GraphBuilder, inputs: NamedValues, branch?: ResidualBranch): NamedValues;
  /**
   * The masks of all mask tokens, the single one first: logits BxMxSxS and predicted IoU BxM. Declares the
   * inputs for prompts that a decoder graph has.
   */
  decode(
    g: GraphBuilder,
    features: NamedValues,
    options: Omit<DecoderOptions, "masks">,
  ): { readonly masks: Value; readonly iouPredictions: Value };
  /** The image encoder on a selection of patches, to pre-train it; missing where it is no plain ViT. */
  readonly patches?: PatchEncoder;
}

/** What becomes of the branch of a residual connection; blocks are counted from 0. */
export type ResidualBranch = (branch: Value, block: number) => Value;

/** An image encoder up to its neck, as a masked autoencoder uses it: on some patches of an image. */
export interface PatchEncoder {
  /** Side of a patch, pixels. */
  readonly patchSize: number;
  /** Patches along a side of the input. */
  readonly side: number;
  /** Channels of a token. */
  readonly width: number;
  /** Key of the positions' embedding, 1 x side x side x width. */
  readonly positionsKey: string;
  /** Tokens BxNxC, without positions, of patches BxNx(3·p·p): channel, row, column. */
  embed(g: GraphBuilder, patches: Value): Value;
  /** All blocks on tokens BxNxC; each attends to all others of its image, wherever they are. */
  blocks(g: GraphBuilder, tokens: Value): Value;
}

/** The boxes of the paper's figure 4 that have weights; the neck is the end of the image encoder. */
export type NetworkPart = "image-encoder" | "neck" | "prompt-encoder" | "mask-decoder";

/** Values of a graph, by the names of the inputs or outputs that they stand for. */
export type NamedValues = Readonly<Record<string, Value>>;

/** A decoder that computes a window of the image at full resolution, and the rest coarsely. */
export interface FovealDecoder {
  /** Side of the window, pixels of the model's input. */
  readonly windowPx: number;
  /**
   * The graph: takes points like the full decoder, and the result of `place`. Its logits are those of the
   * window.
   */
  graph(tensors: Tensors): Graph;
  /** The window nearest to a position, pixels of the model's input. */
  place(centreX: number, centreY: number): WindowPlace;
}

/** Position of a window, and its graph inputs. */
export interface WindowPlace {
  readonly inputs: NamedTensors;
  /** Offset and side of the window: pixels of the low-resolution logits. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
}
