/** The data engine's commands: from a folder of images to a data set, with people and without a server. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDataEngine } from "@segany/data-engine";
import { boxIou, boxXywhToXyxy, encodeRle } from "@segany/masks";
import { openImageLibrary } from "@segany/server";
import { saveFreshSam } from "@segany/training";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { SMALL_SAM } from "../../training/src/testing/small-sam.js";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);

async function engine(...args: string[]) {
  const { status, stdout, stderr } = await workplace.run("engine", ...args, "--json");
  expect(stderr, args.join(" ")).toBe("");
  expect(status, args.join(" ")).toBe(0);
  return JSON.parse(stdout);
}

/** A mask of the still life's 1200x800 pixels: its upper left corner. */
function cornerMask(side: number) {
  const data = new Uint8Array(1200 * 800);
  for (let y = 0; y < side; y++) data.fill(1, y * 1200, y * 1200 + side);
  return encodeRle({ width: 1200, height: 800, data });
}

/** Labels each open image with one mask, and completes the jobs. */
async function labelAll(className: string | null): Promise<void> {
  const open = await openDataEngine({ file: at("segany-data", "engine.sqlite") });
  const [project] = await open.projects.list();
  const person = (
    await open.context.db.selectFrom("person").select("id").where("name", "=", "local").execute()
  )[0]!;
  for (;;) {
    const lock = await open.queue.next(person.id, project!.id);
    if (!lock) break;
    const ids = { change: crypto.randomUUID(), annotation: crypto.randomUUID(), base: 0 };
    const provenance = { source: "manual" } as const;
    await open.annotations.save(lock, [{ ...ids, kind: "put", mask: cornerMask(40), className, provenance }]);
    await open.locks.done(lock);
    if ((await open.jobs.images(lock.job)).every(({ state }) => state !== "open"))
      await open.transitions.complete(person.id, lock.job);
  }
  await open.close();
}

