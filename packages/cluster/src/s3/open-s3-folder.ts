import { createWriteStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ClusterError } from "../errors.js";
import { retryBroken } from "./retry-broken.js";
import { parseS3Address } from "./s3-address.js";
import { createS3Client, type S3Options } from "./s3-client.js";
import { createS3Objects } from "./s3-objects.js";

/** A state of a file in a bucket. */
export interface S3File {
  readonly bytes: number;
  /** Another for each content. */
  readonly etag: string;
}

/** Files below a prefix of a bucket, named as by their users: "sub/photo.jpg". */
export interface S3Folder {
  /** In the order of the names. @param beginning of the names; all by default */
  list(beginning?: string): AsyncIterable<S3File & { readonly name: string }>;
  /** undefined if there is none */
  stat(name: string): Promise<S3File | undefined>;
  /** undefined if there is none */
  read(name: string): Promise<Buffer | undefined>;
  /**
   * Writes a file to the disk.
   *
   * @returns its state
   * @throws ClusterError `store-unusable`, `object-missing`
   */
  download(name: string, path: string): Promise<S3File>;
  /** Stores a text, complete or not at all. */
  write(name: string, text: string): Promise<void>;
  /** Stores a file of the disk. @returns its state there */
  upload(name: string, path: string): Promise<S3File>;
  close(): void;
}

/**
 * Opens a prefix of a bucket as a folder.
 *
 * @param address `s3://bucket/prefix`
 * @throws ClusterError `address-invalid`, `store-unusable`
 */
export async function openS3Folder(address: string, options: S3Options = {}): Promise<S3Folder> {
  const { bucket, prefix } = parseS3Address(address);
  const client = createS3Client(options);
  const objects = createS3Objects(client, bucket);
  const missing = (name: string) =>
    new ClusterError("object-missing", `The object store has no "${prefix}${name}" in "${bucket}".`);

  async function find(name: string) {
    const found = await objects.get(prefix + name);
    return found === "same" ? undefined : found;
  }

  async function stat(name: string): Promise<S3File | undefined> {
    const found = await objects.stat(prefix + name);
    return found && { bytes: found.bytes, etag: found.etag ?? "" };
  }

  await objects.check(prefix).catch((error: unknown) => {
    client.destroy();
    throw error;
  });
  return {
    stat,
    async *list(beginning = "") {
      for await (const { key, bytes, etag = "" } of objects.entries(prefix + beginning)) {
        const name = key.slice(prefix.length);
        if (name !== "" && !name.endsWith("/")) yield { name, bytes, etag };
      }
    },
    read: (name) =>
      retryBroken(async () => {
        const found = await find(name);
        return found && buffer(found.content);
      }),
    download: (name, path) =>
      retryBroken(async () => {
        const found = await find(name);
        if (!found) throw missing(name);
        const target = createWriteStream(path);
        await pipeline(found.content, target);
        return { bytes: target.bytesWritten, etag: found.etag ?? "" };
      }),
    write: async (name, text) => void (await objects.put(prefix + name, text)),
    async upload(name, path) {
      await objects.putFile(prefix + name, path);
      const stored = await stat(name);
      if (!stored) throw missing(name);
      return stored;
    },
    close: () => client.destroy(),
  };
}
