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
