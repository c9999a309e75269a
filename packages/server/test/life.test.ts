import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type EmbeddingStatus, type PredictRequest, paths } from "@segany/server/contract";
import { describe, expect, it } from "vitest";
import { createClient, expectError, json, multipart, send } from "./client.js";
import { readEvents } from "./events.js";
import { createWorkplace, descendants, isAlive } from "./server-process.js";
import { paintImage, stillLife } from "./test-images.js";

const workplace = createWorkplace();
const POINT: PredictRequest = { pointCoords: [[30, 30]], pointLabels: [1] };

/** Waits until the image's encoding has begun. */
async function untilEncoding(address: string, id: string): Promise<void> {
  for await (const { data } of readEvents(`${address}/${paths.imageEvents(id)}`)) {
    const { state } = data as EmbeddingStatus;
    if (state === "encoding") return;
    expect(state).toBe("queued");
  }
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

describe("segany serve", () => {
  it("has embeddings, images and masks again after a restart, without encoding again", async () => {
    const directory = workplace.folder("restarted");
    const first = await workplace.start(directory);
    const { id } = await createClient(first.address).upload(stillLife, "still-life.jpg");
    const embedding = await send(first.address, { path: `/${paths.embedding(id, "float32")}` });
    const masks = {
      image: { image_id: 7, width: 1200, height: 800, file_name: "still-life.jpg", extra: "kept" },
      annotations: [{ segmentation: { size: [800, 1200], counts: "P`Ym0" }, id: 3, label: "pear" }],
    };
    const keep = { method: "PUT", path: `/${paths.masks(id)}`, ...json(masks) };
    const fresh = await send(first.address, { path: `/${paths.masks(id)}` });
    expect([fresh.status, fresh.text]).toEqual([204, ""]);
    expectError(await send(first.address, { path: `/${paths.masks("0".repeat(64))}` }), "not-found");
    expect((await send(first.address, keep)).status).toBe(204);
    const info = await createClient(first.address).image(id);
    expect([0, 130]).toContain((await first.end()).status);

    const second = await workplace.start(directory);
    expect(await createClient(second.address).image(id)).toEqual(info);
    expect(info.embedding).toEqual({ state: "ready" });
    const again = await send(second.address, { path: `/${paths.embedding(id, "float32")}` });
    expect(again.body.equals(embedding.body)).toBe(true);
    expect(JSON.parse((await send(second.address, { path: `/${paths.masks(id)}` })).text)).toEqual(masks);
    await second.end();
  });

  it("keeps no more embeddings than it may, the ones used last, and makes the others again", async () => {
    const directory = workplace.folder("small-cache");
    const server = await workplace.start(directory, ["--embedding-cache", "13"]); // two of 6 MiB
    const client = createClient(server.address);
    const ids: string[] = [];
    for (let seed = 1; seed <= 4; seed++) {
      const { id } = await client.upload(await paintImage(seed));
      await client.predict(id, POINT);
      ids.push(id);
    }
    const states = async () => Promise.all(ids.map(async (id) => (await client.image(id)).embedding.state));
    expect(await states()).toEqual(["none", "none", "ready", "ready"]);
    expect((await client.predict(ids[0]!, POINT)).masks).toHaveLength(3);
    const bytes = /segany_embedding_bytes (\d+)/.exec(
      (await send(server.address, { path: "/metrics" })).text,
    )?.[1];
    expect(Number(bytes)).toBeLessThanOrEqual(13 * 2 ** 20);
    expect(Number(bytes)).toBeGreaterThan(6 * 2 ** 20);
    await server.end();
  });

  it("encodes an image once however many ask, and answers /health meanwhile", async () => {
    const server = await workplace.start(workplace.folder("shared"));
    const client = createClient(server.address);
    const { id } = await client.upload(stillLife);
    const asked = Promise.all(Array.from({ length: 6 }, () => client.predict(id, POINT)));
    let healthy = 0;
    let over = false;
    void asked.finally(() => {
      over = true;
    });
    while (!over) {
      expect((await send(server.address, { path: "/health" })).status).toBe(200);
      healthy++;
    }
    expect(healthy).toBeGreaterThan(2); // a server that can't answer meanwhile answers the first at the end
    const answers = await asked;
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const { text } = await send(server.address, { path: "/metrics" });
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds/);
    expect(text).toMatch(
      /segany_request_seconds_count\{[^}]*route="\/v1\/images\/:id\/predict",status="200"[^}]*\} 6/,
    );
    await server.end();
  });

  it("tells clients to come back rather than let them queue without end", async () => {
    const server = await workplace.start(workplace.folder("busy"));
    const client = createClient(server.address);
    const { id } = await client.upload(await paintImage(1));
    await client.predict(id, POINT);
    const click = { method: "POST", path: `/${paths.predict(id)}`, ...json(POINT) };
    const clicks = await Promise.all(Array.from({ length: 300 }, () => send(server.address, click)));
    expect(clicks.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 429]));
    // On a slow machine some wait for longer than they may.
    for (const answer of clicks)
      if (answer.status !== 200) expectError(answer, "too-many-requests", "overloaded");
    const job = { method: "POST", path: `/${paths.segment(id)}`, ...json({ pointsPerSide: 64 }) };
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const answer = await send(server.address, job);
      if (answer.status === 202) continue;
      expectError(answer, "overloaded", "too-many-requests");
      refused++;
    }
    expect(refused).toBeGreaterThan(0);
    expect((await client.predict(id, POINT)).masks).toHaveLength(3);
    await server.end("SIGKILL");
  });

  it("starts a worker anew when one ends, and goes on", async () => {
    const server = await workplace.start(workplace.folder("crash"));
    const client = createClient(server.address);
    const { id } = await client.upload(await paintImage(1));
    await client.predict(id, POINT);
    const workers = descendants(server.pid);
    expect(workers.length).toBeGreaterThanOrEqual(2); // and one that decodes images
    for (const pid of workers) process.kill(pid, "SIGKILL");
    const click = { method: "POST", path: `/${paths.predict(id)}`, ...json(POINT) };
    const clickStatus = async () => {
      const answer = await send(server.address, click);
      if (answer.status !== 200) expectError(answer, "overloaded");
      return answer.status;
    };
    await expect.poll(clickStatus).toBe(200);
    expect((await send(server.address, { path: "/health" })).status).toBe(200);
    await server.end();
  });

  it("finishes what it was asked before it ends, and leaves nothing behind", async () => {
    const directory = workplace.folder("graceful");
    const server = await workplace.start(directory);
    const client = createClient(server.address);
    const { id } = await client.upload(stillLife);
    const embedding = send(server.address, { path: `/${paths.embedding(id, "float32")}` });
    await untilEncoding(server.address, id);
    const idle = connect(Number(new URL(server.address).port), "127.0.0.1"); // never asks anything
    const watching = drain(readEvents(`${server.address}/${paths.imageEvents(id)}`));
    await send(server.address, { path: "/health" }); // the stream is open: it was asked for before
    const workers = descendants(server.pid);
    const ended = server.end("SIGINT");
    const { status, body } = await embedding;
    expect([status, body.length]).toEqual([200, 4 * 256 * 64 * 64]);
    expect((await ended).status).toBe(0);
    await watching;
    idle.destroy();
    expect(workers.filter(isAlive)).toEqual([]);
    await expect(send(server.address, { path: "/health" })).rejects.toThrow();
    const temporary = join(directory, "tmp");
    expect(existsSync(temporary) ? readdirSync(temporary) : []).toEqual([]);
    expect(server.output()).not.toMatch(/\n\s+at /);
  });

  it("clears away uploads that were cut off", async () => {
    const directory = workplace.folder("cut-off");
    const server = await workplace.start(directory);
    const whole = multipart(stillLife);
    const temporary = join(directory, "tmp");
    const half = async function* () {
      yield (whole.body as Buffer).subarray(0, 20_000);
      await expect.poll(() => existsSync(temporary) && readdirSync(temporary)).toHaveLength(1);
      throw new Error("the line is cut");
    };
    const upload = fetch(`${server.address}/${paths.images()}`, {
      method: "POST",
      headers: whole.headers!,
      body: half() as unknown as BodyInit,
      duplex: "half",
    } as RequestInit);
    await expect(upload).rejects.toThrow();
    await expect.poll(() => readdirSync(temporary)).toEqual([]);
    expect(JSON.parse((await send(server.address, { path: "/v1/images" })).text)).toEqual({ images: [] });
    await server.end();
  });
});

