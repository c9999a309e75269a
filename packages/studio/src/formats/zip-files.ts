import { zip } from "fflate";

/** Content by path. */
export type ZipEntries = Readonly<Record<string, Uint8Array>>;

/** Packs files, in workers. PNGs are stored as they are: they don't get smaller. */
export function zipFiles(entries: ZipEntries): Promise<Blob> {
  const files = Object.fromEntries(
    Object.entries(entries).map(([path, bytes]) => [
      path,
      [bytes, { level: path.endsWith(".png") ? 0 : 6 }] as [Uint8Array, { level: 0 | 6 }],
    ]),
  );
  return new Promise((resolve, reject) => {
    zip(files, (error, bytes) => {
      if (error) reject(error);
      else resolve(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/zip" }));
    });
  });
}
