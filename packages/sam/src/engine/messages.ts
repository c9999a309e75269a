/** What goes over the wire between a caller and the process or worker that does the work. */
import type { SamErrorCode } from "@segany/masks";
import type { EngineNotice } from "@segany/runtime";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Behaviour, Selection } from "../proposals/selection.js";
import type { CropProgress, CropTask } from "../proposals/types.js";
import type { EmbeddingReference } from "./embedding-references.js";
import type { Engine, ModelInfo } from "./types.js";

/** A call of the engine from afar; embeddings go by reference. */
export type RemoteCall =
  | { readonly method: "encode"; readonly image: PreparedImage; readonly keep: EmbeddingReference }
  | {
      readonly method: "decode";
      readonly embedding: EmbeddingReference;
      readonly prompts: PackedPrompts;
      readonly masks: MaskTokens;
    }
  | { readonly method: "propose"; readonly task: Omit<CropTask, "input">; readonly image: PreparedImage }
  | {
      readonly method: "propose-embedded";
      readonly task: Omit<CropTask, "input">;
      readonly embedding: EmbeddingReference;
    }
  | {
      readonly method: "select";
      readonly proposals: number;
      readonly selection: Selection;
      readonly behaviour: Behaviour;
    }
  | { readonly method: "release"; readonly proposals: number };

/** From the caller. */
export type EngineRequest =
  | { readonly kind: "load"; readonly id: number; readonly spec: unknown }
  | { readonly kind: "call"; readonly id: number; readonly call: RemoteCall }
  | { readonly kind: "cancel"; readonly id: number };

/** From the one who works. */
export type EngineReply =
  | { readonly kind: "loaded"; readonly id: number; readonly model: ModelInfo }
  | { readonly kind: "progress"; readonly id: number; readonly progress: CropProgress }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "notice"; readonly notice: EngineNotice }
  | { readonly kind: "error"; readonly id: number; readonly error: TransportedError };

/** An error in plain data. */
export interface TransportedError {
  readonly code: SamErrorCode;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** Loads an engine from a platform's own description of what to load. */
export type EngineLoader = (
  spec: unknown,
  signal: AbortSignal,
  notify: (notice: EngineNotice) => void,
) => Promise<Engine>;
