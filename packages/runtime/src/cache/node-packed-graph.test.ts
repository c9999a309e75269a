import { chmod, mkdtemp, readdir, rm, truncate, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGraphBuilder, type Graph } from "@segany/graph";
import { matmul } from "@segany/graph/ops";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../sessions/types.js";
import { clearCachedGraphs, listCachedGraphs, openCachedGraph } from "./node-graph-cache.js";
import {
  hasPackedCopies,
  isWorthPacking,
  openPackedGraph,
  type PackingTask,
  packedName,
  packGraph,
} from "./node-packed-graph.js";
import { sessionOpener } from "./node-session-opener.js";

const SIDE = 640; // 1.6 MB of weights
const DAY_MS = 24 * 3600 * 1000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "segany-packed-"));
});
afterEach(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));

function graph(): Graph {
  const g = createGraphBuilder("product", new Map([["w", { shape: [SIDE, SIDE] }]]));
  g.output("y", matmul(g, g.input("x", "float32", ["B", SIDE]), g.weight("w")));
  return g.finish();
}

const load = async () => Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i));

async function build(): Promise<PackingTask> {
  const key = "a".repeat(64);
  await openCachedGraph(directory, key, graph(), load);
  return { directory, key, inputs: graph().inputs, device: { threads: 1 } };
}

async function firstValue(session: Session): Promise<unknown> {
  const data = new Float32Array(SIDE).fill(1);
  const { y } = await session.run({ x: { dtype: "float32", shape: [1, SIDE], data } });
  await session.close();
  return y!.data[0];
}

describe("a packed copy", () => {
  it("computes what the graph does, and is listed beside it", async () => {
    const task = await build();
    expect(await openPackedGraph(task)).toBeUndefined();
    expect(await packGraph(task)).toBe(true);
    const packed = await openPackedGraph(task);
    const column = Array.from({ length: SIDE }, (_, row) => Math.fround(Math.sin(row * SIDE)));
    expect(await firstValue(packed!)).toBeCloseTo(
      column.reduce((a, b) => a + b, 0),
      3,
    );
    const listed = await listCachedGraphs(directory);
    expect(listed.map(({ isPacked }) => isPacked).sort()).toEqual([false, true]);
    expect(await readdir(join(directory, packedName(task)))).toContain("weights.bin");
  });

  it("is for one graph, processor, number of threads and way of adding bytes", () => {
    const task = { key: "a".repeat(64), device: { threads: 2, widenInt8: false } };
    const names = [
      packedName(task, "one"),
      packedName(task, "another"),
      packedName({ ...task, key: "b".repeat(64) }, "one"),
      packedName({ ...task, device: { threads: 3, widenInt8: false } }, "one"),
      packedName({ ...task, device: { threads: 2, widenInt8: true } }, "one"),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(packedName(task)).toBe(packedName(task));
  });

  it("that was cut short is not opened but removed, and made again", async () => {
    const task = await build();
    await packGraph(task);
    await truncate(join(directory, packedName(task), "weights.bin"), SIDE);
    expect(await isWorthPacking(task, Number.POSITIVE_INFINITY)).toBe(false);
    expect(await openPackedGraph(task)).toBeUndefined();
    expect(await readdir(directory)).toEqual([task.key]);
    expect(await isWorthPacking(task, Number.POSITIVE_INFINITY)).toBe(true);
    expect(await packGraph(task)).toBe(true);
    await (await openPackedGraph(task))!.close();
  });

  it("is made once by many that begin at the same time", async () => {
    const task = await build();
    const made = await Promise.all(Array.from({ length: 4 }, () => packGraph(task)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect((await readdir(directory)).sort()).toEqual([task.key, packedName(task)]);
  });

  it("that could not be made is tried again after a day, and keeps no room", async () => {
    const task = await build();
    await expect(packGraph({ ...task, inputs: [] })).rejects.toThrow();
    const folder = join(directory, `${packedName(task)}.partial`);
    expect(await readdir(folder)).toEqual([]);
    expect(await isWorthPacking(task, Number.POSITIVE_INFINITY)).toBe(false);
    expect(await packGraph(task)).toBe(false);
    const before = new Date(Date.now() - DAY_MS - 1000);
    await utimes(folder, before, before);
    expect(await isWorthPacking(task, Number.POSITIVE_INFINITY)).toBe(true);
    expect(await packGraph(task)).toBe(true);
  });

  it("is not worth it beyond the cache's limit, or of a few weights", async () => {
    const task = await build();
    const bytes = SIDE * SIDE * 4;
    expect(await isWorthPacking(task, 4 * bytes)).toBe(true);
    expect(await isWorthPacking(task, 2 * bytes)).toBe(false);
    await truncate(join(directory, task.key, "weights.bin"), 1000);
    expect(await isWorthPacking(task, Number.POSITIVE_INFINITY)).toBe(false);
  });

  it("goes before every graph when the cache is full, though it was used last", async () => {
    const task = await build();
    await packGraph(task);
    const [graphBytes, packedBytes] = [false, true].map((isPacked) => sizeOf(isPacked));
    const limitBytes = 2 * (await graphBytes!) + 1000;
    expect(await packedBytes).toBeGreaterThan(1000);
    await openCachedGraph(directory, "b".repeat(64), graph(), load, { limitBytes });
    expect((await readdir(directory)).sort()).toEqual([task.key, "b".repeat(64)]);
  });

  const sizeOf = async (packed: boolean) =>
    (await listCachedGraphs(directory)).find(({ isPacked }) => isPacked === packed)!.bytes;

  it.runIf(process.platform !== "win32")("is not opened in a folder that others can write to", async () => {
    const task = await build();
    await packGraph(task);
    await chmod(directory, 0o777);
    await expect(openPackedGraph(task)).rejects.toMatchObject({ code: "cache-failed" });
  });

  it("is removed with the cache", async () => {
    const task = await build();
    await packGraph(task);
    await clearCachedGraphs(directory);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("opening a graph", () => {
  it("takes its packed copy, which needs no weights", async () => {
    const open = sessionOpener({ threads: 1 }, directory, "sha");
    const expected = await firstValue(await open(graph(), load));
    const graphs = join(directory, "graphs");
    const [entry] = await listCachedGraphs(graphs);
    const key = entry!.key;
    const task = { directory: graphs, key, inputs: graph().inputs, device: { threads: 1 } };
    await packGraph(task);
    await rm(join(graphs, key), { recursive: true });
    const never = () => Promise.reject(new Error("The graph was built again."));
    expect(await firstValue(await open(graph(), never))).toBe(expected);
    await expect(sessionOpener({ threads: 2 }, directory, "sha")(graph(), never)).rejects.toThrow(
      "built again",
    );
  });

  it("does not look for one under a profiler, or for another device", () => {
    expect(hasPackedCopies({})).toBe(true);
    expect(hasPackedCopies({ profilePrefix: "profile" })).toBe(false);
    expect(hasPackedCopies({ device: "cuda" })).toBe(false);
  });
});
