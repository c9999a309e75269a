import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { BlobStat, ByteRange } from "@segany/server/blobs";
import { ClusterError } from "../errors.js";

/** Larger files are sent in parts of this size, two at a time. */
const PART_BYTES = 8 * 2 ** 20;
const PARTS_AT_ONCE = 2;

/** Several who write the same new object: some stores let none of them win at once. */
const MAX_CONTENTIONS = 10;
const CONTENTION_MS = 500;

/** An object's content; `etag` names this state of it. */
export interface FoundObject {
  readonly content: Readable;
  readonly etag: string | undefined;
  readonly bytes: number | undefined;
}

export interface ObjectStat extends BlobStat {
  readonly etag: string | undefined;
}

export interface ObjectEntry {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string | undefined;
}

/** The requests that a store of blobs sends, with errors that say which store failed. */
export interface S3Objects {
  /** @returns the new state's etag */
  put(key: string, bytes: Uint8Array | string): Promise<string | undefined>;
  putFile(key: string, path: string): Promise<string | undefined>;
  /** @returns false if there is one already; a store that ignores the condition overwrites one made since */
  putNew(key: string, bytes: Uint8Array | string): Promise<boolean>;
  /** undefined if there is none, "same" if it is in the state `unless` */
  get(
    key: string,
    options?: { readonly range?: ByteRange | undefined; readonly unless?: string | undefined },
  ): Promise<FoundObject | "same" | undefined>;
  stat(key: string): Promise<ObjectStat | undefined>;
  delete(key: string): Promise<void>;
  /** Objects whose keys begin so, in the order of the keys. */
  entries(prefix: string): AsyncIterable<ObjectEntry>;
  /** @throws ClusterError `store-unusable` unless the bucket is there and may be listed */
  check(prefix: string): Promise<void>;
}

export function createS3Objects(client: S3Client, bucket: string): S3Objects {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const tell = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => Promise.reject(unusable(bucket, error)));
  const upload = async (key: string, body: Readable) => {
    const params = { ...at(key), Body: body };
    const done = await new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
    return done.ETag;
  };
  const stat = (key: string) =>
    tell(
      orStatus(client.send(new HeadObjectCommand(at(key))), { 404: undefined }).then(
        (head) =>
          head && {
            ...{ bytes: head.ContentLength ?? 0, etag: head.ETag },
            usedMs: head.LastModified?.getTime() ?? 0,
          },
      ),
    );

  return {
    stat,
    put: (key, bytes) =>
      tell(client.send(new PutObjectCommand({ ...at(key), Body: bytes })).then(({ ETag }) => ETag)),
    putFile: (key, path) => tell(upload(key, createReadStream(path))),
    async putNew(key, bytes) {
      for (let attempt = 1; ; attempt++) {
        if (await stat(key)) return false; // all that protects where the condition below is ignored
        const answer = await tell(putUnlessThere(client, { ...at(key), Body: bytes }));
        if (answer !== "contended" || attempt === MAX_CONTENTIONS) return answer === "stored";
        await setTimeout(Math.random() * CONTENTION_MS);
      }
    },
    get: (key, { range, unless } = {}) => tell(get(client, at(key), range, unless)),
    delete: (key) => tell(client.send(new DeleteObjectCommand(at(key))).then(() => undefined)),
    async *entries(prefix) {
      let next: string | undefined;
      do {
        const page = await tell(
          client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next })),
        );
        for (const { Key, Size = 0, ETag } of page.Contents ?? [])
          if (Key !== undefined) yield { key: Key, bytes: Size, etag: ETag };
        next = page.NextContinuationToken;
      } while (next !== undefined);
    },
    check: (prefix) =>
      tell(client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix })).then(() => undefined)),
  };
}

async function get(
  client: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
  range: ByteRange | undefined,
  unless: string | undefined,
): Promise<FoundObject | "same" | undefined> {
  const command = new GetObjectCommand({
    ...at,
    ...(range && { Range: `bytes=${range.start}-${range.end - 1}` }),
    ...(unless !== undefined && { IfNoneMatch: unless }),
  });
  const found = await orStatus(client.send(command), { 304: "same", 404: undefined, 416: "behind" });
  if (found === "behind") return { content: Readable.from([]), etag: undefined, bytes: 0 };
  if (found === "same" || found === undefined) return found;
  const content = found.Body as Readable;
  if (range && (found.ContentLength ?? 0) > range.end - range.start) {
    content.destroy();
    throw new Error(`it sends more of "${at.Key}" than the part that was asked for.`);
  }
  return { content, etag: found.ETag, bytes: found.ContentLength };
}

async function putUnlessThere(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string; readonly Body: Uint8Array | string },
): Promise<"stored" | "there" | "contended"> {
  const answer = await orStatus(
    client.send(new PutObjectCommand({ ...object, IfNoneMatch: "*" })).then(() => "stored" as const),
    { 409: "contended", 412: "there", 501: "unknown" },
  );
  if (answer !== "unknown") return answer;
  await client.send(new PutObjectCommand(object)); // the store does not know the condition
  return "stored";
}

/** What stands for answers with these statuses, which are no errors. */
async function orStatus<T, const Answers extends Readonly<Record<number, unknown>>>(
  work: Promise<T>,
  answers: Answers,
): Promise<T | Answers[keyof Answers]> {
  try {
    return await work;
  } catch (error) {
    const status = statusOf(error);
    const isMeant = status !== undefined && status in answers && (error as Error).name !== "NoSuchBucket";
    if (isMeant) return answers[status] as Answers[keyof Answers];
    throw error;
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

function unusable(bucket: string, cause: unknown): ClusterError {
  const { name = "Error", message = String(cause), code } = cause as NodeJS.ErrnoException;
  const reason = message === "" || message === "UnknownError" ? (code ?? name) : message;
  const status = statusOf(cause);
  return new ClusterError(
    "store-unusable",
    `The object store refused a request for the bucket "${bucket}"${status ? ` (${status})` : ""}: ${reason}`,
    { cause },
  );
}
