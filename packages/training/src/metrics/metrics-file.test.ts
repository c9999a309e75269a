import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { appendMetrics, dropMetricsAfter, METRICS_FILE, readMetrics } from "./metrics-file.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-metrics-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (text: string) => writeFile(join(folder, METRICS_FILE), text);

it("reads what was added, in order, and nothing of a run without metrics", async () => {
  expect(await readMetrics(folder)).toEqual([]);
  const lines = [
    { step: 1, loss: 0.5 },
    { step: 2, loss: 0.25 },
  ];
  for (const line of lines) await appendMetrics(folder, line);
  expect(await readMetrics(folder)).toEqual(lines);
});

it("leaves out a last line that was cut short", async () => {
  await write('{"step":1,"loss":2}\n{"step":2,"lo');
  expect(await readMetrics(folder)).toEqual([{ step: 1, loss: 2 }]);
});

it("drops what came after a step, the line that was cut short too", async () => {
  await write('{"step":1,"loss":2}\n{"step":2,"loss":1}\n{"step":3,"loss":1}\n{"st');
  await dropMetricsAfter(folder, 2);
  expect(await readFile(join(folder, METRICS_FILE), "utf8")).toBe(
    '{"step":1,"loss":2}\n{"step":2,"loss":1}\n',
  );
});

it.each([
  "",
  "{",
  "null",
  "7",
  "[1]",
  "{}",
  '{"step":1.5}',
  '{"step":1,"loss":null}',
  '{"step":1,"loss":"2"}',
])("refuses the line %j, and names it", async (line) => {
  await write(`{"step":1,"loss":2}\n${line}\n{"step":3,"loss":1}\n`);
  const refused = { code: "run-mismatch", message: expect.stringContaining("line 2 of") };
  await expect(readMetrics(folder)).rejects.toMatchObject(refused);
  await expect(dropMetricsAfter(folder, 5)).rejects.toMatchObject(refused);
});
