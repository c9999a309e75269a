import { writeFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";

/** An entry of a tar to make: its header, and its bytes where it is a file. */
export type TarPart = Partial<Header> & { readonly name: string; readonly bytes?: Uint8Array | string };

/** The bytes of a tar with the given entries, whatever they are. */
export async function makeTar(parts: readonly TarPart[]): Promise<Buffer> {
  const tar = pack();
  for (const { bytes, ...header } of parts) {
    if (bytes === undefined) tar.entry(header);
    else tar.entry(header, typeof bytes === "string" ? bytes : Buffer.from(bytes));
  }
  tar.finalize();
  return buffer(tar as unknown as NodeJS.ReadableStream);
}

/** Writes such a tar. */
export async function writeTar(path: string, parts: readonly TarPart[]): Promise<void> {
  await writeFile(path, await makeTar(parts));
}
