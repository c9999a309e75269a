import type { KeptMasks } from "@segany/server/contract";
import { afterEach, expect, it, vi } from "vitest";
import { createApiClient } from "./api-client.js";

afterEach(() => void vi.unstubAllGlobals());

const MASKS = {
  image: { image_id: 1, width: 4, height: 4, file_name: "a.png", own: [1] },
  annotations: [{ id: 1, uuid: 7, own: { x: 1 } }],
  own: "field",
};

/** A client of a server that gives one answer, and what it was asked. */
function clientOf(answer: Response) {
  const asked: RequestInit[] = [];
  vi.stubGlobal("fetch", async (_url: string, request: RequestInit) => {
    asked.push(request);
    return answer;
  });
  return { client: createApiClient("http://localhost/"), headers: () => asked.at(-1)!.headers };
}

it("reads kept masks whole, with their version, whatever a version before took", async () => {
  const { client } = clientOf(Response.json(MASKS, { headers: { ETag: '"abc"' } }));
  expect(await client.masks("a")).toEqual({ document: MASKS, version: '"abc"' });
  expect(await clientOf(new Response(null, { status: 204 })).client.masks("a")).toBeNull();
});

it.each([
  [null, { "If-None-Match": "*" }],
  ['"abc"', { "If-Match": '"abc"' }],
])("replaces the version %j only, and hears the new one", async (version, condition) => {
  const { client, headers } = clientOf(new Response(null, { status: 204, headers: { ETag: 'W/"def"' } }));
  // A proxy that packs answers makes the version weak, which a condition can't name.
  expect(await client.keepMasks("a", MASKS as unknown as KeptMasks, { version })).toBe('"def"');
  expect(headers()).toEqual({ ...condition, "Content-Type": "application/json" });
});

it("tells a version that changed from other refusals", async () => {
  const body = { code: "precondition-failed", message: "Changed." };
  const { client } = clientOf(Response.json(body, { status: 412, headers: { ETag: '"x"' } }));
  const kept = client.keepMasks("a", MASKS as unknown as KeptMasks, { version: '"abc"' });
  await expect(kept).rejects.toMatchObject(body);
});

it("asks for embeddings of half floats, which are half as many bytes", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return new Response("no", { status: 404 });
  });
  const signal = new AbortController().signal;
  const embedding = createApiClient("http://localhost/").embedding("a", { signal, onBytes: () => undefined });
  await expect(embedding).rejects.toMatchObject({ code: "not-found" });
  expect(asked).toEqual(["http://localhost/v1/images/a/embedding?dtype=float16"]);
});

it("goes on with no version that it was not told", async () => {
  const { client } = clientOf(new Response(null, { status: 204 }));
  const kept = client.keepMasks("a", MASKS as unknown as KeptMasks, { version: null });
  await expect(kept).rejects.toMatchObject({ code: "answer-invalid" });
});
