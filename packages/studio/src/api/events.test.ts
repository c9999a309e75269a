import { jobEventSchema } from "@segany/server/contract";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "./events.js";

/** What a browser gives for server-sent events; the test is the server. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 1;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    FakeEventSource.opened.push(this);
  }
  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }
  send(event: string, data: unknown): void {
    this.dispatchEvent(
      new MessageEvent(event, { data: typeof data === "string" ? data : JSON.stringify(data) }),
    );
  }
}

beforeEach(() => {
  FakeEventSource.opened = [];
  vi.stubGlobal("EventSource", FakeEventSource);
});
afterEach(() => void vi.unstubAllGlobals());

const PROGRESS = { pointsDone: 1, pointsTotal: 4, candidates: 0 };

function open(signal: AbortSignal = new AbortController().signal) {
  const heard: string[] = [];
  const over = listen("http://here/events", {
    schema: jobEventSchema,
    names: ["progress", "done"],
    signal,
    onEvent: ({ event }) => {
      heard.push(event);
      return event === "done" || heard.length === 2;
    },
  });
  return { over, heard, source: FakeEventSource.opened[0]! };
}

describe("listening to the server", () => {
  it("goes on until the last event, and then hangs up", async () => {
    const { over, heard, source } = open();
    source.send("progress", PROGRESS);
    source.send("progress", PROGRESS);
    await over;
    expect(heard).toEqual(["progress", "progress"]);
    expect(source.readyState).toBe(FakeEventSource.CLOSED);
  });

  it.each(["{", '{"pointsDone":"many"}', "null"])("ends at an event that nobody knows: %s", async (data) => {
    const { over, heard, source } = open();
    source.send("progress", data);
    await expect(over).rejects.toMatchObject({ code: "answer-invalid" });
    expect(heard).toEqual([]);
    expect(source.readyState).toBe(FakeEventSource.CLOSED);
  });

  it("lets the browser come back by itself, and ends only when it gives up", async () => {
    const { over, source } = open();
    source.readyState = 0;
    source.onerror!();
    source.readyState = FakeEventSource.CLOSED;
    source.onerror!();
    await expect(over).rejects.toMatchObject({ code: "server-unreachable" });
  });

  it("ends when it is told to, before or after it began", async () => {
    const controller = new AbortController();
    const { over, source } = open(controller.signal);
    controller.abort();
    await expect(over).rejects.toMatchObject({ name: "AbortError" });
    expect(source.readyState).toBe(FakeEventSource.CLOSED);
    await expect(open(AbortSignal.abort()).over).rejects.toMatchObject({ name: "AbortError" });
  });

  it("passes on what the listener throws", async () => {
    const over = listen("http://here/events", {
      schema: jobEventSchema,
      names: ["progress"],
      signal: new AbortController().signal,
      onEvent: () => {
        throw new Error("cancelled there");
      },
    });
    FakeEventSource.opened[0]!.send("progress", PROGRESS);
    await expect(over).rejects.toThrow("cancelled there");
  });
});
