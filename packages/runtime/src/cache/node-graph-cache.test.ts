import { randomUUID } from "node:crypto";
import {
  appendFile,
  chmod,
  chown,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGraphBuilder } from "@segany/graph";
import { add } from "@segany/graph/ops";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderState, makeTree } from "../../../../scripts/testing/folder-state.mjs";
import { createNodeSession } from "../sessions/node-session.js";
import {
  clearCachedGraphs,
  listCachedGraphs,
  openCachedGraph,
  removeDamagedGraphs,
} from "./node-graph-cache.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-cache-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const key = (digit: string) => digit.repeat(64);

function graph() {
  const g = createGraphBuilder("sum", new Map([["w", { shape: [1024] }]]));
  g.output("y", add(g, g.input("x", "float32", [1024]), g.weight("w")));
  return g.finish();
}

const load = async () => new Float32Array(1024).fill(3);

describe("the cache of built graphs", () => {
  it("builds once, and gives a model that runs with its weights beside it", async () => {
    let loads = 0;
    const counting = async () => {
      loads++;
      return load();
    };
    const path = await openCachedGraph(folder, key("a"), graph(), counting);
    expect(await openCachedGraph(folder, key("a"), graph(), counting)).toBe(path);
    expect(loads).toBe(1);
    const session = await createNodeSession(path);
    const { y } = await session.run({
      x: { dtype: "float32", shape: [1024], data: new Float32Array(1024).fill(1) },
    });
    expect(y!.data[1023]).toBe(4);
    await session.close();
  });

  it("serves many that build the same at once, and leaves nothing behind", async () => {
    const paths = await Promise.all(
      Array.from({ length: 6 }, () => openCachedGraph(folder, key("b"), graph(), load)),
    );
    expect(new Set(paths).size).toBe(1);
    expect(await readdir(folder)).toEqual([key("b")]);
  });

  it("places one of many builds where a damaged entry is, every time", async () => {
    for (let round = 0; round < 20; round++) {
      makeTree(folder, { [`${key("b")}/weights.bin`]: "damaged" });
      await Promise.all(Array.from({ length: 6 }, () => openCachedGraph(folder, key("b"), graph(), load)));
      expect(await readdir(folder)).toEqual([key("b")]);
      await clearCachedGraphs(folder);
    }
  });

  it("leaves no part of a build that failed", async () => {
    const failing = async () => {
      throw new Error("disk gone");
    };
    await expect(openCachedGraph(folder, key("c"), graph(), failing)).rejects.toMatchObject({
      code: "cache-failed",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("says where it wanted to write when it cannot", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(openCachedGraph(join(folder, "file"), key("d"), graph(), load)).rejects.toMatchObject({
      code: "cache-failed",
      message: expect.stringContaining(join(folder, "file")),
    });
  });

  it("drops what was used least recently beyond its limit, never what is being opened", async () => {
    for (const [i, name] of ["1", "2", "3"].entries()) {
      await openCachedGraph(folder, key(name), graph(), load);
      await utimes(join(folder, key(name)), new Date(2020, i), new Date(2020, i));
    }
    await openCachedGraph(folder, key("1"), graph(), load); // used again
    const [{ bytes }] = await listCachedGraphs(folder);
    await openCachedGraph(folder, key("4"), graph(), load, { limitBytes: 2 * bytes });
    expect((await listCachedGraphs(folder)).map((entry) => entry.key).sort()).toEqual([key("1"), key("4")]);
    await openCachedGraph(folder, key("5"), graph(), load, { limitBytes: 1 });
    expect((await listCachedGraphs(folder)).map((entry) => entry.key)).toEqual([key("5")]);
  });

  const DAMAGES: readonly (readonly [what: string, damage: (entry: string) => Promise<unknown>])[] = [
    ["weights that were cut", (entry) => truncate(join(entry, "weights.bin"), 100)],
    ["weights that grew", (entry) => appendFile(join(entry, "weights.bin"), "x")],
    [
      "other weights of the same size",
      (entry) => writeFile(join(entry, "weights.bin"), new Float32Array(1024)),
    ],
    ["one changed byte, with the old time given back", (entry) => changeByte(join(entry, "weights.bin"))],
    ["no weights", (entry) => rm(join(entry, "weights.bin"))],
    ["an empty model", (entry) => truncate(join(entry, "model.onnx"), 0)],
    ["a changed model", (entry) => changeByte(join(entry, "model.onnx"))],
    ["no manifest", (entry) => rm(join(entry, "manifest.json"))],
    ["a manifest of nothing", (entry) => writeFile(join(entry, "manifest.json"), "[]")],
    ["a cut manifest", (entry) => truncate(join(entry, "manifest.json"), 50)],
  ];

  /** Changes a byte in the middle without a trace in size and time of change. */
  async function changeByte(path: string): Promise<void> {
    const { atime, mtime } = await stat(path);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 0xff;
    await writeFile(path, bytes);
    await utimes(path, atime, mtime);
  }

  it.each(DAMAGES)("builds again in place of %s", async (_, damage) => {
    await openCachedGraph(folder, key("a"), graph(), load);
    await damage(join(folder, key("a")));
    const session = await createNodeSession(await openCachedGraph(folder, key("a"), graph(), load));
    const { y } = await session.run({
      x: { dtype: "float32", shape: [1024], data: new Float32Array(1024).fill(1) },
    });
    await session.close();
    expect([...y!.data].every((value) => value === 4)).toBe(true);
    expect(await readdir(folder)).toEqual([key("a")]);
  });

  it("keeps an entry that was copied or touched, and knows it from then on", async () => {
    await openCachedGraph(folder, key("a"), graph(), load);
    await cp(join(folder, key("a")), join(folder, key("b")), { recursive: true });
    let loads = 0;
    const counting = async () => {
      loads++;
      return load();
    };
    await utimes(join(folder, key("a"), "weights.bin"), new Date(2020, 1), new Date(2020, 1));
    for (const digit of ["a", "b", "a", "b"]) await openCachedGraph(folder, key(digit), graph(), counting);
    expect(loads).toBe(0);
  });

  it("records the checksum of all weights that it writes", async () => {
    const g = createGraphBuilder("sum", new Map(["v", "w"].map((name) => [name, { shape: [1024] }])));
    g.output("y", add(g, add(g, g.input("x", "float32", [1024]), g.weight("v")), g.weight("w")));
    const values = (name: string) => Promise.resolve(new Float32Array(1024).fill(name === "v" ? 1 : 2));
    await openCachedGraph(folder, key("a"), g.finish(), values);
    expect(await removeDamagedGraphs(folder)).toEqual([]);
  });

  it("looks at every byte when asked to, and removes what is damaged", async () => {
    for (const digit of ["a", "b"]) await openCachedGraph(folder, key(digit), graph(), load);
    await changeByte(join(folder, key("b"), "weights.bin"));
    expect(await removeDamagedGraphs(folder)).toEqual([key("b")]);
    expect(await removeDamagedGraphs(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([key("a")]);
  });

  it.skipIf(process.getuid === undefined)("refuses a folder that every user can write to", async () => {
    await chmod(folder, 0o777);
    await expect(openCachedGraph(folder, key("a"), graph(), load)).rejects.toMatchObject({
      code: "cache-failed",
      message: expect.stringContaining("every user"),
    });
    await chmod(folder, 0o775);
    await openCachedGraph(folder, key("a"), graph(), load);
  });

  it.skipIf(process.getuid?.() !== 0)("refuses a folder of another user", async () => {
    await chown(folder, 12_345, 12_345);
    await expect(openCachedGraph(folder, key("a"), graph(), load)).rejects.toMatchObject({
      code: "cache-failed",
      message: expect.stringContaining("another user (12345)"),
    });
  });

  it("clears built graphs and left-over parts, and nothing else", async () => {
    await openCachedGraph(folder, key("e"), graph(), load);
    makeTree(folder, {
      [`${key("f")}.${randomUUID()}.partial/weights.bin`]: "half",
      [`${key("f")}.${randomUUID()}.partial/.${randomUUID()}.tmp`]: "half",
      "notes.txt": "mine",
    });
    expect(await clearCachedGraphs(folder)).toBeGreaterThan(4096);
    expect(await readdir(folder)).toEqual(["notes.txt"]);
  });

  it("leaves whatever else has a name like ours", async () => {
    const foreign = {
      "film.partial": "mine",
      "film.mkv.partial/a": "mine",
      [`${key("f")}.x.partial/weights.bin`]: "mine",
      [`${key("1")}/notes.txt`]: "mine",
      [key("3")]: "mine",
      "away/weights.bin": "mine",
      [key("4")]: "->away",
    };
    makeTree(folder, foreign);
    const old = new Date(2020, 1);
    for (const name of await readdir(folder)) await utimes(join(folder, name), old, old);
    const names = Object.keys(foreign).map((path) => path.split("/")[0]!);
    const states = () => names.map((name) => folderState(join(folder, name)));
    const before = states();
    await openCachedGraph(folder, key("a"), graph(), load, { limitBytes: 1 });
    await openCachedGraph(folder, key("b"), graph(), load, { limitBytes: 1 });
    await removeDamagedGraphs(folder);
    await clearCachedGraphs(folder);
    expect(states()).toEqual(before);
    expect((await readdir(folder)).sort()).toEqual([...new Set(names)].sort());
  });

  it("makes room for a graph without losing what lies in the place of its entry", async () => {
    makeTree(folder, { [`${key("a")}/notes.txt`]: "mine", [`${key("a")}/weights.bin`]: "damaged" });
    await openCachedGraph(folder, key("a"), graph(), load);
    const aside = (await readdir(folder)).find((name) => name.endsWith(".partial"))!;
    expect(await readdir(join(folder, aside))).toEqual(["notes.txt"]);
  });
});
