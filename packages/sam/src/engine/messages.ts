/** What goes over the wire between a caller and the process or worker that does the work. */
import type { SamErrorCode } from "../errors.js";
import type { Behaviour, Selection } from "../mask-generator/settings.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../transforms/prepare-image.js";
import type { EmbeddingReference } from "./embedding-references.js";
import type { CropProgress, CropTask, Engine, ModelInfo } from "./types.js";

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

/** What is to be told while a model is loaded and works, beside the answers to calls. */
export type EngineNotice =
  | {
      readonly kind: "download";
      /** Address or name of the file. */
      readonly file: string;
      readonly receivedBytes: number;
      /** Left out where the server does not say. */
      readonly totalBytes?: number;
    }
  /** Sessions are built when first needed, the encoder's with the first image. */
  | { readonly kind: "session"; readonly graph: string; readonly state: "building" | "ready" }
  /** The device that sessions run on is gone: a graphics processor was reset, or is needed elsewhere. */
  | { readonly kind: "device-lost"; readonly reason: string }
  /** Something a person should know, such as why it will be slower than it could be. */
  | { readonly kind: "note"; readonly message: string };

/** An error in plain data. */
export interface TransportedError {
  readonly code: SamErrorCode;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** A two-way channel of structured messages: a child process, a worker, or two ends in one process. */
export interface Channel<Out, In> {
  /** `transfer` names memory that may be moved to the other side instead of copied, where the channel can. */
  send(message: Out, transfer?: readonly ArrayBufferLike[]): void;
  onMessage(listener: (message: In) => void): void;
  /** Called once when the other side is gone. */
  onClose(listener: (reason: string) => void): void;
  /** Ends the other side at once, whatever it is doing. */
  kill(): void;
}

/** Loads an engine from a platform's own description of what to load. */
export type EngineLoader = (
  spec: unknown,
  signal: AbortSignal,
  notify: (notice: EngineNotice) => void,
) => Promise<Engine>;
