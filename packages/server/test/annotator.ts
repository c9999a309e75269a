/** For tests: an annotator who labels over HTTP and sends everything again until the server answers. */
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { boxToRle, type Rle } from "@segany/masks";
import { createEngineClient, EngineApiError, type EngineClient } from "@segany/server/contract";
import { expect } from "vitest";

/** A state of an object that was sent to the server. */
export interface SentRevision {
  readonly annotation: string;
  readonly number: number;
  /** `counts` of the mask; null for a deletion. */
  readonly counts: string | null;
}

/** What annotators sent, and what the server has acknowledged of it: that must never be lost. */
export interface Ledger {
  /** Both by the change's id. */
  readonly sent: Map<string, SentRevision>;
  readonly saved: Map<string, SentRevision>;
  /** "job image". */
  readonly finished: Set<string>;
  /** Ids of jobs. */
  readonly completed: Set<string>;
}

/** Where the server is at present; it may be down. */
export interface Target {
  address: string;
}

/** Size of the images that are labelled. */
export const SIZE = { width: 96, height: 64 };

/** Most objects of an image. */
const MAX_OBJECTS = 3;

/** Work on each mask that is drawn. */
export const ACTIVE_MS = 40;

/**
 * Repeats a call until the server answers. That it is down, starting, stopping or busy is the only reason to
 * repeat it.
 */
export async function persist<T>(
  target: Target,
  token: string,
  call: (client: EngineClient) => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await call(createEngineClient(target.address, { token }));
    } catch (error) {
      const isDown = error instanceof TypeError; // of fetch: refused, or cut off
      const isBusy = error instanceof EngineApiError && [429, 503].includes(error.status);
      if (!isDown && !isBusy) throw error;
      await sleep(20);
    }
  }
}

interface Annotator {
  readonly target: Target;
  readonly token: string;
  readonly project: string;
  readonly ledger: Ledger;
}

/** Labels image after image until there is a signal, and then ends with the present one. */
export async function annotate(annotator: Annotator, signal: AbortSignal): Promise<void> {
  const { target, token, project } = annotator;
  while (!signal.aborted) {
    const { lock } = await persist(target, token, (client) => client.nextImage({ params: { project } }));
    if (lock) await labelImage(annotator, lock);
    else await sleep(50);
  }
}

interface Lock {
  readonly job: string;
  readonly image: string;
  readonly number: number;
}

/** An object as its annotator knows it. */
interface Drawn {
  readonly annotation: string;
  /** 0 before the first. */
  revision: number;
  isDeleted: boolean;
  /** The last mask, and its revision. */
  counts: string;
  drawnIn: number;
}

async function labelImage(annotator: Annotator, lock: Lock): Promise<void> {
  const { target, token, ledger } = annotator;
  const { job, image, number } = lock;
  const params = { job, image };
  const objects: Drawn[] = [];
  for (let left = randomInt(1, MAX_OBJECTS + 1); left > 0; left--) {
    const object: Drawn = { annotation: randomUUID(), revision: 0, isDeleted: false, counts: "", drawnIn: 0 };
    objects.push(object);
    await change(annotator, lock, object, "put");
    if (randomInt(2) === 0) await change(annotator, lock, object, "put");
    if (randomInt(3) > 0) continue;
    await change(annotator, lock, object, "delete");
    if (randomInt(2) === 0) await change(annotator, lock, object, "restore");
  }
  const there = await persist(target, token, (client) => client.listAnnotations({ params }));
  expect(there.map(({ id, revision, mask }) => [id, revision, mask.counts])).toEqual(
    objects.flatMap((each) => (each.isDeleted ? [] : [[each.annotation, each.revision, each.counts]])),
  );
  await persist(target, token, (client) => client.finishImage({ params, body: { number } }));
  ledger.finished.add(`${job} ${image}`);
  const images = await persist(target, token, (client) => client.listJobImages({ params }));
  if (images.every(({ state }) => state !== "open")) await complete(annotator, job);
}

/** Sends one change until it is acknowledged. */
async function change(
  { target, token, ledger }: Annotator,
  { job, image, number }: Lock,
  object: Drawn,
  kind: "put" | "delete" | "restore",
): Promise<void> {
  const { annotation, revision: base } = object;
  const id = randomUUID();
  const mask = randomBox();
  const at = Date.now();
  const events = [
    { at, kind: "start" },
    { at: at + ACTIVE_MS, kind: "click" },
  ];
  const content = {
    put: { kind: "put", mask, provenance: { source: "manual", events } },
    delete: { kind: "delete" },
    restore: { kind: "restore", revision: object.drawnIn },
  } as const;
  object.revision++;
  object.isDeleted = kind === "delete";
  if (kind === "put") Object.assign(object, { counts: mask.counts, drawnIn: object.revision });
  const sent = { annotation, number: base + 1, counts: object.isDeleted ? null : object.counts };
  ledger.sent.set(id, sent);
  const body = { number, changes: [{ change: id, annotation, base, ...content[kind] }] };
  const answer = await persist(target, token, (client) =>
    client.saveAnnotations({ params: { job, image }, body }),
  );
  expect(answer).toEqual([{ change: id, annotation, result: "saved", revision: base + 1 }]);
  ledger.saved.set(id, sent);
}

/** The second of two requests finds what the first one did if only its answer was lost. */
async function complete({ target, token, ledger }: Annotator, job: string): Promise<void> {
  const params = { job };
  const { stage } = await persist(target, token, async (client) => {
    const present = await client.getJob({ params });
    return present.stage === "annotation" ? client.completeJob({ params }) : present;
  });
  expect(stage).toBe("validation");
  ledger.completed.add(job);
}

function randomBox(): Rle {
  const [x, y] = [randomInt(SIZE.width - 1), randomInt(SIZE.height - 1)];
  return boxToRle([x, y, randomInt(1, SIZE.width - x), randomInt(1, SIZE.height - y)], SIZE);
}
