import type { DatasetOutput } from "../output.js";

/** An output that keeps what is written. */
export interface MemoryOutput extends DatasetOutput {
  /** The finished files by name, as UTF-8 where they are texts. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Begins an output in memory, for what is packed or sent elsewhere.
 *
 * @example
 * const output = createMemoryOutput();
 * await cocoWriter.write(datasetFromRecords([]), output);
 * console.log([...output.files.keys()]); // [ 'annotations/instances_default.json' ]
 */
export function createMemoryOutput(): MemoryOutput {
  const files = new Map<string, Uint8Array>();
  const encoder = new TextEncoder();
  const bytesOf = (data: Uint8Array | string): Uint8Array =>
    typeof data === "string" ? encoder.encode(data) : data;
  return {
    files,
    async write(name, data) {
      files.set(name, bytesOf(data));
      return "written";
    },
    async open(name) {
      const parts: (string | Uint8Array)[] = [];
      return {
        append: async (text) => void parts.push(text),
        async *read() {
          yield* parts;
        },
        async finish() {
          files.set(name, join(parts.map(bytesOf)));
          return "written";
        },
        discard: async () => void parts.splice(0),
      };
    },
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
