/** What is at the places of outputs: links, permissions, results of an earlier run. */
import { execFile } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadImageEmbedding } from "@segany/sam";
import { describe, expect, it } from "vitest";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const read = (...parts: string[]) => readFileSync(at(...parts), "utf8");
const predict = ["predict", "photo.jpg", "--point", "500,375"];
const segment = ["segment", "photo.jpg", "--points-per-side", "2"];
const command = fileURLToPath(new URL("../bin/segany.js", import.meta.url));

/** A file that no command may touch, behind a link. */
function linkTo(place: string): () => string {
  mkdirSync(join(at(place), ".."), { recursive: true });
  writeFileSync(at("precious"), "mine");
  symlinkSync(at("precious"), at(place));
  return () => read("precious");
}

describe("links", () => {
  it("at the places of a prediction's outputs are refused, or replaced when told to; never followed", async () => {
    const names = ["photo.predict.json", "photo.predict.png", "photo.logits.npy"];
    const precious = names.map((name) => linkTo(join("outputs", name)));
    expect((await workplace.run(...predict, "--save-logits")).status).toBe(2);
    for (const name of names) expect(lstatSync(at("outputs", name)).isSymbolicLink()).toBe(true);
    expect((await workplace.run(...predict, "--save-logits", "--overwrite")).status).toBe(0);
    for (const [i, name] of names.entries()) {
      expect(lstatSync(at("outputs", name)).isFile()).toBe(true);
      expect(precious[i]!()).toBe("mine");
    }
  });

  it("at the places of a segmentation's outputs are refused, or replaced when told to; folders never", async () => {
    const names = ["photo.json", "photo.png", ".segany/photo.json"];
    const precious = names.map((name) => linkTo(join("outputs", name)));
    expect((await workplace.run(...segment)).status).toBe(2);
    for (const name of names) expect(lstatSync(at("outputs", name)).isSymbolicLink()).toBe(true);
    expect((await workplace.run(...segment, "--overwrite")).status).toBe(0);
    for (const [i, name] of names.entries()) {
      expect(lstatSync(at("outputs", name)).isFile()).toBe(true);
      expect(precious[i]!()).toBe("mine");
    }
    mkdirSync(at("elsewhere"));
    mkdirSync(at("other"));
    symlinkSync(at("elsewhere"), at("other", "photo"));
    const refused = await workplace.run(...segment, "--format", "png", "--output", "other", "--overwrite");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("is a link to another folder");
    expect(readdirSync(at("elsewhere"))).toEqual([]);
  });

  it("that the user names as output file or folder are followed, what lies beside is not", async () => {
    writeFileSync(at("target.npy"), "");
    symlinkSync("target.npy", at("named.npy"));
    const precious = linkTo("named.npy.json");
    expect((await workplace.run("embed", "photo.jpg", "--output", "named.npy")).status).toBe(0);
    expect(lstatSync(at("named.npy")).isSymbolicLink()).toBe(true);
    expect(statSync(at("target.npy")).size).toBeGreaterThan(1000);
    expect(lstatSync(at("named.npy.json")).isFile()).toBe(true);
    expect(precious()).toBe("mine");
    expect((await loadImageEmbedding(at("named.npy"))).imageSize).toEqual({ width: 1200, height: 800 });
    mkdirSync(at("big-disk"));
    symlinkSync("big-disk", at("outputs"));
    expect((await workplace.run(...predict, "--no-picture")).status).toBe(0);
    expect(readdirSync(at("big-disk"))).toEqual(["photo.predict.json"]);
  });

  it.skipIf(process.platform === "win32")("to standard output may be named", async () => {
    mkdirSync(at("set", "images"), { recursive: true });
    writeFileSync(at("set", "annotations.json"), '{"images": [], "annotations": [], "categories": []}');
    const line = `"$0" "$1" dataset stats set --quiet --html /dev/stdout | cat`;
    const { stdout } = await promisify(execFile)("sh", ["-c", line, process.execPath, command], {
      cwd: workplace.path,
    });
    expect(stdout).toContain("<html");
    expect(stdout).toContain("masks per image");
  });
});

it.skipIf(process.platform === "win32")("outputs that are replaced keep their permissions", async () => {
  mkdirSync(at("outputs"));
  writeFileSync(at("outputs", "photo.predict.json"), '{"prompts":[],"masks":[]}');
  chmodSync(at("outputs", "photo.predict.json"), 0o600);
  expect((await workplace.run(...predict, "--no-picture")).status).toBe(0);
  expect(statSync(at("outputs", "photo.predict.json")).mode & 0o777).toBe(0o600);
  expect(JSON.parse(read("outputs", "photo.predict.json")).masks.length).toBeGreaterThan(0);
});

it("results of an earlier run are made anew when they are garbage of the same size", async () => {
  const run = async () => JSON.parse((await workplace.run(...segment, "--json", "--no-picture")).stdout);
  await run();
  const good = read("outputs", "photo.json");
  expect((await run()).skipped).toBe(true);
  writeFileSync(at("outputs", "photo.json"), ".".repeat(good.length));
  expect((await run()).skipped).toBeUndefined();
  expect(read("outputs", "photo.json")).toBe(good);
});