describe("the command line of segany serve", () => {
  it("says what is wrong in one line", async () => {
    const server = await workplace.start(workplace.folder("first"));
    const port = new URL(server.address).port;
    const file = workplace.folder("a-file");
    writeFileSync(file, "");
    for (const [directory, args, status, message] of [
      [workplace.folder("x"), ["--port", port], 1, new RegExp(`port ${port}: it is in use`)],
      [file, ["--port", "0"], 1, /a-file/],
      [workplace.folder("x"), ["--port", "99999"], 2, /port/],
      [workplace.folder("x"), ["--workers", "0"], 2, /workers/],
      [workplace.folder("x"), ["--checkpoint", "missing.pth"], 1, /missing\.pth/],
      [workplace.folder("x"), ["--model", "vit_x"], 2, /vit_x/],
    ] as const) {
      const ended = await workplace.run(directory, args);
      expect(ended.output).toMatch(message);
      expect(ended.output).not.toMatch(/\n\s+at /);
      expect(ended.status, ended.output).toBe(status);
    }
    await server.end();
  });

  it("asks for a token on any address but this machine's own, and makes one up", async () => {
    const server = await workplace.start(workplace.folder("open"), ["--host", "0.0.0.0"]);
    const token = /[?&]token=([^\s&]+)/.exec(server.output())?.[1];
    expect(token?.length).toBeGreaterThanOrEqual(24);
    const at = server.address.replace("0.0.0.0", "127.0.0.1");
    expectError(await send(at, { path: "/v1/images" }), "unauthorized");
    const headers = { authorization: `Bearer ${decodeURIComponent(token!)}` };
    expect((await send(at, { path: "/v1/images", headers })).status).toBe(200);
    expect((await send(at, { path: "/v1/images", headers: { ...headers, host: "a.example" } })).status).toBe(
      200,
    );
    await server.end();
  });

  it("describes its API, and says where the page is when it is not built", async () => {
    const server = await workplace.start(workplace.folder("pages"));
    const openapi = JSON.parse((await send(server.address, { path: "/openapi.json" })).text);
    expect(openapi.openapi).toMatch(/^3\.1/);
    const described = Object.keys(openapi.paths);
    for (const path of ["/v1/images", "/v1/images/{id}/predict", "/v1/jobs/{id}/events", "/v1/model"])
      expect(described).toContain(path);
    const page = await send(server.address, { path: "/" });
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toMatch(/^text\/html/);
    expect(page.text).toMatch(/<div id="|npm run build/);
    await server.end();
  });
});
