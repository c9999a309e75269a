/**
 * Masks of the images of a job, kept by the data engine as revisions: what `effects/keep-masks.ts` reads and
 * writes as a document. Until the server has confirmed a change it is kept in this browser.
 */

import type { KeptMasks } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import type { EngineChange, EngineChangeResult, EngineClient, EngineProvenance } from "../api/engine.js";
import { StudioError } from "../errors.js";
import {
  type ClassNames,
  contentOfAnnotation,
  contentsOf,
  type NamedImage,
  type ObjectContent,
  sourceOf,
  toKeptMasks,
} from "../formats/engine-masks.js";
import { isSameJson } from "../state/same-json.js";
import type { Outbox } from "../storage/outbox.js";
import { howMade } from "./how-made.js";
import type { WorkRecorder } from "./record-work.js";
import { createRepeater, type Repeater } from "./repeater.js";
import { addChange, nextToSend, type Waiting, type Wanted } from "./waiting-changes.js";

/** What the masks of a job stand on. */
export interface EngineMaskParts {
  readonly engine: Pick<EngineClient, "listAnnotations" | "saveAnnotations">;
  readonly outbox: Outbox;
  readonly job: string;
  readonly person: string;
  readonly classes: ClassNames;
  readonly imageOf: (imageId: string) => NamedImage;
  /** Number of the lock on an image; null while it is not held. */
  readonly lockOf: (imageId: string) => number | null;
  /** The lock turned out to be lost. */
  readonly onLockLost: (imageId: string, message: string) => void;
  /** Changes of an image were refused, because another has changed the same objects. */
  readonly onConflict: (imageId: string) => void;
  /** Hears how many changes wait, and whether the server can't be reached. */
  readonly onWaiting: (count: number, isOffline: boolean) => void;
  /** Takes what was done for an object since the last time. */
  readonly takeWork: WorkRecorder["take"];
  /** The model that gives masks; null where its hash is unknown. */
  readonly model: () => { readonly name: string; readonly hash: string } | null;
}

/** The interface of the server's masks, and what a session asks besides. */
export interface EngineMasks extends Pick<ApiClient, "masks" | "keepMasks"> {
  /** Sends what waits for an image. @returns whether the server has all of it */
  send(imageId: string): Promise<boolean>;
  close(): void;
}

/** What is known of an image. */
interface Known {
  /** On the server, by UUID. */
  readonly stored: Map<string, ObjectContent>;
  /** Of objects on the server, deleted ones too. */
  readonly revisions: Map<string, number>;
  waiting: readonly Waiting[];
  version: number;
  hasConflict: boolean;
  /** Requests follow each other. */
  work: Promise<unknown>;
  readonly repeater: Repeater;
}

export function createEngineMasks(parts: EngineMaskParts): EngineMasks {
  return new RevisionedMasks(parts);
}

class RevisionedMasks implements EngineMasks {
  readonly #parts: EngineMaskParts;
  readonly #known = new Map<string, Known>();
  #order = Date.now();
  #isOffline = false;

  constructor(parts: EngineMaskParts) {
    this.#parts = parts;
  }

