import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { imageListSchema, paths } from "@segany/server/contract";
import { expect, it } from "vitest";
import { folderState } from "../../../scripts/testing/folder-state.mjs";
import { send } from "./client.js";
import { createWorkplace, type ServerProcess } from "./server-process.js";
import { paintImage, stillLife } from "./test-images.js";

const workplace = createWorkplace();

/** A YOLO set with two images, one of them twice, and much that is not to be imported. */
async function makeSet(name: string): Promise<string> {
  const folder = workplace.folder(name);
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  put("images/train/a.png", await paintImage(1));
  put("images/val/b.PNG", await paintImage(2));
  put("images/train/c.jpg", stillLife);
  put("images/train/again.png", await paintImage(1));
  put("images/broken.jpg", "no image");
  put("data.yaml", "names: [cat]");
  put("labels/train/a.txt", "0 0.5 0.5 0.1 0.1");
  put(".hidden/d.png", await paintImage(3));
  put("other-data/segany-data.json", '{"format": "segany-data", "version": 1}');
  put(`other-data/images/${"ab".repeat(32)}/thumbnail.webp`, await paintImage(4));
  symlinkSync("images/train/c.jpg", join(folder, "link.jpg"));
  return folder;
}

async function namesOf({ address }: ServerProcess): Promise<string[]> {
  const { text } = await send(address, { path: `/${paths.images()}` });
  return imageListSchema
    .parse(JSON.parse(text))
    .images.map(({ name }) => name)
    .sort();
}

it("imports the images of a folder into a data folder, names what is refused, and leaves the folder as it is", async () => {
  const set = await makeSet("set");
  const before = folderState(set);
  const data = workplace.folder("data");
  for (let round = 0; round < 2; round++) {
    const server = await workplace.start(data, ["--import", set]);
    await expect.poll(server.output).toMatch(/Imported 3 images of 6 files; 1 refused/);
    expect(server.output()).toMatch(/broken\.jpg: .*\[unsupported-media-type\]/);
    expect(await namesOf(server)).toEqual(["a.png", "b.PNG", "c.jpg"]);
    expect((await server.end()).status).toBe(0);
  }
  expect(folderState(set)).toBe(before);
});

it("says in one line how to work on the images of a folder that isn't its own, and that line works", async () => {
  const set = await makeSet("users-set");
  const before = folderState(set);
  const { status, output } = await workplace.run(set, ["--port", "0"]);
  expect(status).toBe(1);
  const [, data, from] = /segany serve (\S+) --import (\S+) \[folder-foreign\]/.exec(output)!;
  expect([data, from]).toEqual([`${set}-segany`, set]);
  const server = await workplace.start(data!, ["--import", from!]);
  await expect.poll(server.output).toMatch(/Imported 3 images/);
  await server.end();
  expect(folderState(set)).toBe(before);
});

it("a folder to import that is missing is refused before anything is made", async () => {
  const data = workplace.folder("unmade");
  const { status, output } = await workplace.run(data, ["--port", "0", "--import", workplace.folder("none")]);
  expect(output).toMatch(/none" can't be imported/);
  expect(status).toBe(2);
  expect(folderState(data)).toBe("nothing");
});

it.skipIf(!hasScript())(
  "asks on a terminal, imports after a yes, and changes nothing after a no",
  async () => {
    const set = await makeSet("asked");
    const before = folderState(set);
    const no = await inTerminal(set, "n\n");
    expect(no).toMatch(/Copy the 6 images of .*asked-segany.*\[y\/N\].*segany serve .*--import/s);
    expect(folderState(`${set}-segany`)).toBe("nothing");
    expect(await inTerminal(set, "y\n", /Imported 3 images/)).toMatch(/Imported 3 images of 6 files/);
    expect(readFileSync(join(`${set}-segany`, "segany-data.json"), "utf8")).toContain("segany-data");
    expect(folderState(set)).toBe(before);
  },
);

/**
 * Answers its question, and stops it with Ctrl-C when it has printed something. @returns all that it printed
 */
async function inTerminal(folder: string, answer: string, last?: RegExp): Promise<string> {
  const { command, env } = workplace.commandLine(folder, ["--port", "0"]);
  const line = command.map((part) => `'${part}'`).join(" ");
  const child = spawn("script", ["-qfec", line, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await expect.poll(() => output).toContain("[y/N]");
  child.stdin.write(answer);
  if (last) {
    await expect.poll(() => output).toMatch(last);
    child.stdin.write("\u0003");
  }
  await ended;
  return output;
}

/** `script` of util-linux gives a command a terminal. */
function hasScript(): boolean {
  const found =
    spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;
  if (!found)
    console.warn('The test of questions on a terminal was skipped: util-linux\'s "script" is not here.');
  return found;
}
