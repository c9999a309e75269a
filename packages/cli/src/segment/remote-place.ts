/** Images and results in an object store, for runs on many machines. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { S3File, S3Folder } from "@segany/cluster";
import { isImageName, isUnreadImageName } from "@segany/dataset/formats";
import { UsageError } from "../cli-error.js";
import { importCluster } from "../cluster-options.js";
import { type CollectedInputs, collectInputs, type InputImage, named, noImage, toInputs } from "./inputs.js";
import { entryName, findSource } from "./journal.js";
import type { FinishedImage, SegmentPlace } from "./local-place.js";
import type { SegmentOptions } from "./options.js";

const isAddress = (path: string): boolean => path.startsWith("s3://");

/** Whether a run has to do with an object store. */
export function isRemote(paths: readonly string[], { output }: SegmentOptions): boolean {
  return [...paths, output].some(isAddress);
}

export interface RemotePlace extends CollectedInputs {
  readonly place: SegmentPlace;
  /** Removes the local copies. */
  close(): Promise<void>;
}

/**
 * Lists the images, and opens the store for the results. Each image's files are on this machine only while it
 * is worked on.
 *
 * @throws UsageError for results that would not go to a store, or without the package; ClusterError
 */
export async function openRemotePlace(
  paths: readonly string[],
  options: SegmentOptions,
): Promise<RemotePlace> {
  if (!isAddress(options.output))
    throw new UsageError(
      `Images of an object store have their masks there too: give --output s3://bucket/prefix, not ${options.output}.`,
    );
  const { openS3Folder } = await importCluster("An s3:// address");
  const opened: S3Folder[] = [];
  const open = async (address: string) => {
    const folder = await openS3Folder(address);
    opened.push(folder);
    return folder;
  };
  const output = await open(options.output);
  const { remote, ...inputs } = await collect(paths, options.recursive ?? false, open);
  const staging = await mkdtemp(join(tmpdir(), "segany-segment-"));
  return {
    ...inputs,
    place: createRemotePlace({ output, remote, staging, overwrite: options.overwrite ?? false }),
    async close() {
      for (const folder of opened) folder.close();
      await rm(staging, { recursive: true, force: true });
    },
  };
}

/** Where the file of an image is, by its path. */
type RemoteFiles = ReadonlyMap<
  string,
  { readonly folder: S3Folder; readonly name: string; readonly file: S3File }
>;

async function collect(
  paths: readonly string[],
  recursive: boolean,
  open: (address: string) => Promise<S3Folder>,
): Promise<CollectedInputs & { readonly remote: RemoteFiles }> {
  const local = paths.filter((path) => !isAddress(path));
  const here = local.length > 0 ? await collectInputs(local, recursive) : { images: [], skipped: [] };
  const skipped = [...here.skipped];
  const remote = new Map<string, { folder: S3Folder; name: string; file: S3File }>();
  const found: Omit<InputImage, "imageId">[] = [...here.images];
  for (const address of paths.filter(isAddress)) {
    const folder = await open(address);
    for await (const { name, bytes, etag } of folder.list()) {
      if (!recursive && name.includes("/")) continue;
      const path = `${address.replace(/\/$/, "")}/${name}`;
      if (isUnreadImageName(name)) skipped.push(path);
      if (!isImageName(name)) continue;
      found.push(named(path, name));
      remote.set(path, { folder, name, file: { bytes, etag } });
    }
  }
  if (found.length === 0) throw noImage(paths, recursive, skipped);
  return { images: toInputs(found), skipped, remote };
}

/** The record of an image in the store, beside its results. */
interface StoredRecord {
  /** What runs have written for the image, or begun to write. */
  readonly names: readonly string[];
  readonly entry?: FinishedImage & {
    readonly source: unknown;
    readonly files: readonly (S3File & { readonly name: string })[];
  };
}

interface RemoteOptions {
  readonly output: S3Folder;
  readonly remote: RemoteFiles;
  /** Folder of this run alone. */
  readonly staging: string;
  readonly overwrite: boolean;
}

function createRemotePlace({ output, remote, staging, overwrite }: RemoteOptions): SegmentPlace {
  const folder = join(staging, "results");
  const recordName = (input: InputImage) => toKey(entryName(input));
  let downloads = 0;

  async function readRecord(input: InputImage): Promise<StoredRecord> {
    const text = await output.read(recordName(input));
    try {
      return JSON.parse(text!.toString("utf8")) as StoredRecord;
    } catch {
      return { names: [] }; // none, or a damaged one: segment the image again
    }
  }

  const sourceOf = async (input: InputImage): Promise<unknown> =>
    remote.get(input.path)?.file ?? findSource(input);

  return {
    folder,
    check: async () => void (await mkdir(folder)),
    async findDone(input, settings) {
      const { entry } = await readRecord(input);
      if (entry?.settings !== settings || entry.source === undefined) return undefined;
      if (!isDeepStrictEqual(entry.source, await sourceOf(input))) return undefined;
      for (const { name, ...file } of entry.files)
        if (!isDeepStrictEqual(await output.stat(name), file)) return undefined;
      return entry;
    },
    async open(input) {
      const at = remote.get(input.path);
      if (!at)
        return { input, path: input.path, source: await findSource(input), close: async () => undefined };
      const own = join(staging, String(downloads++));
      await mkdir(own);
      const path = join(own, basename(at.name));
      const source = await at.folder.download(at.name, path);
      return { input, path, source, close: () => rm(own, { recursive: true, force: true }) };
    },
    async begin(input, names) {
      const { names: ours } = await readRecord(input);
      if (!overwrite)
        await refuseForeign(
          output,
          names.map(toKey).filter((name) => !ours.includes(name)),
        );
      const all = [...new Set([...ours, ...names.map(toKey)])];
      await output.write(recordName(input), JSON.stringify({ names: all } satisfies StoredRecord));
    },
    async finish({ input, source }, entry, names) {
      const files = [];
      for (const name of names.map(toKey)) {
        files.push({ name, ...(await output.upload(name, join(folder, name))) });
        await rm(join(folder, name));
      }
      const { names: ours } = await readRecord(input);
      const record: StoredRecord = { names: ours, entry: { ...entry, source, files } };
      await output.write(recordName(input), JSON.stringify(record));
    },
    keep: async (name) => void (await output.upload(toKey(name), join(folder, name))),
  };
}

/** Names in a store have "/" on every system. */
const toKey = (name: string): string => name.replaceAll(sep, "/");

async function refuseForeign(output: S3Folder, names: readonly string[]): Promise<void> {
  for (const name of names)
    if (await isThere(output, name))
      throw new UsageError(
        `"${name}" is in the output already, and no earlier run wrote it. Choose another --output, or use --overwrite.`,
      );
}

async function isThere(output: S3Folder, name: string): Promise<boolean> {
  if (await output.stat(name)) return true;
  for await (const _ of output.list(`${name}/`)) return true;
  return false;
}
