import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPrompts } from "./prompts.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-prompts-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

describe("a file of prompts", () => {
  const readFile = async (text: string) => {
    const prompts = join(folder, "prompts.json");
    await writeFile(prompts, text);
    return readPrompts({ prompts });
  };
  const refused = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

  const PROMPT = { pointCoords: [[1, 2]], pointLabels: [1], box: [0, 0, 3, 4] };
  const OWN = '{"point_coords": [[1, 2]], "point_labels": [1], "box": [0, 0, 3, 4], "mask_input": null}';

  it.each([
    ["a list", '[{"point_coords": [[1, 2]], "point_labels": [1], "box": [0, 0, 3, 4]}]'],
    ["names of JavaScript", '[{"pointCoords": [[1, 2]], "pointLabels": [1], "box": [0, 0, 3, 4]}]'],
    ["a result of this command", `{"image": {}, "model": {}, "prompts": [${OWN}], "masks": []}`],
    ["a byte order mark", `\ufeff[${OWN}]`],
  ])("gives its prompts: %s", async (_, text) => {
    expect(await readFile(text)).toEqual({ entries: [{ prompt: PROMPT }] });
  });

  it("names each prompt that can't be used, and gives the others", async () => {
    const bad = [
      '{"box": [1]}',
      '{"point_coords": 3}',
      "null",
      '{"text": {"toString": 1}}',
      '{"\\u001b[2J": 1}',
    ];
    const masked = '{"mask_input": "photo.npy"}';
    const { entries } = await readFile(`[${[OWN, ...bad, masked, OWN].join()}]`);
    expect(entries[0]).toEqual({ prompt: PROMPT });
    expect(entries.at(-1)).toEqual({ prompt: PROMPT });
    const messages = entries.map((entry) => ("error" in entry ? entry.error.message : ""));
    expect(messages[1]).toContain("prompt 2 has a box that is not");
    expect(messages[2]).toContain("prompt 3 has point_coords that are not");
    expect(messages[3]).toContain("prompt 4 is not an object");
    expect(messages[4]).toContain("prompt 5 has a text that is none");
    expect(messages[5]).toContain("prompt 6 has an unknown field");
    expect(messages[6]).toContain("prompt 7 has a mask_input");
  });

  it("says how many points a prompt may have", async () => {
    const { entries } = await readFile(`[{"point_coords": [${"[1,1],".repeat(1000)}[1,1]]}]`);
    expect(entries[0]).toMatchObject({
      error: { message: expect.stringMatching(/prompt 1 has 1001 points; at most 1000/) },
    });
  });

  it.each([
    ["more prompts than are taken", `[${"{},".repeat(100_000)}{}]`, /has 100001 prompts; at most 100000/],
    ["no list", "3", /must be a list of prompts/],
    ["prompts that are no list", '{"prompts": {}}', /must be a list of prompts/],
    ["nothing", "", /not JSON/],
  ])("is refused for %s", async (_what, text, message) => {
    await expect(readFile(text)).rejects.toMatchObject(refused("prompt-invalid", message));
  });

  it.each(["prompts", "maskInput"])("larger than any is refused before it is read: %s", async (option) => {
    const path = join(folder, "large");
    await writeFile(path, "");
    await truncate(path, 2 ** 40);
    await expect(readPrompts({ [option]: path })).rejects.toMatchObject(
      refused("file-unreadable", /at most 67108864/),
    );
  });
});

describe("words on a command line", () => {
  it("are one prompt with points and a box, or a prompt each", async () => {
    const point = [{ point: [1, 2], label: 1 }] as const;
    expect(await readPrompts({ text: ["dog"], point })).toEqual({
      entries: [{ prompt: { pointCoords: [[1, 2]], pointLabels: [1], text: "dog" } }],
    });
    expect(await readPrompts({ text: ["dog", "cat"] })).toEqual({
      entries: [{ prompt: { text: "dog" } }, { prompt: { text: "cat" } }],
    });
    await expect(readPrompts({ text: ["dog", "cat"], point })).rejects.toThrow("only once");
    await expect(readPrompts({ text: ["dog"], prompts: "p.json" })).rejects.toThrow("Use either --prompts");
  });
});
