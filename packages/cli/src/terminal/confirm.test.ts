import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { confirm } from "./confirm.js";

const terminal = (isTTY = true) => ({
  input: Object.assign(new PassThrough(), { isTTY }),
  output: Object.assign(new PassThrough(), { isTTY }),
});

test.each([
  ["y\n", true],
  ["YES\n", true],
  [" y \n", true],
  ["\n", false],
  ["n\n", false],
  ["yellow\n", false],
  ["", false],
])("the answer %j is %j", async (answer, yes) => {
  const asked = terminal();
  const confirmed = confirm("Shall it \u001b[31mbe?", new AbortController().signal, asked);
  asked.input.end(answer);
  expect(await confirmed).toBe(yes);
  const shown = String(asked.output.read());
  expect(shown).toMatch(/Shall it .*be\? \[y\/N\] /);
  expect(shown).not.toContain("\u001b[31m");
});

test("nobody is asked where there is no terminal", async () => {
  const pipe = terminal(false);
  expect(await confirm("Really?", new AbortController().signal, pipe)).toBe(false);
  expect(pipe.output.read()).toBeNull();
});

test("an interruption ends the question", async () => {
  const controller = new AbortController();
  const asked = confirm("Really?", controller.signal, terminal());
  controller.abort();
  await expect(asked).rejects.toThrow();
});