describe("segany engine", () => {
  beforeEach(async () => {
    mkdirSync(at("photos", "more"), { recursive: true });
    copyFileSync(at("photo.jpg"), at("photos", "a.jpg"));
    await sharp(at("photo.jpg"))
      .negate()
      .jpeg()
      .toFile(at("photos", "more", "b.jpg"));
    writeFileSync(at("photos", "c.jpg"), "no image");
  });

  it("makes a project of a folder, and writes what was labelled", async () => {
    const made = await workplace.run("engine", "init", "photos", "--class", "cup", "pear", "--no-review");
    expect(made.status).toBe(0);
    expect(made.stderr).toContain("c.jpg");
    expect(made.stdout).toContain('Project "photos" has the task "photos" with 2 images.');
    const opened = await openDataEngine({ file: at("segany-data", "engine.sqlite") });
    expect((await opened.workQueue.list()).items).toMatchObject([{ kind: "embed-task", state: "queued" }]);
    await opened.close();
    await labelAll("pear");
    const { projects } = await engine("status");
    expect(projects).toMatchObject([
      {
        ...{ name: "photos", classes: ["cup", "pear"] },
        tasks: [{ name: "photos", jobs: [{ stage: "acceptance", state: "completed", count: 1 }] }],
      },
    ]);
    const inUse = await openImageLibrary(at("segany-data")); // as by a server
    expect(await engine("export", "labels")).toMatchObject({ images: 2, annotations: 2, imageFiles: 2 });
    await inUse.close();
    const coco = JSON.parse(readFileSync(at("labels", "annotations", "instances_default.json"), "utf8"));
    expect(
      coco.annotations.map(({ area, category_id }: Record<string, number>) => [area, category_id]),
    ).toEqual([
      [1600, 2],
      [1600, 2],
    ]);
    expect(existsSync(at("labels", "images", "a.jpg"))).toBe(true);
    // What was written can be taken in again, as work to go on from.
    const again = await engine("import", "labels", "--task", "second", "--images-per-job", "1");
    expect(again).toMatchObject({ images: 2, masks: 2, leftOut: [] });
    expect(await engine("export", "all", "--state", "all", "--no-images")).toMatchObject({ annotations: 4 });
  });

  it("proposes masks by the names of classes, once, and leaves out names that it has no words for", async () => {
    await engine("init", "photos", "--class", "bottle", "flux capacitor");
    const inUse = await openImageLibrary(at("segany-data")); // as by a server
    const first = await engine("prefill");
    expect(first).toMatchObject({ engine: "detector", classes: ["bottle"], images: 2, known: 0, busy: 0 });
    expect(first.masks).toBeGreaterThan(0);
    expect(await engine("prefill", "--class", "bottle")).toMatchObject({ masks: 0, known: first.masks });
    await inUse.close();
    expect(await engine("export", "all", "--state", "all", "--no-images")).toMatchObject({
      annotations: first.masks,
    });
    const coco = JSON.parse(readFileSync(at("all", "annotations", "instances_default.json"), "utf8"));
    const [bottle] = coco.annotations;
    expect(boxIou(boxXywhToXyxy(bottle.bbox), [708, 134, 822, 421] as never)).toBeGreaterThan(0.95);
    const unknown = await workplace.run("engine", "prefill", "--class", "flux capacitor");
    expect([unknown.status, unknown.stderr.includes("[text-unknown]")]).toEqual([2, true]);
    const none = await workplace.run("engine", "prefill", "--class", "cup");
    expect([none.status, none.stderr.includes('no class "cup"')]).toEqual([2, true]);
  });

  it("exports nothing that was not accepted", async () => {
    await engine("init", "photos/more");
    await labelAll(null);
    expect(await engine("export", "labels")).toMatchObject({ images: 0, annotations: 0 });
    expect(await engine("export", "labelled", "--state", "labelled")).toMatchObject({ annotations: 1 });
  });

  it("adds people with passwords from standard input, and gives them roles", async () => {
    await engine("init", "photos/more");
    const password = Buffer.from("correct horse battery\n");
    const added = await workplace.runInput(password, "engine", "users", "add", "Olga", "--administrator");
    expect([added.status, added.stdout]).toEqual([0, 'Added the account "olga".\n']);
    expect((await workplace.runInput(password, "engine", "users", "add", "olga")).stderr).toContain(
      "conflict",
    );
    expect((await workplace.run("engine", "users", "add", "ben")).stderr).toContain(
      "password on standard input",
    );
    await engine("users", "role", "olga", "owner");
    expect((await workplace.runInput(password, "engine", "users", "add", "ben")).status).toBe(0);
    await engine("users", "disable", "ben");
    expect((await workplace.run("engine", "users", "disable", "olga")).stderr).toContain(
      "last administrator",
    );
    const { people } = await engine("users", "list");
    expect(people).toMatchObject([
      { name: "local" },
      { name: "olga", administrator: true, disabledAt: null },
      { name: "ben", disabledAt: expect.any(Number) },
    ]);
    expect(JSON.stringify(people)).not.toMatch(/scrypt|password/);
  });

  it("backs everything up into one file, and restores it into an empty database", async () => {
    await engine("init", "photos/more", "--no-review");
    await labelAll(null);
    await engine("backup", "all.jsonl.gz");
    const { counts } = await engine("restore", "all.jsonl.gz", "--data", "other");
    expect(counts).toMatchObject({ project: 1, annotation: 1, annotation_revision: 1 });
    const { overview, rows } = await engine("statistics", "--data", "other", "--by", "source");
    expect(overview).toMatchObject({ masks: 1, images: { open: 0, done: 1, skipped: 0 } });
    expect(rows).toMatchObject([{ key: "manual", masks: 1 }]);
    const csv = await workplace.run("engine", "statistics", "--csv", "--data", "other");
    expect(csv.stdout).toMatch(/^key,masks,.*\nlocal,1,0,0,0,0,0,0,1,1,0,0,1,,\n$/);
    const twice = await workplace.run("engine", "restore", "all.jsonl.gz", "--data", "other");
    expect([twice.status, twice.stderr]).toEqual([1, expect.stringContaining("[conflict]")]);
    writeFileSync(at("broken.gz"), readFileSync(at("all.jsonl.gz")).subarray(0, 900));
    const broken = await workplace.run("engine", "restore", "broken.gz", "--data", "third");
    expect(broken.stderr).toContain("[invalid]");
    expect((await workplace.run("engine", "restore", "nothing.gz", "--data", "third")).stderr).toContain(
      "nothing.gz",
    );
    const shown = (await workplace.run("engine", "audit-log", "--data", "other")).stdout;
    expect(shown).toMatch(/^\S+Z local create:project [0-9a-f-]{36} /m);
    const log = (await workplace.run("engine", "audit-log", "--data", "other", "--json")).stdout
      .trim()
      .split("\n");
    expect(log.map((line) => JSON.parse(line).event)).toEqual(
      expect.arrayContaining(["create:project", "create:task", "complete:job"]),
    );
  });

  it("trains a model version on what is accepted, and goes back to an earlier one", async () => {
    await saveFreshSam({ path: at("small.safetensors"), architecture: SMALL_SAM });
    await sharp(at("photo.jpg"))
      .flop()
      .jpeg()
      .toFile(at("photos", "more", "c.jpg"));
    await workplace.run("engine", "init", "photos", "--no-review", "--images-per-job", "1");
    const early = await workplace.run("engine", "run", "--stage", "2", "--checkpoint", "small.safetensors");
    expect([early.status, early.stderr]).toEqual([
      1,
      expect.stringMatching(/^segany: No .*accept some first.* \[conflict\]$/m),
    ]);
    await labelAll(null);
    const settings = ["--checkpoint", "small.safetensors", "--steps", "2", "--views", "1"];
    const plain = await workplace.run("engine", "retrain", ...settings, "--force");
    expect([plain.status, plain.stderr]).toEqual([2, expect.stringContaining("--force and --reason")]);
    const trained = await engine("retrain", ...settings, "--force", "--reason", "a first one");
    expect(trained).toMatchObject({
      ...{ number: 1, state: "current", reason: "a first one" },
      data: { training: { images: 2, masks: 2 }, validation: { images: 1, masks: 1 } },
      scores: { before: { objects: 1 }, after: { "miou@1": expect.any(Number), objects: 1 } },
    });
    expect(existsSync(at("segany-data", "models", trained.checkpoint, "checkpoint.safetensors"))).toBe(true);
    expect(await engine("models", "use", "0", "--reason", "back")).toMatchObject({ state: "current" });
    const { stdout } = await workplace.run("engine", "models");
    expect(stdout).toMatch(
      /^ {2}0 current .*\n {6}back\n {2}1 former {4}2 masks of 2 images\n {6}one click 0/,
    );
    expect((await workplace.run("engine", "models", "use", "7", "--reason", "x")).stderr).toContain(
      "[not-found]",
    );
    await openImageLibrary(at("segany-data")).then((library) => library.close()); // still one of ours
  });

  it("neither reads nor writes a folder that is no data folder", async () => {
    mkdirSync(at("foreign"));
    for (const folder of ["foreign", "nowhere"])
      for (const command of [
        ["status"],
        ["statistics"],
        ["audit-log"],
        ["backup", "x.gz"],
        ["export", "out"],
        ["users", "list"],
      ]) {
        const { status, stderr } = await workplace.run("engine", ...command, "--data", folder);
        expect([command[0], status, stderr]).toEqual([
          ...[command[0], 2],
          expect.stringContaining(`"${folder}" is no data folder of segany. Make one`),
        ]);
      }
    expect([readdirSync(at("foreign")), existsSync(at("nowhere")), existsSync(at("x.gz"))]).toEqual([
      [],
      false,
      false,
    ]);
  });

  it("says which project, class or folder is wrong", async () => {
    await engine("init", "photos/more", "--project", "one");
    await engine("init", "photos/more", "--project", "two");
    const fails = async (...args: string[]) => {
      const { status, stderr } = await workplace.run("engine", ...args);
      expect(status, args.join(" ")).not.toBe(0);
      return stderr;
    };
    expect(await fails("export", "x")).toContain('with --project: "one", "two"');
    expect(await fails("export", "x", "--project", "three")).toContain('no project "three"');
    expect(await fails("init", "nothing-here")).toContain("nothing-here");
    expect(await fails("init", "photos/more", "--project", "one", "--class", "a")).toContain("exists");
    expect(await fails("init", "photos/more", "--project", "new", "--class", "a", "a")).toContain(
      "two classes",
    );
    expect(await fails("status", "--database-url", "postgres://u:pw@127.0.0.1:1/x")).toMatch(
      /can't be opened.*store-failed/,
    );
  });
});
