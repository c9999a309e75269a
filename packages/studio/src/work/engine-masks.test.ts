import { boxToRle, type Rle } from "@segany/masks";
import type { KeptMasks } from "@segany/server/contract";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EngineAnnotation, EngineChange, EngineChangeResult } from "../api/engine.js";
import { StudioError } from "../errors.js";
import { readKeptMasks, writeKeptMasks } from "../formats/kept-masks.js";
import { EMPTY_DOCUMENT, type MaskObject } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { measureShape } from "../state/mask-shape.js";
import type { Outbox, WaitingChange } from "../storage/outbox.js";
import { boxToRuns } from "../testing/box-runs.js";
import { createEngineMasks } from "./engine-masks.js";
import { classesOf, classNamesOf } from "./project-classes.js";

const IMAGE = { id: "i", name: "photo.jpg", width: 40, height: 30 };
const PROJECT = "7f0c9b3e-0000-4000-8000-000000000001";
const classes = classesOf({
  id: PROJECT,
  classes: [{ name: "pear", colour: "#102030", attributes: [] }],
});

/** The data engine's side: revisions, and faults that a test asks for. */
function createServer() {
  const present = new Map<string, EngineAnnotation>();
  const revisions = new Map<string, number>();
  const taken = new Map<string, EngineChangeResult>();
  const requests: (readonly EngineChange[])[] = [];
  let fault: "request" | "answer" | StudioError | null = null;

  function store(change: EngineChange): EngineChangeResult {
    const { annotation } = change;
    const known = taken.get(change.change);
    if (known) return known;
    const revision = revisions.get(annotation) ?? 0;
    if (change.base !== revision) return { change: change.change, annotation, result: "conflict", revision };
    revisions.set(annotation, revision + 1);
    if (change.kind === "put") present.set(annotation, annotationOf(change, revision + 1));
    else present.delete(annotation);
    const result = { change: change.change, annotation, result: "saved", revision: revision + 1 } as const;
    taken.set(change.change, result);
    return result;
  }

  return {
    present,
    requests,
    /** As somebody else. */
    put: (annotation: string, { size, counts }: Rle, base: number) =>
      store({
        ...{ change: crypto.randomUUID(), annotation, base, kind: "put", className: null },
        mask: { size: [...size], counts },
        provenance: { source: "imported" },
      }),
    fail(how: typeof fault) {
      fault = how;
    },
    engine: {
      listAnnotations: async () => [...present.values()],
      async saveAnnotations({ body }: { body: { changes: readonly EngineChange[] } }) {
        const how = fault;
        fault = null;
        if (how instanceof StudioError) throw how;
        if (how === "request") throw new StudioError("server-unreachable", "not now");
        requests.push(body.changes);
        const results = body.changes.map(store);
        if (how === "answer") throw new StudioError("server-unreachable", "not now");
        return results;
      },
    },
  };
}

function annotationOf(change: Extract<EngineChange, { kind: "put" }>, revision: number): EngineAnnotation {
  const { annotation: id, className = null, attributes = {}, provenance } = change;
  const mask = { size: [...change.mask.size] as [number, number], counts: change.mask.counts };
  return {
    ...{ id, job: "j", image: "i", revision, mask, className, attributes, source: provenance.source },
    ...{ area: 1, confidence: null, author: "a", createdAt: 0, changedAt: 0 },
  };
}

function createOutbox(): Outbox & { readonly kept: Map<string, WaitingChange> } {
  const kept = new Map<string, WaitingChange>();
  return {
    kept,
    list: async () => [...kept.values()].sort((a, b) => a.order - b.order),
    async put(changes) {
      for (const each of changes) kept.set(each.change.change, each);
    },
    async remove(ids) {
      for (const id of ids) kept.delete(id);
    },
  };
}

function setUp(server = createServer(), outbox = createOutbox()) {
  const told = { lost: [] as string[], conflicts: 0, waiting: 0, isOffline: false };
  const lock = { number: 7 as number | null };
  const masks = createEngineMasks({
    ...{ engine: server.engine, outbox, job: "j", person: "p" },
    classes: classNamesOf(classes),
    imageOf: () => IMAGE,
    lockOf: () => lock.number,
    onLockLost: (_, message) => told.lost.push(message),
    onConflict: () => void told.conflicts++,
    onWaiting: (waiting, isOffline) => Object.assign(told, { waiting, isOffline }),
    takeWork: () => ({ events: [{ at: 1, kind: "accept" }] }),
    model: () => ({ name: "sam", hash: "abc" }),
  });
  async function read() {
    const { document, version } = (await masks.masks("i"))!;
    return { version, objects: readKeptMasks(document, "i") };
  }
  const save = (objects: readonly MaskObject[], version: string) =>
    masks.keepMasks("i", documentOf(objects), { version });
  return { masks, server, outbox, told, lock, read, save };
}

function documentOf(objects: readonly MaskObject[]): KeptMasks {
  const document = { ...EMPTY_DOCUMENT, objects };
  const rest = { thumbnailUrl: "", loading: { phase: "ready" } as const };
  return writeKeptMasks({ ...IMAGE, ...rest, history: startHistory(document) }, null);
}

const objectsOf = (...widths: number[]) =>
  addObjects(
    EMPTY_DOCUMENT,
    widths.map((width) => ({
      ...measureShape(boxToRuns([1, 1, width, 4], IMAGE)),
      source: "prompt" as const,
      predictedIou: 0.9,
      classId: classes[0]!.id,
    })),
  ).objects;

