/** Sends an image's objects, joined with what others have made of them meanwhile. */

import { v4 as createUuid } from "uuid";
import type { ApiClient } from "../api/api-client.js";
import { StudioError } from "../errors.js";
import { type KeptFrame, readKeptMasks, writeKeptMasks } from "../formats/kept-masks.js";
import type { MaskObject } from "../state/document.js";
import {
  areSame,
  mergeObjects,
  type Resolution,
  type Resolutions,
  sharing,
  withTheirs,
} from "../state/merge-objects.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import { formatNumberOf } from "../text.js";
import type { ConflictQuestions } from "./ask-conflicts.js";

/** What is remembered of what was sent without an answer. */
const MAX_ATTEMPTED = 16;

/** So often others may come before while one page merges; then it waits for the next change. */
const MAX_ROUNDS = 8;

/** What the server is known to have of an image. */
export interface ServerMasks {
  /** null: nothing. */
  version: string | null;
  frame: KeptFrame | null;
  /** As in the version: what changes are told by. */
  objects: readonly MaskObject[];
  /** Sent without an answer: the server may have one of them. */
  attempted: readonly (readonly MaskObject[])[];
}

export interface SaveParts {
  readonly store: StudioStore;
  readonly api: Pick<ApiClient, "masks" | "keepMasks">;
  readonly questions: Pick<ConflictQuestions, "ask">;
}

/** None where nothing is kept yet. @throws StudioError, DatasetError */
export async function readMasks(
  api: SaveParts["api"],
  imageId: string,
  known: readonly MaskObject[] = [],
): Promise<ServerMasks> {
  const kept = await api.masks(imageId);
  if (!kept) return { version: null, frame: null, objects: [], attempted: [] };
  const { annotations: _, ...frame } = kept.document;
  const objects = readKeptMasks(kept.document, imageId, known);
  return { version: kept.version, frame, objects, attempted: [] };
}

/**
 * Puts what was read into every step of the history: undo takes back what the user did, not what was there
 * before. Where an object that was imported meanwhile has the UUID of another, both stay.
 *
 * @param masks is brought up to date
 */
export function joinStored(store: StudioStore, imageId: string, masks: ServerMasks): void {
  const theirs = masks.objects;
  const both = theirs.map(({ id }): [string, Resolution] => [id, { keep: "both", copyId: createUuid() }]);
  if (theirs.length > 0)
    store.editEveryStep(imageId, (document) => withTheirs(document, { base: [], theirs }, new Map(both)));
  const { objects = theirs } = imageOf(store, imageId)?.history.present ?? {};
  if (areSame(objects, theirs)) masks.objects = objects;
}

/**
 * Sends until the server has what is in the store. Where it has another version than is known, that one is
 * merged into every step of the history first; nothing of others is written over without the user's word.
 *
 * @param masks is brought up to date
 * @throws StudioError when it could not be sent; also while the user has not decided
 */
export async function saveMasks(
  imageId: string,
  masks: ServerMasks,
  parts: SaveParts,
  { leaving = false } = {},
): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const image = imageOf(parts.store, imageId);
    if (!image || areSame(image.history.present.objects, masks.objects)) {
      if (image) masks.objects = image.history.present.objects;
      return;
    }
    if (await send(image, masks, parts, leaving)) return;
    await merge(imageId, masks, parts);
  }
  throw new StudioError(
    "precondition-failed",
    "Others change them all the time; the next change tries again.",
  );
}

/** @returns false where the server has another version */
async function send(
  image: GalleryImage,
  masks: ServerMasks,
  { api }: SaveParts,
  leaving: boolean,
): Promise<boolean> {
  const { objects } = image.history.present;
  const { version, attempted } = masks;
  const document = writeKeptMasks(image, masks.frame);
  masks.attempted = [...attempted, objects].slice(-MAX_ATTEMPTED);
  try {
    masks.version = await api.keepMasks(image.id, document, { version, leaving });
  } catch (error) {
    if (!(error instanceof StudioError && error.code === "precondition-failed")) throw error;
    masks.attempted = attempted;
    return false;
  }
  masks.objects = objects;
  masks.attempted = [];
  return true;
}

async function merge(imageId: string, masks: ServerMasks, parts: SaveParts): Promise<void> {
  const { store, api, questions } = parts;
  const found = await readMasks(api, imageId, masks.objects);
  // The image was deleted and has come back: nobody has deleted its objects, and all of mine are sent.
  const stored = found.version === null ? masks.objects : found.objects;
  const own = masks.attempted.find((attempted) => areSame(stored, attempted));
  const base = own ?? masks.objects;
  const theirs = sharing(stored, base);
  let resolutions: Resolutions = new Map();
  for (;;) {
    const image = imageOf(store, imageId);
    if (!image) return;
    const mine = image.history.present.objects;
    const { conflicts } = mergeObjects({ base, mine, theirs }, resolutions);
    if (conflicts.length === 0) break;
    const answer = await questions.ask(imageId, conflicts);
    if (!answer)
      throw new StudioError(
        "precondition-failed",
        "Others have changed the same objects: the question comes again with your next change.",
      );
    resolutions = new Map([...resolutions, ...answer]);
  }
  store.editEveryStep(imageId, (document) => withTheirs(document, { base, theirs }, resolutions));
  Object.assign(masks, { ...found, frame: found.frame ?? masks.frame, objects: theirs });
  if (!own) tell(store, base, theirs);
}

function tell(store: StudioStore, base: readonly MaskObject[], theirs: readonly MaskObject[]): void {
  const { objects } = mergeObjects({ base, mine: base, theirs });
  const before = new Set(base);
  const now = new Set(objects.map(({ id }) => id));
  const count =
    objects.filter((object) => !before.has(object)).length + base.filter(({ id }) => !now.has(id)).length;
  if (count > 0) store.notify("info", `${formatNumberOf(count, "object")} changed by others joined yours.`);
}

function imageOf(store: StudioStore, id: string): GalleryImage | undefined {
  return store.getState().images.find((image) => image.id === id);
}