  async masks(imageId: string): ReturnType<EngineMasks["masks"]> {
    const { engine, job, classes, imageOf } = this.#parts;
    const known = this.#known.get(imageId) ?? this.#newKnown(imageId);
    await known.work;
    const request = { params: { job, image: imageId } };
    const list = await known.repeater.untilDone(() => engine.listAnnotations(request), this.#tellOffline);
    known.stored.clear();
    for (const [i, each] of list.entries()) {
      known.stored.set(each.id, contentOfAnnotation(each, i));
      known.revisions.set(each.id, each.revision);
    }
    const isFirst = !this.#known.has(imageId);
    if (isFirst) known.waiting = await this.#leftOver(imageId);
    this.#known.set(imageId, known);
    known.version++;
    this.#tell();
    if (isFirst) void this.#sendLater(imageId);
    const document = toKeptMasks(imageOf(imageId), this.#contents(known), classes);
    return { document, version: String(known.version) };
  }

  async keepMasks(
    imageId: string,
    document: KeptMasks,
    { version }: { readonly version: string | null },
  ): Promise<string> {
    const known = this.#known.get(imageId);
    if (!known || version !== String(known.version))
      throw new StudioError("precondition-failed", "The masks were read again since.");
    await this.#add(imageId, known, document);
    await this.send(imageId);
    if (known.hasConflict) {
      known.hasConflict = false;
      throw new StudioError("precondition-failed", "Another has changed the same objects.");
    }
    return String(known.version);
  }

  send(imageId: string): Promise<boolean> {
    const known = this.#known.get(imageId);
    if (!known) return Promise.resolve(true);
    const sending = known.work.then(() => this.#sendAll(imageId, known));
    known.work = sending.catch(() => undefined);
    return sending;
  }

  close(): void {
    for (const { repeater } of this.#known.values()) repeater.close();
  }

  #newKnown(imageId: string): Known {
    const repeater = createRepeater(() => void this.#sendLater(imageId));
    return {
      ...{ stored: new Map(), revisions: new Map(), waiting: [], version: 0, hasConflict: false, repeater },
      work: Promise.resolve(),
    };
  }

  /** What an earlier visit to this page could not send. The server knows what of it it has. */
  async #leftOver(imageId: string): Promise<readonly Waiting[]> {
    const { outbox, person, job } = this.#parts;
    const left = (await outbox.list(person)).filter((each) => each.job === job && each.image === imageId);
    return left.map(({ change }) => ({ change, isSent: true }));
  }

  /** As the page has them: what is stored, with what waits. */
  #contents({ stored, waiting }: Known): ReadonlyMap<string, ObjectContent> {
    const contents = new Map(stored);
    for (const { change } of waiting) {
      if (change.kind === "put") contents.set(change.annotation, contentOfChange(change, contents));
      else if (change.kind === "delete") contents.delete(change.annotation);
    }
    return contents;
  }

  /** Adds what has changed to what waits, in this browser first. */
  async #add(imageId: string, known: Known, document: KeptMasks): Promise<void> {
    const before = this.#contents(known);
    const after = contentsOf(document, before, this.#parts.classes);
    let { waiting } = known;
    const add = (id: string, wanted: Wanted) => {
      waiting = addChange(waiting, id, known.revisions.get(id) ?? 0, wanted);
    };
    for (const [id, content] of after)
      if (!isSame(content, before.get(id)))
        add(id, { ...changeable(content), provenance: this.#provenance(id, content, before.get(id)) });
    for (const id of before.keys()) if (!after.has(id)) add(id, null);
    await this.#replaceWaiting(imageId, known, waiting);
  }

  #provenance(id: string, content: ObjectContent, before: ObjectContent | undefined): EngineProvenance {
    const { model, takeWork } = this.#parts;
    const source = sourceOf(content);
    const used = source === "semi-automatic" || source === "automatic" ? model() : null;
    const work = takeWork(id);
    const events = [...work.events];
    return { source, ...(used && { model: used }), events, ...howMade(work, source, content, before) };
  }

  async #replaceWaiting(imageId: string, known: Known, waiting: readonly Waiting[]): Promise<void> {
    const { outbox, job, person } = this.#parts;
    const isKept = new Set(known.waiting.map(({ change }) => change.change));
    const isWanted = new Set(waiting.map(({ change }) => change.change));
    const added = waiting.filter(({ change }) => !isKept.has(change.change));
    const removed = [...isKept].filter((id) => !isWanted.has(id));
    known.waiting = waiting;
    await outbox.put(
      added.map(({ change }) => ({ job, person, image: imageId, order: this.#order++, change })),
    );
    this.#tell(); // once they are kept in this browser, as the page says
    await outbox.remove(removed);
  }

  async #sendLater(imageId: string): Promise<void> {
    await this.send(imageId).catch(() => undefined);
    const known = this.#known.get(imageId);
    if (!known?.hasConflict) return;
    known.hasConflict = false;
    this.#parts.onConflict(imageId);
  }

  /** @returns whether nothing waits any more @throws StudioError where the server refuses the changes */
  async #sendAll(imageId: string, known: Known): Promise<boolean> {
    while (known.waiting.length > 0) {
      const number = this.#parts.lockOf(imageId);
      if (number === null) return false;
      const batch = nextToSend(known.waiting);
      try {
        await this.#sendBatch(imageId, known, batch, number);
      } catch (error) {
        if (!(await this.#survives(error, imageId, known, batch))) throw error;
        return false;
      }
      known.repeater.succeeded();
      this.#tellOffline(false);
    }
    return true;
  }

  async #sendBatch(imageId: string, known: Known, batch: readonly Waiting[], number: number): Promise<void> {
    const { engine, job } = this.#parts;
    known.waiting = known.waiting.map((each) => (batch.includes(each) ? { ...each, isSent: true } : each));
    const changes = batch.map(({ change }) => change);
    const results = await engine.saveAnnotations({
      params: { job, image: imageId },
      body: { number, changes },
    });
    for (const [i, result] of results.entries()) this.#settle(known, changes[i]!, result);
    const isDone = new Set(results.flatMap(({ change }) => change));
    const inConflict = new Set(
      results.flatMap(({ annotation, result }) => (result === "conflict" ? annotation : [])),
    );
    const left = known.waiting.filter(
      ({ change }) => !isDone.has(change.change) && !inConflict.has(change.annotation),
    );
    await this.#replaceWaiting(imageId, known, left);
  }

  #settle(known: Known, change: EngineChange, { result, revision }: EngineChangeResult): void {
    known.revisions.set(change.annotation, revision);
    if (result === "conflict") {
      known.hasConflict = true;
      known.version++; // what the page knows is not what is there
    } else if (change.kind === "put")
      known.stored.set(change.annotation, contentOfChange(change, known.stored));
    else known.stored.delete(change.annotation);
  }

  /** Whether the changes stay where they are after a failure, to be sent later. */
  async #survives(
    error: unknown,
    imageId: string,
    known: Known,
    batch: readonly Waiting[],
  ): Promise<boolean> {
    if (!(error instanceof StudioError)) return false;
    if (error.code === "lock-lost" || error.code === "unauthorized") {
      this.#parts.onLockLost(imageId, error.message);
      return true;
    }
    if (known.repeater.failed(error)) {
      this.#tellOffline(error.code === "server-unreachable");
      return true;
    }
    // Refused as they are: with them in the way nothing else would be stored.
    const ids = new Set(batch.map(({ change }) => change.annotation));
    await this.#replaceWaiting(
      imageId,
      known,
      known.waiting.filter(({ change }) => !ids.has(change.annotation)),
    );
    return false;
  }

  readonly #tellOffline = (isOffline: boolean): void => {
    if (this.#isOffline === isOffline) return;
    this.#isOffline = isOffline;
    this.#tell();
  };

  #tell(): void {
    const counts = [...this.#known.values()].map(({ waiting }) => waiting.length);
    this.#parts.onWaiting(
      counts.reduce((sum, count) => sum + count, 0),
      this.#isOffline,
    );
  }
}

/** What a page says of an object; the server knows its confidence. */
function changeable({ mask, className, attributes }: ObjectContent): Omit<ObjectContent, "confidence"> {
  return { mask, ...(className !== undefined && { className }), ...(attributes && { attributes }) };
}

/** As the server has it after a change: the machine's confidence stays with the machine's mask. */
function contentOfChange(
  change: Extract<EngineChange, { kind: "put" }>,
  before: ReadonlyMap<string, ObjectContent>,
): ObjectContent {
  const { mask, confidence } = before.get(change.annotation) ?? {};
  const isKept = confidence !== undefined && isSameJson(mask, change.mask);
  return { ...changeable(change), ...(isKept && { confidence }) };
}

function isSame(one: ObjectContent, other: ObjectContent | undefined): boolean {
  if (!other) return false;
  const parts = ({ mask, className = null, attributes = {} }: ObjectContent) => [mask, className, attributes];
  return isSameJson(parts(one), parts(other));
}
