import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createProgress } from "./progress.js";

const NASTY = "a\u001b[2J\u009b31m\u202eb\nsegany: fake\r{percentage}\u0007";
const ESCAPED = "a\\u001b[2J\\u009b31m\\u202eb\\nsegany: fake\\r{percentage}\\u0007";

function openStream(isTTY: boolean): { stream: NodeJS.WriteStream; written(): string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY, columns: 200, rows: 50 });
  return { stream: terminal as unknown as NodeJS.WriteStream, written: () => text };
}

function showAll(stream: NodeJS.WriteStream): void {
  const progress = createProgress({ stream });
  progress.begin(NASTY, 10);
  progress.update(5, NASTY);
  progress.note(`note ${NASTY}`);
  progress.end(`end ${NASTY}`);
  progress.begin(`open ${NASTY}`);
  progress.update(5, NASTY);
  progress.end();
}

describe("progress", () => {
  it("escapes names in lines", () => {
    const { stream, written } = openStream(false);
    showAll(stream);
    expect(written()).toBe(`note ${ESCAPED}\nend ${ESCAPED}\n`);
  });

  it("escapes names in bars, and fills nothing into them", () => {
    const { stream, written } = openStream(true);
    showAll(stream);
    for (const part of [
      `${ESCAPED} [`,
      `note ${ESCAPED}\n`,
      `end ${ESCAPED}\n`,
      `open ${ESCAPED}: ${ESCAPED}`,
    ])
      expect(written()).toContain(part);
    for (const raw of ["\u001b[2J", "\u009b", "\u202e", "\u0007", "\nsegany"])
      expect(written()).not.toContain(raw);
  });

  it("says nothing when quiet", () => {
    const { stream, written } = openStream(true);
    const progress = createProgress({ quiet: true, stream });
    progress.begin("a", 1);
    progress.note("b");
    progress.end("c");
    expect(written()).toBe("");
  });
});
