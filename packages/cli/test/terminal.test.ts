/** What reaches the terminal, and what happens when nobody reads it. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkplace, finish } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);

/**
 * Obeyed or hidden by terminals: sequences of C0 and C1, turned text, bell, DEL, a new line that looks like
 * ours.
 */
const NASTY = "x\u001b[31m\u009b2J\u202e\u2066\u061c\u0007\u007f\u2028\nsegany: fake";
const RAW = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^segany: fake/mu;

/** A YOLO set of one image with a class name. */
function writeYolo(name: string, yaml = `names: ${JSON.stringify([name])}`): void {
  mkdirSync(at("yolo", "images"), { recursive: true });
  mkdirSync(at("yolo", "labels"), { recursive: true });
  copyFileSync(at("photo.jpg"), at("yolo", "images", "photo.jpg"));
  writeFileSync(at("yolo", "labels", "photo.txt"), "0 0.1 0.1 0.5 0.1 0.5 0.5\n");
  writeFileSync(at("yolo", "data.yaml"), yaml);
}

describe("names and messages of others on the terminal", () => {
  it.each<readonly [what: string, prepare: () => void, args: readonly string[], shown: string]>([
    ["a class in a table", () => writeYolo(NASTY), ["dataset", "stats", "yolo"], "x\\u001b[31m"],
    [
      "a folder in a table and in progress",
      () => {
        writeYolo("cat");
        mkdirSync(at(NASTY));
        copyFileSync(at("yolo", "data.yaml"), at(NASTY, "data.yaml"));
        for (const part of ["images/photo.jpg", "labels/photo.txt"]) {
          mkdirSync(at(NASTY, part, ".."), { recursive: true });
          copyFileSync(at("yolo", part), at(NASTY, part));
        }
      },
      ["dataset", "stats", NASTY],
      "x\\u001b[31m",
    ],
    ["an output folder", () => writeYolo("cat"), ["dataset", "convert", "yolo", NASTY], "→ x\\u001b[31m"],
    [
      "the text around a YAML error",
      () => writeYolo("", `names: [a, "${NASTY}`),
      ["dataset", "stats", "yolo"],
      "YAML",
    ],
    [
      "a YAML warning",
      () => writeYolo("", "other: !tag [\u009b31m\u202e]\nnames: [cat]"),
      ["dataset", "stats", "yolo"],
      "cat",
    ],
    [
      "a broken file of prompts",
      () => writeFileSync(at("prompts.json"), `[{"point_coords": ${NASTY}`),
      ["predict", "photo.jpg", "--prompts", "prompts.json"],
      "not JSON",
    ],
    [
      "a prompt's key",
      () => writeFileSync(at("prompts.json"), JSON.stringify([{ [NASTY]: 1 }])),
      ["predict", "photo.jpg", "--prompts", "prompts.json"],
      "x\\u001b[31m",
    ],
    [
      "an image that is none",
      () => writeFileSync(at(`${NASTY}.jpg`), "no image"),
      ["segment", `${NASTY}.jpg`, "--points-per-side", "1"],
      "x\\u001b[31m",
    ],
    ["an image that is missing", () => {}, ["predict", NASTY, "--point", "1,1"], "x\\u001b[31m"],
    [
      "a problem found",
      () => writeYolo("cat", `names: {"${"\\u009b"}5": cat}`),
      ["dataset", "validate", "yolo"],
      "names",
    ],
    ["an unknown option", () => {}, ["segment", `--${NASTY}`], "unknown option '--x\\u001b[31m"],
    ["an argument of an option", () => {}, ["segment", "a.jpg", "--points-per-side", NASTY], "x\\u001b[31m"],
    ["a model", () => {}, ["models", "download", NASTY], "x\\u001b[31m"],
    ["a folder of images", () => mkdirSync(at(NASTY)), ["segment", NASTY], "x\\u001b[31m"],
  ])("is escaped: %s", async (_, prepare, args, shown) => {
    prepare();
    const { stdout, stderr } = await workplace.run(...args);
    expect(stdout + stderr).toContain(shown);
    expect(stdout).not.toMatch(RAW);
    expect(stderr).not.toMatch(RAW);
  });

  it("is escaped by JSON where JSON is printed, and means the same", async () => {
    writeYolo(NASTY);
    const { stdout, status } = await workplace.run("dataset", "stats", "yolo", "--json");
    expect(status).toBe(0);
    expect(stdout).not.toMatch(RAW);
    expect(JSON.parse(stdout).categories[0].name).toBe(NASTY);
  });

  it("keeps commander's suggestion on a line of its own", async () => {
    const { stderr } = await workplace.run("segment", "--outptu", "x");
    expect(stderr).toContain("error: unknown option '--outptu'\n(Did you mean --output?)\n(add --help");
  });
});

const COMMANDS = ["segment", "predict", "embed", "eval", "serve", "export", "dataset", "models", "bench"];

describe("a closed pipe", () => {
  it.each([
    ["--help"],
    ["--version"],
    ...COMMANDS.map((command) => [command, "--help"]),
    ["doctor", "--no-measure"],
    ["cache", "info"],
    ["models"],
    ["models", "--json"],
    ["serve", "data", "--port", "0", "--workers", "1", "--quiet"],
  ])("ends %s %s quietly", async (...args) => {
    const child = workplace.start(...args.filter((arg) => arg !== undefined));
    child.stdout!.destroy();
    const { status, stderr } = await finish(child);
    expect(stderr).toBe("");
    expect(status).toBe(141);
  });

  it.each([
    ["segment", "--nope"],
    ["segment"],
    ["segment", "photo.jpg", "--points-per-side", "2", "--no-picture"],
  ])("of errors and progress ends %s %s quietly", async (...args) => {
    const child = workplace.start(...args.filter((arg) => arg !== undefined));
    child.stderr!.destroy();
    const { status, stdout } = await finish(child);
    expect(stdout).toBe("");
    expect(status).toBe(141);
  });

  it("stops work under way and leaves whole files only", async () => {
    mkdirSync(at("photos"));
    for (let i = 0; i < 8; i++) copyFileSync(at("photo.jpg"), at("photos", `${i}.jpg`));
    const child = workplace.start("segment", "photos", "--points-per-side", "2", "--json");
    child.stdout!.destroy();
    const { status, stderr } = await finish(child);
    expect(status).toBe(141);
    expect(stderr).toBe("");
    const names = readdirSync(at("outputs"), { recursive: true, encoding: "utf8" });
    const results = names.filter((name) => /^\d\.json$/.test(name));
    expect(results.length).toBeLessThan(8);
    for (const name of results) JSON.parse(readFileSync(at("outputs", name), "utf8"));
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
