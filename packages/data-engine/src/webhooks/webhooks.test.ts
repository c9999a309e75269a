import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { LIMITS } from "../../../../scripts/testing/limits.mjs";
import { audit } from "../audit.js";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { openTeam } from "../testing/team.js";
import { checkUrl } from "./check-url.js";
import { post, signBody } from "./post.js";
import { isPublicAddress } from "./private-addresses.js";
import { type DeliveryOptions, MAX_DELIVERY_ATTEMPTS, runDeliveries } from "./run-deliveries.js";
import { createWebhooks } from "./webhooks.js";

const SECRET = "sixteen characters and more";

/** A receiver that answers with the given statuses, the last one again and again. */
async function startReceiver(statuses: number[] = [200], headers: Record<string, string> = {}) {
  const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    response.writeHead(statuses.length > 1 ? statuses.shift()! : statuses[0]!, headers).end("thank you");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { received, port, url: `http://127.0.0.1:${port}/hook` };
}

onBothDatabases("webhooks", (open) => {
  async function openHooks() {
    const team = await openTeam(open);
    const context = { db: team.db, now: Date.now };
    const webhooks = createWebhooks(context, { allowPrivate: true });
    const { project, people } = team;
    const create = (url: string, events = ["create:task", "update:job"]) =>
      webhooks.create(people.olga, { project, url, events, secret: SECRET });
    const tell = (event: string, of = project) =>
      audit(context.db, Date.now(), {
        person: people.anna,
        event,
        project: of,
        object: "o",
        details: { a: 1 },
      });
    const run = (more: Partial<DeliveryOptions> = {}) => {
      const abort = new AbortController();
      const options = {
        pollMs: 5,
        retryDelayMs: () => 0,
        allowPrivate: true,
        timeoutMs: LIMITS.eventMs,
        ...more,
      };
      const ended = runDeliveries(context, { ...options, signal: abort.signal });
      const end = () => {
        abort.abort();
        return ended;
      };
      onTestFinished(end);
      return end;
    };
    const events = async (id: string) => (await webhooks.deliveries(id)).map(({ event }) => event).sort();
    return { ...team, context, webhooks, create, tell, run, events };
  }

  it("are told of what they want, signed", async () => {
    const { create, tell, run, webhooks, people, project } = await openHooks();
    const { received, url } = await startReceiver();
    const { id } = await create(url);
    await tell("create:task");
    run();
    await expect.poll(() => received.length).toBe(1);
    const [{ headers, body }] = received;
    expect(headers["x-signature-256"]).toBe(
      `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
    );
    expect(headers).toMatchObject({ "content-type": "application/json", "x-segany-event": "create:task" });
    await expect.poll(async () => (await webhooks.deliveries(id))[0].state).toBe("delivered");
    const [delivery] = await webhooks.deliveries(id);
    expect(delivery).toMatchObject({ event: "create:task", attempt: 1, status: 200, error: null, body });
    expect(JSON.parse(body)).toMatchObject({
      ...{ delivery: delivery.id, event: "create:task", project, person: people.anna, object: "o" },
      details: { a: 1 },
    });
  });

  it("hear of changes with names of their own as updates, and of nothing else", async () => {
    const { create, tell, events } = await openHooks();
    const { id } = await create("http://127.0.0.1:1/");
    for (const event of ["accept:job", "create:job", "delete:job", "update:task", "create:task"])
      await tell(event);
    await tell("create:task", "another project");
    expect(await events(id)).toEqual(["accept:job", "create:task"]);
  });

  it("hear of what a team does, and of nothing that was taken back", async () => {
    const { create, addTask, events, db, project } = await openHooks();
    const { id } = await create("http://127.0.0.1:1/");
    await addTask(2);
    const failing = db.transaction().execute(async (trx) => {
      await audit(trx, 0, { person: null, event: "create:task", project, object: "o" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await events(id)).toEqual(["create:task"]);
  });

  it("are told again after failures, which are listed", async () => {
    const { create, tell, run, webhooks } = await openHooks();
    const { received, url } = await startReceiver([500, 302, 204], { location: "http://127.0.0.1:1/" });
    const { id } = await create(url);
    await tell("create:task");
    run();
    await expect.poll(async () => (await webhooks.deliveries(id))[0].state).toBe("delivered");
    expect((await webhooks.deliveries(id))[0]).toMatchObject({ attempt: 3, status: 204 });
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  it("are given up after the last attempt, and told again when somebody asks", async () => {
    const { create, tell, run, webhooks } = await openHooks();
    const statuses = [503];
    const { received, url } = await startReceiver(statuses);
    const { id } = await create(url);
    await tell("create:task");
    const end = run();
    await expect.poll(async () => (await webhooks.deliveries(id))[0].state).toBe("failed");
    const [failed] = await webhooks.deliveries(id);
    expect(failed).toMatchObject({ attempt: MAX_DELIVERY_ATTEMPTS, error: "The response was 503." });
    expect(received).toHaveLength(MAX_DELIVERY_ATTEMPTS);
    await end();
    statuses[0] = 200;
    expect(await webhooks.redeliver(id, failed.id)).toMatchObject({ state: "waiting", attempt: 0 });
    run();
    await expect.poll(async () => (await webhooks.deliveries(id))[0].state).toBe("delivered");
    await expect(webhooks.redeliver("other", failed.id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("do not wait for each other", async () => {
    const { create, tell, run, webhooks } = await openHooks();
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => {
      silent.close();
      silent.closeAllConnections();
    });
    const slow = await create(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
    const fast = await create((await startReceiver()).url);
    for (let i = 0; i < 3; i++) await tell("create:task");
    const end = run();
    await expect
      .poll(async () => (await webhooks.deliveries(fast.id)).map(({ state }) => state))
      .toEqual(["delivered", "delivered", "delivered"]);
    await end();
    const waiting = await webhooks.deliveries(slow.id);
    expect(waiting.map(({ state }) => state)).toEqual(["waiting", "waiting", "waiting"]);
    expect(waiting.every(({ attempt }) => attempt === 0)).toBe(true);
  });

  it("show their secret once, and never in lists or in the audit log", async () => {
    const { webhooks, create, project, people, db } = await openHooks();
    const { id, secret } = await create("https://example.org/hook");
    expect(secret).toBe(SECRET);
    const [listed] = await webhooks.list(project);
    expect(listed).toMatchObject({
      id,
      url: "https://example.org/hook",
      events: ["create:task", "update:job"],
    });
    const seen = [listed, await webhooks.get(id), await db.selectFrom("audit_log").selectAll().execute()];
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    const made = { project, url: "https://example.org/", events: ["create:task"] };
    expect((await webhooks.create(people.olga, made)).secret).toHaveLength(43);
  });

  it("are told nothing more once they are deleted", async () => {
    const { webhooks, create, tell, project, people } = await openHooks();
    const { id } = await create("https://example.org/hook");
    await tell("create:task");
    await webhooks.delete(people.olga, id);
    await tell("create:task");
    expect(await webhooks.deliveries(id)).toMatchObject([
      { state: "failed", error: "The webhook was deleted." },
    ]);
    expect(await webhooks.list(project)).toEqual([]);
    await expect(webhooks.delete(people.olga, id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("refuse what can't be used", async () => {
    const { webhooks, people, project } = await openHooks();
    const good = { project, url: "https://example.org/", events: ["create:task"] };
    const bad = [{ events: [] }, { events: ["create:nothing"] }, { secret: "short" }, { url: "file:///etc" }];
    for (const more of bad)
      await expect(webhooks.create(people.olga, { ...good, ...more })).rejects.toMatchObject({
        code: "invalid",
      });
    await expect(webhooks.create(people.olga, { ...good, project: "none" })).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("addresses of webhooks", () => {
  it.each([
    ["ftp://example.org/"],
    ["example.org"],
    ["http://me:pw@example.org/"],
    ["http://localhost/"],
    ["http://x.localhost:80/"],
    ["http://printer.local/"],
    ["http://127.0.0.1/"],
    ["http://0x7f.1/"],
    ["http://2130706433/"],
    ["http://10.1.2.3/"],
    ["http://169.254.169.254/latest/meta-data"],
    ["http://[::1]/"],
    ["http://[::ffff:127.0.0.1]/"],
    ["http://[fd00::1]/"],
    ["http://[64:ff9b::7f00:1]/"],
  ])("can't be %s", (url) => {
    expect(() => checkUrl(url, false)).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  it("can be public ones, and private ones where that is allowed", () => {
    for (const url of ["https://example.org/x?y", "http://8.8.8.8/", "http://[2606:4700::1111]:8080/"])
      expect(checkUrl(url, false).href).toBe(url);
    expect(checkUrl("http://127.0.0.1:3000/", true).port).toBe("3000");
  });

  it.each([
    ["8.8.8.8", true],
    ["172.15.255.255", true],
    ["172.16.0.1", false],
    ["192.168.0.1", false],
    ["100.64.0.1", false],
    ["0.0.0.0", false],
    ["255.255.255.255", false],
    ["2606:4700::1111", true],
    ["::", false],
    ["fe80::1", false],
    ["2002:7f00:1::", false],
    ["::ffff:8.8.8.8", false],
    ["name", false],
  ])("%s is public: %s", (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  it("are checked again after the name was looked up", async () => {
    const { received, port } = await startReceiver();
    // A name for this machine that is not refused by its spelling.
    const { hostname } = await import("node:os");
    const delivery = {
      ...{
        url: `http://${hostname()}:${port}/`,
        secret: SECRET,
        event: "e",
        body: "{}",
        timeoutMs: LIMITS.eventMs,
      },
      ...{ allowPrivate: false, signal: new AbortController().signal },
    };
    await expect(post(delivery)).rejects.toThrow(/not on the public internet|ENOTFOUND|EAI_AGAIN/);
    expect(received).toEqual([]);
  });

  it("get the signature that anybody can compute", () => {
    // echo -n '{"a":1}' | openssl dgst -sha256 -hmac key
    expect(signBody("key", '{"a":1}')).toBe(
      "sha256=88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342",
    );
  });
});