describe("masks of the data engine", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("are saved object by object, with where they come from, and read as they were", async () => {
    const { server, read, save, outbox } = setUp();
    const objects = objectsOf(3, 5);
    await save(objects, (await read()).version);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]![0]).toMatchObject({
      ...{ kind: "put", base: 0, annotation: objects[0]!.id, className: "pear" },
      provenance: { source: "semi-automatic", model: { name: "sam", hash: "abc" }, events: [{ at: 1 }] },
    });
    expect(outbox.kept.size).toBe(0);
    const again = await read();
    expect(again.objects.map(({ number: _, points: __, ...rest }) => rest)).toEqual(
      objects.map(({ points: _, ...rest }) => rest),
    );
    // Only what has changed is sent, and what is gone is deleted.
    await save([{ ...again.objects[0]!, name: "Pear" }], again.version);
    expect(server.requests[1]!.map(({ kind, base }) => [kind, base])).toEqual([
      ["put", 1],
      ["delete", 1],
    ]);
  });

  test("that the studio has not written stay as they are until they are changed", async () => {
    const { server, read, save } = setUp();
    server.put("7f0c9b3e-0000-4000-8000-0000000000aa", boxToRle([0, 0, 4, 4], IMAGE), 0);
    const { objects, version } = await read();
    expect(objects).toMatchObject([{ name: "Object 1", source: "import", classId: null }]);
    await save([...objects, ...objectsOf(3)], version);
    expect(server.requests[0]!.map(({ annotation }) => annotation)).not.toContain(objects[0]!.id);
  });

  test("have the machine's confidence until they are changed here; the server is told nothing of it", async () => {
    const { server, read, save } = setUp();
    const id = "7f0c9b3e-0000-4000-8000-0000000000aa";
    server.put(id, boxToRle([0, 0, 4, 4], IMAGE), 0);
    const pear = server.present.get(id)!;
    server.present.set(id, { ...pear, source: "semi-automatic", confidence: 0.8 });
    const { objects, version } = await read();
    expect(objects).toMatchObject([{ source: "prompt", confidence: 0.8 }]);
    server.fail("request");
    await save([{ ...objects[0]!, classId: classes[0]!.id }], version);
    expect((await read()).objects).toMatchObject([{ classId: classes[0]!.id, confidence: 0.8 }]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(JSON.stringify(server.requests)).not.toContain("confidence");
    const { confidence: _, ...rest } = objects[0]!;
    const changed = { ...rest, ...measureShape(boxToRuns([0, 0, 4, 5], IMAGE)) };
    server.fail("request");
    await save([changed], (await read()).version);
    expect((await read()).objects[0]).not.toHaveProperty("confidence");
  });

  test("wait in the browser while the server can't be reached, and are sent once", async () => {
    const { server, read, save, outbox, told } = setUp();
    const { version } = await read();
    server.fail("request");
    const objects = objectsOf(3);
    await save(objects, version);
    expect(told).toMatchObject({ waiting: 1, isOffline: true });
    expect(outbox.kept.size).toBe(1);
    server.fail("answer"); // it has it, and nobody knows
    await vi.advanceTimersByTimeAsync(1000);
    expect(told.waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(told).toMatchObject({ waiting: 0, isOffline: false });
    expect(server.requests.map(([change]) => change!.change)).toEqual([
      server.requests[0]![0]!.change,
      server.requests[0]![0]!.change,
    ]);
    expect(server.present.get(objects[0]!.id)?.revision).toBe(1);
  });

  test("that were left in the browser are there after a reload, and are sent then", async () => {
    const first = setUp();
    const { version } = await first.read();
    first.server.fail("request");
    const objects = objectsOf(3);
    await first.save(objects, version);
    first.masks.close();
    const second = setUp(first.server, first.outbox);
    second.lock.number = null; // not yet
    expect((await second.read()).objects.map(({ id }) => id)).toEqual([objects[0]!.id]);
    expect(await second.masks.send("i")).toBe(false);
    second.lock.number = 8;
    expect(await second.masks.send("i")).toBe(true);
    expect(first.server.present.size).toBe(1);
    expect(first.outbox.kept.size).toBe(0);
  });

  test("that another has changed are refused, and asked about with what is there", async () => {
    const { server, read, save, told } = setUp();
    const { version } = await read();
    const [object] = objectsOf(3);
    await save([object!], version);
    server.put(object!.id, boxToRle([0, 0, 9, 9], IMAGE), 1);
    const wider = { ...object!, name: "Mine" };
    await expect(save([wider], version)).rejects.toMatchObject({ code: "precondition-failed" });
    const again = await read();
    expect(again.objects[0]).toMatchObject({ areaPx: 81 });
    await save([{ ...wider, ...measureShape(boxToRuns([1, 1, 3, 4], IMAGE)) }], again.version);
    expect(server.present.get(object!.id)).toMatchObject({ revision: 3 });
    expect(told.conflicts).toBe(0);
  });

  test("stay in the browser when the lock is lost, and conflicts that show up later are told", async () => {
    const { server, read, save, told, lock, masks } = setUp();
    const { version } = await read();
    const [object] = objectsOf(3);
    await save([object!], version);
    server.fail(new StudioError("lock-lost", "Anna works on it."));
    await save([{ ...object!, name: "Mine" }], version);
    expect(told).toMatchObject({ lost: ["Anna works on it."], waiting: 1 });
    server.put(object!.id, boxToRle([0, 0, 9, 9], IMAGE), 1);
    server.fail("request");
    lock.number = 9;
    await masks.send("i");
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toMatchObject({ conflicts: 1, waiting: 0 });
  });

  test("that the server refuses are not sent again, and the user hears of it", async () => {
    const { server, read, save, outbox } = setUp();
    const { version } = await read();
    server.fail(new StudioError("body-invalid", "The mask is empty."));
    await expect(save(objectsOf(3), version)).rejects.toThrow("The mask is empty.");
    expect(outbox.kept.size).toBe(0);
  });
});
