import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderState, makeTree } from "../../../scripts/testing/folder-state.mjs";
import { createClient } from "./client.js";
import { createWorkplace } from "./server-process.js";
import { stillLife } from "./test-images.js";

const workplace = createWorkplace();
const UUID = "0f8fad5b-d9cb-469f-a165-70867728950e";

/** Folders of users, each with what an earlier version took for its own. */
const FOLDERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a YOLO set": {
    "data.yaml": "names: [cat, dog]\n",
    "images/train/0001.jpg": "jpg",
    "images/val/0002.jpg": "jpg",
    "labels/train/0001.txt": "0 0.5 0.5 0.1 0.1\n",
  },
  "a YOLO set of images alone": { "images/train/0001.jpg": "jpg" },
  "a COCO set": { "images/train2017/1.jpg": "jpg", "annotations/instances.json": "{}" },
  "a home folder": {
    ".bashrc": "export A=1\n",
    ".ssh/id_ed25519": "key",
    "Documents/letter.txt": "Dear",
    "images/holidays/1.jpg": "jpg",
    "jobs/cv.txt": "work",
    "tmp/draft.txt": "half",
    Desktop: "->Documents",
  },
  "a folder with tmp": { "tmp/important.txt": "text", [`tmp/${UUID}`]: "text" },
  "a folder with images": { "a.jpg": "jpg", "b.png": "png" },
};

describe("segany serve changes nothing", () => {
  it.each(Object.entries(FOLDERS))("in %s", async (name, tree) => {
    const folder = workplace.folder(name.replaceAll(" ", "-"));
    makeTree(folder, tree);
    const before = folderState(folder);
    const { status, output } = await workplace.run(folder, ["--port", "0"]);
    expect(output).toMatch(
      /not a data folder of segany.*Nothing in it was changed\. Choose a new or empty folder/,
    );
    expect(output).toContain(folder);
    expect(status).toBe(1);
    expect(folderState(folder)).toBe(before);
  });

  it("in a user's folder that is named by a link", async () => {
    const folder = workplace.folder("linked");
    makeTree(folder, FOLDERS["a YOLO set"]!);
    const link = workplace.folder("link");
    symlinkSync(folder, link);
    const before = folderState(folder);
    expect((await workplace.run(link, ["--port", "0"])).status).toBe(1);
    expect(folderState(folder)).toBe(before);
  });

  it("where the port is in use, be the folder a user's, ours, or not there", async () => {
    const ours = workplace.folder("ours");
    await (await workplace.start(ours)).end();
    makeTree(ours, { [`tmp/${UUID}`]: "half", [`images/${"ab".repeat(32)}/file`]: "cut off" });
    const users = workplace.folder("users");
    makeTree(users, FOLDERS["a folder with tmp"]!);
    const server = await workplace.start(workplace.folder("holder"));
    const { port } = new URL(server.address);
    for (const folder of [ours, users, workplace.folder("missing")]) {
      const before = folderState(folder);
      const { status, output } = await workplace.run(folder, ["--port", port]);
      expect(output).toContain(`port ${port}: it is in use`);
      expect(status).toBe(1);
      expect(folderState(folder)).toBe(before);
    }
    await server.end();
  });

  it("in a folder that another server holds, which goes on and is named", async () => {
    const folder = workplace.folder("held");
    const server = await workplace.start(folder);
    const { id } = await createClient(server.address).upload(stillLife);
    await createClient(server.address).predict(id, { pointCoords: [[30, 30]], pointLabels: [1] });
    const before = folderState(folder);
    const { status, output } = await workplace.run(folder, ["--port", "0"]);
    expect(output).toContain(`in use by ${server.address}/ (process ${server.pid} on `);
    expect(status).toBe(1);
    expect(folderState(folder)).toBe(before);
    expect((await createClient(server.address).image(id)).id).toBe(id);
    await server.end();
  });

  it("beside its own files, from a killed server to the next, which has the folder at once", async () => {
    const folder = workplace.folder("killed");
    const first = await workplace.start(folder);
    const { id } = await createClient(first.address).upload(stillLife);
    await first.end("SIGKILL");
    const strange = {
      "tmp/notes.txt": "mine",
      "images/cats/1.jpg": "mine",
      [`images/${id}/notes.txt`]: "mine",
    };
    makeTree(folder, { ...strange, [`tmp/${UUID}`]: "half" });
    const before = Object.keys(strange).map((path) => folderState(join(folder, path)));
    const second = await workplace.start(folder);
    expect((await createClient(second.address).image(id)).id).toBe(id);
    expect(folderState(join(folder, "tmp", UUID))).toBe("nothing");
    expect(Object.keys(strange).map((path) => folderState(join(folder, path)))).toEqual(before);
    await second.end();
  });
});
