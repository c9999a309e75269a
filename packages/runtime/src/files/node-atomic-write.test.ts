import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAtomicFile, writeFileAtomic } from "./node-atomic-write.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-write-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Every way in which a whole file gets its name. */
const WAYS: readonly (readonly [way: string, write: (path: string, text: string) => Promise<void>])[] = [
  ["at once", (path, text) => writeFileAtomic(path, text)],
  ["at once, as the user's own file", (path, text) => writeFileAtomic(path, text, { followLink: true })],
  [
    "piece by piece",
    async (path, text) => {
      const file = await createAtomicFile(path);
      try {
        await file.append(text.slice(0, 2));
        await file.append(text.slice(2));
        await file.finish();
      } finally {
        await file.discard();
      }
    },
  ],
];

describe.each(WAYS)("writing a file %s", (_, write) => {
  it("puts the new content over what was there, and leaves nothing else", async () => {
    const path = join(folder, "a");
    await write(path, "some older and longer text");
    await write(path, "new");
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("takes names as long as the file system does", async () => {
    const path = join(folder, "n".repeat(255));
    await write(path, "text");
    expect(await readFile(path, "utf8")).toBe("text");
  });

  it.skipIf(process.platform === "win32").each([0o600, 0o640, 0o644, 0o666, 0o755, 0o400])(
    "keeps the permissions %o of the file that it replaces",
    async (mode) => {
      const path = join(folder, "a");
      await writeFile(path, "old");
      await chmod(path, mode);
      await write(path, "new");
      expect((await stat(path)).mode & 0o777).toBe(mode);
      expect(await readFile(path, "utf8")).toBe("new");
    },
  );

  it.skipIf(process.platform === "win32")(
    "gives a new file the permissions that any new file has",
    async () => {
      await writeFile(join(folder, "plain"), "");
      await write(join(folder, "a"), "text");
      expect((await stat(join(folder, "a"))).mode).toBe((await stat(join(folder, "plain"))).mode);
    },
  );

  it("says when the folder is missing or a folder is in the way, and leaves nothing behind", async () => {
    await mkdir(join(folder, "taken"));
    for (const [name, reason] of [
      ["no/a", "folder does not exist"],
      ["taken", "folder of that name"],
    ] as const) {
      await expect(write(join(folder, name), "text")).rejects.toMatchObject({
        code: "file-unwritable",
        message: expect.stringContaining(reason),
      });
    }
    expect(await readdir(folder)).toEqual(["taken"]);
  });
});

describe.each([WAYS[0]!, WAYS[2]!])("a link at an output's place, written %s", (_, write) => {
  it.each([
    ["a file", "target"],
    ["a folder", "folder"],
    ["nothing", "nowhere"],
    ["itself", "link"],
    ["a device", "/dev/null"],
  ])("that leads to %s is replaced", async (_where, to) => {
    await writeFile(join(folder, "target"), "old");
    await mkdir(join(folder, "folder"));
    await symlink(to, join(folder, "link"));
    await write(join(folder, "link"), "new");
    expect((await lstat(join(folder, "link"))).isFile()).toBe(true);
    expect(await readFile(join(folder, "link"), "utf8")).toBe("new");
    expect(await readFile(join(folder, "target"), "utf8")).toBe("old");
    expect((await readdir(folder)).sort()).toEqual(["folder", "link", "target"]);
    expect(await readdir(join(folder, "folder"))).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("does not hand on the permissions of where it leads", async () => {
    await writeFile(join(folder, "target"), "old");
    await chmod(join(folder, "target"), 0o600);
    await symlink("target", join(folder, "link"));
    await write(join(folder, "link"), "new");
    expect((await stat(join(folder, "target"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "link"))).mode & 0o077).not.toBe(0);
  });

  it.skipIf(process.platform === "win32")("a pipe or device in the way is refused and stays", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    for (const path of [join(folder, "pipe"), "/dev/null"]) {
      await expect(write(path, "text")).rejects.toMatchObject({
        code: "file-unwritable",
        message: expect.stringContaining("device or pipe"),
      });
      expect((await lstat(path)).isFile()).toBe(false);
    }
    expect(await readdir(folder)).toEqual(["pipe"]);
  });
});

describe("a file that the user has named", () => {
  const write = (path: string, text: string) => writeFileAtomic(path, text, { followLink: true });

  it("is written through links, relative ones and links to links too", async () => {
    await mkdir(join(folder, "sub"));
    await writeFile(join(folder, "target"), "old");
    await symlink("../target", join(folder, "sub", "first"));
    await symlink(join(folder, "sub", "first"), join(folder, "second"));
    await write(join(folder, "second"), "new");
    expect(await readFile(join(folder, "target"), "utf8")).toBe("new");
    expect(await readlink(join(folder, "sub", "first"))).toBe("../target");
    expect((await lstat(join(folder, "second"))).isSymbolicLink()).toBe(true);
  });

  it("is made where a link leads to nothing", async () => {
    await symlink("target", join(folder, "link"));
    await write(join(folder, "link"), "new");
    expect(await readFile(join(folder, "target"), "utf8")).toBe("new");
    expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
  });

  it("is refused where links lead in a circle", async () => {
    await symlink("b", join(folder, "a"));
    await symlink("a", join(folder, "b"));
    await expect(write(join(folder, "a"), "x")).rejects.toMatchObject({ code: "file-unwritable" });
    expect((await readdir(folder)).sort()).toEqual(["a", "b"]);
  });

  it.skipIf(!existsSync("/dev/full"))("may be a device, which says that it is full and stays", async () => {
    await expect(write("/dev/full", "x")).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("disk is full"),
    });
    expect((await lstat("/dev/full")).isCharacterDevice()).toBe(true);
  });

  it.skipIf(process.platform === "win32")(
    "may be a pipe with a reader; without one it is refused",
    async () => {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      await expect(write(pipe, "x")).rejects.toMatchObject({
        code: "file-unwritable",
        message: expect.stringContaining("nobody reads"),
      });
      const text = "long ".repeat(50_000); // more than a pipe holds
      const reading = readFile(pipe, "utf8");
      for (;;) {
        // The reader opens the pipe in a thread of its own.
        const failed = await write(pipe, text).catch((error: Error) => error);
        if (!failed) break;
        expect(failed.message).toContain("nobody reads");
      }
      expect(await reading).toBe(text);
      expect((await lstat(pipe)).isFIFO()).toBe(true);
    },
  );

  it.skipIf(!existsSync("/proc/self/fd"))(
    "may be a file that is open, such as /dev/stdout, and is written to where it stands",
    async () => {
      await symlink("/proc/self/fd", join(folder, "open"));
      for (const flags of ["a", "w"])
        for (const place of ["/proc/self/fd", "/dev/fd", `/proc/${process.pid}/fd`, join(folder, "open")]) {
          const handle = await open(join(folder, "log"), flags);
          await handle.truncate();
          await handle.write("before ");
          await write(`${place}/${handle.fd}`, "text");
          await handle.write(" after");
          await handle.close();
          expect(await readFile(join(folder, "log"), "utf8"), `${flags} ${place}`).toBe("before text after");
        }
    },
  );
});

describe("a write that does not come to its end", () => {
  it("leaves the old content when it is stopped", async () => {
    const path = join(folder, "a");
    await writeFileAtomic(path, "old");
    const controller = new AbortController();
    const writing = writeFileAtomic(path, new Uint8Array(2 ** 24), { signal: controller.signal });
    controller.abort();
    await expect(writing).rejects.toMatchObject({ code: "aborted" });
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("is cleaned up when the process ends meanwhile", async () => {
    const before = process.listeners("exit");
    const file = await createAtomicFile(join(folder, "a"));
    await file.append("half");
    expect(await readdir(folder)).toHaveLength(1);
    const added = process.listeners("exit").filter((listener) => !before.includes(listener));
    expect(added).toHaveLength(1);
    added[0]!.call(process, 0);
    expect(await readdir(folder)).toEqual([]);
    await file.discard();
    expect(process.listeners("exit")).toEqual(before);
  });
});

it.skipIf(process.platform === "win32")(
  "shows others no part of a private file while it is written",
  async () => {
    const path = join(folder, "a");
    await writeFile(path, "old", { mode: 0o600 });
    const file = await createAtomicFile(path);
    await file.append("new");
    expect((await stat(file.temporaryPath)).mode & 0o077).toBe(0);
    await file.finish();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  },
);
