/** Tasks and jobs by command: chosen images, numbers of jobs, and who gets them. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPeople, openDataEngine } from "@segany/data-engine";
import { openImageLibrary } from "@segany/server";
import sharp from "sharp";
import { afterEach, beforeEach, expect, it } from "vitest";
import { engineCommand } from "../commands/engine.js";
import { runHere } from "../testing/run-here.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "segany-tasks-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (...args: string[]) =>
  runHere(engineCommand(), ["engine", ...args, "--data", join(root, "data")]);

async function engine(...args: string[]) {
  const { status, stdout, stderr } = await run(...args, "--json");
  expect([status, stderr], args.join(" ")).toEqual([0, ""]);
  return JSON.parse(stdout);
}

async function fails(...args: string[]): Promise<string> {
  const { status, stderr } = await run(...args);
  expect(status, args.join(" ")).toBe(2);
  return stderr;
}

/** Accounts; the first is a member of the only project. */
async function addPeople(...names: string[]): Promise<void> {
  const opened = await openDataEngine({ file: join(root, "data", "engine.sqlite") });
  for (const name of names)
    await createPeople(opened.context).add({ name, password: "correct horse", administrator: true }, null);
  await opened.close();
  await engine("users", "role", names[0]!, "worker");
}

async function makeImages(...names: string[]): Promise<void> {
  mkdirSync(join(root, "photos"), { recursive: true });
  for (const [i, name] of names.entries()) {
    if (name === "") continue;
    const background = { r: 40 * i, g: name.length, b: 90 };
    const image = sharp({ create: { width: 24, height: 16, channels: 3, background } });
    await image.toFile(join(root, "photos", name));
  }
}

it("makes tasks of chosen images, and gives their jobs to people", async () => {
  await makeImages("cat-1.png", "cat-2.png", "cat-3.png", "dog-1.png");
  await engine("init", join(root, "photos"), "--task", "first");
  await addPeople("anna", "ben");

  // While a server holds the folder.
  const library = await openImageLibrary(join(root, "data"));
  const cats = await engine("tasks", "add", "cats", "--image", "cat-*.png", "--jobs", "2");
  expect(cats).toMatchObject({ images: 3, jobs: 2 });
  expect(await fails("tasks", "add", "new")).toContain('" are in a task of "photos"');
  await makeImages("", "", "", "", "bird.png");
  await library.addFile(join(root, "photos", "bird.png"));
  const fresh = await engine("tasks", "add", "new", "--replicas", "2");
  expect(fresh).toMatchObject({ images: 1, jobs: 3 });
  expect(await engine("tasks", "ground-truth", "cats", "--image", "cat-2")).toMatchObject({ images: 1 });
  await library.close();

  const { tasks } = await engine("tasks");
  expect(tasks.map(({ name, images }: Record<string, unknown>) => [name, images])).toEqual([
    ["first", 4],
    ["cats", 3],
    ["new", 1],
  ]);
  expect(await engine("tasks", "assign", "cats", "Anna", "--job", "2")).toMatchObject({ given: { Anna: 1 } });
  expect(await engine("tasks", "assign", "cats", "anna=2")).toMatchObject({ given: { anna: 1 } });
  await engine("tasks", "assign", "cats", "--nobody", "--job", "1");
  const { jobs } = await engine("tasks", "jobs", "cats");
  expect(jobs).toMatchObject([
    { number: 1, type: "annotation", images: 1, open: 1, assignee: null },
    { number: 2, type: "annotation", images: 2, assignee: "anna" },
    { number: 3, type: "ground_truth", images: 1, assignee: null },
  ]);
  const shown = await run("tasks", "jobs", "cats");
  expect(shown.stdout.split("\n")[1]).toBe("2: annotation new, 2 images, 2 open, anna");

  expect(await fails("tasks", "assign", "cats", "ben")).toMatch(
    /"ben" is not a member.*segany engine users role/,
  );
  expect(await fails("tasks", "assign", "cats", "anna=0")).toContain('The share of "anna" is "0"');
  expect(await fails("tasks", "assign", "cats", "anna", "--job", "4")).toContain('no job "4"; it has 3');
  expect(await fails("tasks", "jobs", "birds")).toContain('Tasks: "first", "cats", "new"');
});

it("says what can't be made or given", async () => {
  await makeImages("a.png", "b.png");
  await engine("init", join(root, "photos"));
  expect(await fails("tasks", "add", "x", "--image", "bird")).toContain("None of the 2 images");
  expect(await fails("tasks", "add", "x", "--image", "a", "--jobs", "2")).toContain("1 to 1");
  expect(await fails("tasks", "add", "x", "--jobs", "2", "--images-per-job", "2")).toContain(
    "cannot be used",
  );
  expect(await fails("tasks", "assign", "photos")).toContain("Say who gets the jobs");
  expect(await fails("tasks", "assign", "photos", "--nobody")).toContain("--job");
});
