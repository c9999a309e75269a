import type { Graph } from "@segany/graph";
import type { StoredTensor, TensorInfo } from "@segany/graph/weights";
import type { RunTensor } from "@segany/runtime";
import type { PlanarRgbImage } from "../images/resize-bilinear.js";
import type { DecoderOptions, EncoderGraphOptions, ExportOptions } from "./graph-options.js";
import type { ModelIo } from "./model-io.js";

/** Shapes and types of a checkpoint's tensors by key. */
export type Tensors = ReadonlyMap<string, TensorInfo>;

/** What goes into a graph and comes out of it, by name. */
export type NamedTensors = Readonly<Record<string, RunTensor>>;

/** What a checkpoint tells of its network. */
export interface InferredModel<Architecture> {
  /** What the network is known as: a published model, or its kind when the numbers are its own. */
  readonly name: string;
  readonly architecture: Architecture;
}

/**
 * Models of one kind: how their checkpoints are known, and how their graphs are built. All that the engine knows of a
 * network; callers know its {@link ModelIo}. The families that there are stand in `families/registry.ts`.
 *
 * Graphs are fed by name. The encoder takes what `prepare` makes and gives the feature maps of `io`. The decoder takes
 * those, what `preparation` makes of them, and the prompts: `point_coords` BxNx2, `point_labels` BxN, and with the options
 * for them `mask_input` Bx1xSxS with `has_mask_input` B, and `extra_tokens` BxKxC. A graph declares those that it uses. The
 * decoder gives `iou_predictions` BxM and `low_res_logits` BxMxSxS.
 *
 * @typeParam Architecture the numbers of a network: plain data, as JSON has it, since it goes into files
 */
export interface ModelFamily<Architecture = unknown> {
  /** Names the family in files. */
  readonly name: string;
  /** What the names of its tensors begin with, up to the first dot, in every publication of it. */
  readonly keyRoots: readonly string[];
  /** Whether a checkpoint with these tensors is of the family; it has to have the image encoder. */
  matches(tensors: Tensors): boolean;
  /** @throws SamError `checkpoint-invalid`, `checkpoint-unsupported` */
  infer(tensors: Tensors): InferredModel<Architecture>;
  /** Names of another publication as those that the graphs use; undefined where the tensors are not of the family. */
  mapKeys?(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> | undefined;
  /** Whether masks are decoded with a tensor, so that it belongs to a file with the decoder alone. */
  isDecoderKey(key: string): boolean;
  /**
   * The architecture that a file with the decoder alone says it has.
   *
   * @throws SamError `checkpoint-invalid` when it is none, or the tensors have another
   */
  restore(stored: unknown, tensors: Tensors): Architecture;
  io(architecture: Architecture): ModelIo;
  /**
   * The encoder's inputs.
   *
   * @param image resized as `io` says
   * @param reuse what was made for an image before, to be overwritten
   */
  prepare(image: PlanarRgbImage, architecture: Architecture, reuse?: NamedTensors): NamedTensors;
  encoder(tensors: Tensors, architecture: Architecture, options: EncoderGraphOptions): Graph;
  /** What all prompts on an image have in common, run once for an image. */
  preparation?(tensors: Tensors, architecture: Architecture): Graph;
  decoder(tensors: Tensors, architecture: Architecture, options: DecoderOptions): Graph;
  /** Undefined where a network has no such form; behaviour `fast` then decodes every point in full. */
  foveal?(architecture: Architecture): FovealDecoder | undefined;
  /** Encoder and decoder for other runtimes. */
  exported?(
    tensors: Tensors,
    architecture: Architecture,
    options: ExportOptions,
  ): { readonly encoder: Graph; readonly decoder: Graph };
}

/** A decoder that looks closely at a window of the image, and only in passing at the rest. */
export interface FovealDecoder {
  /** Side of the window, pixels of the model's input. */
  readonly windowPx: number;
  /** Takes points as the full decoder does and what `place` gives. Its logits are those of the window alone. */
  graph(tensors: Tensors): Graph;
  /** The window nearest to a place, pixels of the model's input. */
  place(centreX: number, centreY: number): WindowPlace;
}

/** Where a window is, and what tells the graph. */
export interface WindowPlace {
  readonly inputs: NamedTensors;
  /** Where it begins, and its side: pixels of the low-resolution logits. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
}
