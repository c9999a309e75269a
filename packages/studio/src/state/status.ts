/** What can be said of the model and of images while they are made ready. */

/** The server encodes and this page decodes; all in this page; all on the server. */
export type RunMode = "server-encodes" | "browser" | "server";

/** How far an image is on its way to being asked. Fractions and times are measured, never made up. */
export type Loading =
  /** Nobody has asked for it yet. */
  | { readonly phase: "waiting" }
  | { readonly phase: "uploading"; readonly bytesDone: number; readonly bytesTotal: number }
  | { readonly phase: "queued"; readonly position: number }
  | { readonly phase: "encoding"; readonly elapsedMs: number; readonly expectedMs: number | null }
  | { readonly phase: "downloading"; readonly bytesDone: number; readonly bytesTotal: number }
  | { readonly phase: "ready" }
  | { readonly phase: "failed"; readonly message: string };

/** The model, as far as it is there. */
export type ModelStatus =
  | {
      readonly state: "loading";
      readonly label: string;
      readonly done: number;
      readonly total: number | null;
    }
  | {
      readonly state: "ready";
      readonly name: string;
      /** SHA-256 of its checkpoint; null of the model that is made up. */
      readonly hash: string | null;
      readonly note: string | null;
      /** Number of the version, of a project's model. */
      readonly version?: number;
    }
  | { readonly state: "failed"; readonly message: string };
