import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const source = fileURLToPath(new URL("..", import.meta.url));
/** What writes to a terminal: the streams, the console, the files that stand for them, and their numbers. */
const WRITES =
  /\bconsole\b|\bstd(out|err)\b(?=\s*[.,)\]};])|["'`](stdout|stderr)["'`]|\/dev\/|\bwriteSync\(|_rawDebug/;

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/ .*/g, "");

it("only this folder writes to standard output and standard error", () => {
  const names = readdirSync(source, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".ts") && !/\.test\.ts$|^testing[\\/]/.test(name));
  expect(files.length).toBeGreaterThan(30);
  const writing = files.filter((name) =>
    WRITES.test(withoutComments(readFileSync(join(source, name), "utf8"))),
  );
  expect(writing.map((name) => name.split(/[\\/]/)[0])).toEqual(writing.map(() => "terminal"));
  expect(writing.length).toBeGreaterThan(0);
});

it.each([
  "console.log(1)",
  "process.stdout.write(text)",
  "const { stdout } = process;",
  'process["stderr"].write(text)',
  "import { log } from 'console'",
  "writeSync(1, text)",
])("finds %s", (line) => {
  expect(WRITES.test(line)).toBe(true);
});
