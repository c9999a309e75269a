/**
 * The server's side of kept masks, for tests: one document with a version, and faults that a test asks for.
 */

import type { KeptMasks } from "@segany/server/contract";
import type { SaveParts } from "../effects/save-masks.js";
import { StudioError } from "../errors.js";

export interface MaskServer {
  readonly api: SaveParts["api"];
  /** Every document that was taken, the last one last. */
  readonly kept: readonly KeptMasks[];
  /** How often it was asked to keep a document. */
  readonly asked: () => number;
  /** Puts a document there as somebody else. */
  put(document: KeptMasks): void;
  /** Deletes what is kept, as with the image. */
  clear(): void;
  /** What becomes of the next request: it never gets there, or its answer does not come back. */
  fail(how: "request" | "answer"): void;
}

export function createMaskServer(): MaskServer {
  const kept: KeptMasks[] = [];
  let current: { readonly text: string; readonly version: string } | null = null;
  let versions = 0;
  let asked = 0;
  let fault: "request" | "answer" | null = null;

  function put(document: KeptMasks): string {
    const text = JSON.stringify(document);
    kept.push(JSON.parse(text));
    versions++;
    current = { text, version: `"${versions}"` };
    return current.version;
  }

  return {
    kept,
    asked: () => asked,
    put: (document) => void put(document),
    clear() {
      current = null;
    },
    fail(how) {
      fault = how;
    },
    api: {
      async masks() {
        return current && { document: JSON.parse(current.text), version: current.version };
      },
      async keepMasks(_id, document, { version }) {
        asked++;
        const how = fault;
        fault = null;
        if (how === "request") throw new StudioError("server-unreachable", "not now");
        if (version !== (current?.version ?? null)) throw new StudioError("precondition-failed", "changed");
        const taken = put(document);
        if (how === "answer") throw new StudioError("server-unreachable", "not now");
        return taken;
      },
    },
  };
}
