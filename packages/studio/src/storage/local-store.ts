/**
 * What this browser keeps of the user's work (IndexedDB), so that a reload or a crash loses nothing: images
 * that no server has, their masks, and what is unfinished.
 */

import type { Orientation } from "@segany/sam";
import type { KeptClasses, KeptMasks, KeptMasksFrame } from "@segany/server/contract";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ApiClient } from "../api/api-client.js";
import { StudioError } from "../errors.js";
import type { Document } from "../state/document.js";

/** So many bytes of images are kept. Browsers may allow a page less. */
export const MAX_LOCAL_BYTES = 2_000_000_000;

/** Unfinished work in another format is of another version of the studio, and is left aside. */
const UNFINISHED_FORMAT = 1;

/** An image as this browser keeps it. */
export interface LocalImage {
  readonly id: string;
  readonly name: string;
  readonly file: Blob;
  readonly width: number;
  readonly height: number;
  /** EXIF's, of the file; earlier versions didn't keep it. */
  readonly orientation?: Orientation;
  /** A small WebP. */
  readonly thumbnail: Blob;
  /** Whether the server may get it without being asked for it: not what was added with all in the browser. */
  readonly maySend: boolean;
  /** Milliseconds since 1970: the order in the gallery. */
  readonly addedMs: number;
}

/** What is not an object yet: the mask being made, and the cut-outs. */
export type Unfinished = Pick<Document, "draft" | "cutOuts">;

/** Masks have versions as on the server: nothing that another window has written is written over unseen. */
export interface LocalStore extends Pick<ApiClient, "masks" | "keepMasks" | "classes" | "keepClasses"> {
  /** In the order in which they were added. */
  images(): Promise<readonly LocalImage[]>;
  /** @throws StudioError `store-full` */
  addImage(image: LocalImage): Promise<void>;
  /** The image alone; its masks and what is unfinished stay. */
  removeImage(id: string): Promise<void>;
  /** Ids of the images that have masks here. */
  maskIds(): Promise<readonly string[]>;
  removeMasks(id: string): Promise<void>;
  /** Of classes that no server has. */
  removeClasses(): Promise<void>;
  unfinished(): Promise<ReadonlyMap<string, Unfinished>>;
  /** @param work null: nothing is unfinished any more */
  keepUnfinished(id: string, work: Unfinished | null): Promise<void>;
  close(): void;
}

/** In a database of its own: a table more in the other one waits for windows of earlier versions to close. */
interface ClassTable extends DBSchema {
  classes: { key: string; value: { readonly document: KeptClasses; readonly version: number } };
}

/** There is one list. */
const CLASSES = "list";

interface Tables extends DBSchema {
  images: { key: string; value: LocalImage };
  masks: { key: string; value: { readonly document: KeptMasks; readonly version: number } };
  unfinished: { key: string; value: Unfinished & { readonly format: number } };
}

/** @returns null where this browser gives the page no storage, as in some private windows */
export async function openLocalStore(
  name = "segany",
  maxBytes = MAX_LOCAL_BYTES,
): Promise<LocalStore | null> {
  try {
    const database = await openDB<Tables>(name, 1, {
      upgrade(created) {
        for (const table of ["images", "masks", "unfinished"] as const) created.createObjectStore(table);
      },
    });
    const classes = await openDB<ClassTable>(`${name}-classes`, 1, {
      upgrade: (created) => void created.createObjectStore("classes"),
    });
    const kept = await database.getAll("images");
    const sizes = new Map(kept.map(({ id, file }) => [id, file.size]));
    return createLocalStore(database, classes, sizes, maxBytes);
  } catch {
    return null;
  }
}

/** @param sizes of the images that are kept, by id; those that another window adds are not counted */
function createLocalStore(
  database: IDBPDatabase<Tables>,
  classTable: IDBPDatabase<ClassTable>,
  sizes: Map<string, number>,
  maxBytes: number,
): LocalStore {
  return {
    images: async () =>
      (await database.getAll("images")).sort((a, b) => a.addedMs - b.addedMs || (a.id < b.id ? -1 : 1)),
    async addImage(image) {
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      const used = total - (sizes.get(image.id) ?? 0);
      if (used + image.file.size > maxBytes) throw storeFull(image.name, used, maxBytes);
      await database.put("images", image, image.id).catch((cause: unknown) => {
        throw isQuota(cause) ? storeFull(image.name, used, null, cause) : cause;
      });
      sizes.set(image.id, image.file.size);
    },
    async removeImage(id) {
      await database.delete("images", id);
      sizes.delete(id);
    },
    maskIds: () => database.getAllKeys("masks"),
    async masks(id) {
      const kept = await database.get("masks", id);
      if (!kept) return null;
      return { document: kept.document as unknown as KeptMasksFrame, version: String(kept.version) };
    },
    async keepMasks(id, document, { version }) {
      const transaction = database.transaction("masks", "readwrite");
      const next = await versionAfter(await transaction.store.get(id), version, transaction.done);
      await Promise.all([transaction.store.put({ document, version: next }, id), transaction.done]);
      return String(next);
    },
    removeMasks: (id) => database.delete("masks", id),
    async classes() {
      const kept = await classTable.get("classes", CLASSES);
      return kept ? { document: kept.document, version: String(kept.version) } : null;
    },
    async keepClasses(document, { version }) {
      const transaction = classTable.transaction("classes", "readwrite");
      const next = await versionAfter(await transaction.store.get(CLASSES), version, transaction.done);
      await Promise.all([transaction.store.put({ document, version: next }, CLASSES), transaction.done]);
      return String(next);
    },
    removeClasses: () => classTable.delete("classes", CLASSES),
    async unfinished() {
      const [ids, works] = await Promise.all([
        database.getAllKeys("unfinished"),
        database.getAll("unfinished"),
      ]);
      const known = ids.map((id, i) => [id, works[i]!] as const);
      return new Map(known.filter(([, { format }]) => format === UNFINISHED_FORMAT));
    },
    async keepUnfinished(id, work) {
      if (work) await database.put("unfinished", { ...work, format: UNFINISHED_FORMAT }, id);
      else await database.delete("unfinished", id);
    },
    close() {
      database.close();
      classTable.close();
    },
  };
}

/**
 * The version of what is to be written. Never a number that was there before: what was removed must not be
 * taken for what comes after.
 *
 * @param version to be replaced
 * @throws StudioError `precondition-failed` where another is there
 */
async function versionAfter(
  kept: { readonly version: number } | undefined,
  version: string | null,
  done: Promise<void>,
): Promise<number> {
  if (version === (kept ? String(kept.version) : null)) return Math.max(Date.now(), (kept?.version ?? 0) + 1);
  await done;
  throw new StudioError("precondition-failed", "Another window has changed what is kept.");
}

function isQuota(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

/** @param maxBytes null: the browser allows no more */
function storeFull(name: string, used: number, maxBytes: number | null, cause?: unknown): StudioError {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const limit = maxBytes === null ? "the browser allows no more" : `of ${gigabytes(maxBytes)}`;
  return new StudioError(
    "store-full",
    `"${name}" is lost when the page is left: this browser keeps ${gigabytes(used)} of images (${limit}). Export its masks, or remove other images.`,
    { cause },
  );
}
