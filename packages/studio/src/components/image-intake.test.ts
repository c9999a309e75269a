import { expect, test, vi } from "vitest";
import type { Studio } from "../studio.js";
import { listenToImages } from "./image-intake.js";

const file = (name: string) => new File(["bytes"], name, { type: "image/png" });

const entryOf = (it: File, fullPath = `/${it.name}`) => ({
  isFile: true,
  isDirectory: false,
  fullPath,
  file: (take: (f: File) => void) => take(it),
});

/** A folder gives its entries a part at a time, and nothing in the end. */
function folderOf(...parts: (readonly object[])[]) {
  const left = [...parts, []];
  return {
    isFile: false,
    isDirectory: true,
    createReader: () => ({
      readEntries: (take: (entries: readonly object[]) => void) => take(left.shift()!),
    }),
  };
}

async function drop(...items: readonly object[]): Promise<string[]> {
  const target = new EventTarget();
  const addFiles = vi.fn<Studio["addFiles"]>(async () => undefined);
  const end = listenToImages({ addFiles } as Partial<Studio> as Studio, target as Window, () => undefined);
  const event = new Event("drop", { cancelable: true });
  target.dispatchEvent(Object.assign(event, { dataTransfer: { types: ["Files"], items } }));
  await expect.poll(() => addFiles).toHaveBeenCalledOnce();
  end();
  expect(event.defaultPrevented).toBe(true);
  return addFiles.mock.calls[0]![0].map(({ name, webkitRelativePath }) => webkitRelativePath || name);
}

test("files are taken from drops, and all that lies in dropped folders", async () => {
  const inner = folderOf([entryOf(file("deep.png"), "/set/inner/deep.png")]);
  const folder = folderOf(
    [entryOf(file("a.png"), "/set/a.png"), inner],
    [entryOf(file("b.png"), "/set/b.png")],
  );
  const items = [entryOf(file("first.png")), folder].map((entry) => ({ webkitGetAsEntry: () => entry }));
  expect(await drop(...items)).toEqual(["first.png", "set/a.png", "set/inner/deep.png", "set/b.png"]);
});

test("what is dragged from another page has no entry in a file system, and is taken as a file", async () => {
  const image = { webkitGetAsEntry: () => null, getAsFile: () => file("image.png") };
  const text = { webkitGetAsEntry: () => null, getAsFile: () => null };
  expect(await drop(text, image)).toEqual(["image.png"]);
});
