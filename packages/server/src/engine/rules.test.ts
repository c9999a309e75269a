import { createHash } from "node:crypto";
import { openStore } from "@segany/data-engine";
import type { FastifyInstance } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import type { EngineRoute, Rule } from "../contract/engine/route.js";
import { ENGINE_ROUTES } from "../contract/engine/routes.js";
import { OPERATIONS } from "../http/operations.js";
import { openTeamApp } from "../testing/engine-app.js";
import { ROLES, type Team } from "../testing/engine-team.js";

const local = { host: "localhost" };

type Headers = Readonly<Record<string, string>>;

/** An app whose database has a team, and everyone who may send it a request. */
async function openTeam() {
  const { team, engineAt, ...opened } = await openTeamApp();
  const parts = await opened.services.engine.open();
  const disabled = await parts.people.add({ name: "disabled" }, null);
  const revoked = await parts.tokens.create(team.people.owner.id, "revoked");
  const ofDisabled = await parts.tokens.create(disabled.id, "test");
  await parts.tokens.revoke(team.people.owner.id, revoked.id);
  await parts.people.update(disabled.id, { disabled: true }, null);
  const expired = await parts.sessions.begin(team.people.owner);
  const { db, close } = await openStore(engineAt);
  onTestFinished(close);
  await db
    .updateTable("session")
    .set({ expires_at: Date.now() })
    .where("secret_hash", "=", createHash("sha256").update(expired.secret).digest("hex"))
    .execute();
  const nobodies: Readonly<Record<string, Headers>> = {
    "without login": {},
    "with a forged session": { cookie: `segany_session=session_${"A".repeat(43)}` },
    "with an expired session": { cookie: `segany_session=${expired.secret}` },
    "with a forged token": { authorization: `Bearer segany_${"A".repeat(43)}` },
    "with a revoked token": { authorization: `Bearer ${revoked.secret}` },
    "with a disabled person's token": { authorization: `Bearer ${ofDisabled.secret}` },
    "with a password": { authorization: "Basic b3duZXI6Y29ycmVjdCBob3JzZQ==" },
    "named by a header": { "x-forwarded-user": "owner", "remote-user": "owner" },
  };
  return { ...opened, parts, team, nobodies };
}

function send(app: FastifyInstance, { method, url }: EngineRoute, ids: Headers, headers: Headers) {
  const path = url.replace(/:([\w-]+)/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined)
      throw new Error(`The test has no object for ":${name}" of ${url}; add it to addTeam.`);
    return id;
  });
  return app.inject({ method, url: path, headers: { ...local, ...headers } });
}

/** The status for a person who is refused; undefined for one who may. */
function refusalOf(rule: Rule, name: keyof Team["people"]): 403 | 404 | undefined {
  if (rule.who === "anyone" || rule.who === "signed-in" || name === "administrator") return undefined;
  if (rule.who === "administrator") return 403;
  if (name === "stranger") return 404;
  const least = rule.who === "member" ? rule.role : rule.or;
  return ROLES.indexOf(name) <= ROLES.indexOf(least) ? undefined : 403;
}

const routes = Object.entries<EngineRoute>(ENGINE_ROUTES);

/** What only the person whose turn it is may do, besides the rule. */
const FORBIDDEN_BY_HANDLERS = ["completeJob", "acceptJob", "takeLock"];

/** Those that take something away come last. */
const inOrder = [...routes].sort(
  ([, a], [, b]) => Number(a.method === "DELETE") - Number(b.method === "DELETE"),
);

describe("every route of the table", () => {
  test("has a rule, whose object is in its path", () => {
    for (const [name, { rule, url, method, body }] of routes) {
      expect(["anyone", "signed-in", "administrator", "member", "participant"], name).toContain(rule.who);
      if ("of" in rule) expect(url, name).toContain(`/:${rule.of}`);
      if (method === "GET" || method === "DELETE") expect(body, name).toBeUndefined();
    }
  });

  test("that anyone may call is one of these", () => {
    const open = routes.filter(([, { rule }]) => rule.who === "anyone").map(([name]) => name);
    expect(open.sort()).toEqual([
      "getInvitationOffer",
      "getSession",
      "joinByInvitation",
      "signIn",
      "signOut",
    ]);
  });

  test("refuses whoever may not call it", async () => {
    const { app, team, nobodies } = await openTeam();
    for (const [name, route] of routes) {
      for (const [how, headers] of Object.entries(nobodies)) {
        const { statusCode } = await send(app, route, team.project, headers);
        if (route.rule.who === "anyone") expect(statusCode, `${name} ${how}`).not.toBe(403);
        else expect(statusCode, `${name} ${how}`).toBe(401);
      }
      for (const [who, headers] of Object.entries(team.headers)) {
        const refusal = refusalOf(route.rule, who as keyof Team["people"]);
        if (!refusal) continue;
        const { statusCode, body } = await send(app, route, team.project, headers);
        expect(statusCode, `${name} as ${who}: ${body}`).toBe(refusal);
      }
    }
  });

  test("refuses nobody else", async () => {
    const { app, team } = await openTeam();
    for (const [name, route] of inOrder)
      for (const [who, headers] of Object.entries(team.headers)) {
        if (refusalOf(route.rule, who as keyof Team["people"])) continue;
        const { statusCode, body } = await send(app, route, team.project, headers);
        const label = `${name} as ${who}: ${body}`;
        expect([401, 500, 503], label).not.toContain(statusCode);
        if (statusCode === 403) expect(FORBIDDEN_BY_HANDLERS, label).toContain(name);
      }
  });

  test("does not answer other sites' pages, whoever is signed in", async () => {
    const { app, team } = await openTeam();
    for (const [name, route] of routes)
      for (const from of [
        { origin: "http://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
      ]) {
        const headers = { ...team.headers.administrator, ...from } as Headers;
        const { statusCode, body } = await send(app, route, team.project, headers);
        expect([statusCode, JSON.parse(body).code], name).toEqual([403, "forbidden-origin"]);
      }
  });

  test("finds nothing under an id that is none, or another's", async () => {
    const { app, team } = await openTeam();
    const wrong = ["00000000-0000-4000-8000-000000000000", "x", "%00", "..%2f..", "'--", "a".repeat(36)];
    for (const [name, route] of routes.filter(([, { rule }]) => "of" in rule))
      for (const id of wrong) {
        const ids = new Proxy({}, { get: () => id });
        const { statusCode } = await send(app, route, ids, team.headers.administrator);
        expect([404, 400], `${name} ${id}`).toContain(statusCode);
      }
  });
});

describe("every other route, once there are accounts", () => {
  const others = OPERATIONS.filter(({ rule }) => typeof rule === "string").map((operation) => ({
    ...operation,
    route: { method: operation.method.toUpperCase(), url: operation.path } as unknown as EngineRoute,
  }));

  test("needs somebody who is signed in, except for those that tell nothing", async () => {
    const { app, nobodies, image } = await openTeam();
    const open = others.filter(({ rule }) => rule === "anyone").map(({ path }) => path);
    expect(open).toEqual(["/health", "/ready", "/openapi.json"]);
    for (const { rule, route } of others)
      for (const [how, headers] of Object.entries(nobodies)) {
        const { statusCode } = await send(app, route, { id: image.id }, headers);
        const label = `${route.method} ${route.url} ${how}`;
        if (rule === "anyone") expect(statusCode, label).toBe(200);
        else expect(statusCode, label).toBe(401);
      }
  });

  test("tells of a project's images its members only", async () => {
    const { app, team, image } = await openTeam();
    const ofImages = others.filter(({ rule }) => rule === "image");
    expect(ofImages.length).toBeGreaterThan(8);
    for (const { route } of ofImages) {
      const { statusCode } = await send(app, route, { id: image.id }, team.headers.stranger);
      expect(statusCode, `${route.method} ${route.url}`).toBe(404);
    }
    const list = async (headers: Headers, query = "") =>
      (await app.inject({ url: `/v1/images${query}`, headers: { ...local, ...headers } })).json().images
        .length;
    expect(await list(team.headers.worker)).toBe(1);
    expect(await list(team.headers.stranger)).toBe(0);
    expect(await list(team.headers.stranger, `?id=${image.id}`)).toBe(0);
    expect(await list(team.headers.administrator)).toBe(1);
  });

  test("tells of jobs on such an image them only, and of metrics administrators", async () => {
    const { app, team, services, image } = await openTeam();
    const { id } = await services.jobs.submit(image.id, {});
    for (const { route } of others.filter(({ rule }) => rule === "job"))
      expect((await send(app, route, { id }, team.headers.stranger)).statusCode, route.url).toBe(404);
    const url = `/v1/jobs/${id}`;
    const own = await app.inject({ url, headers: { ...local, ...team.headers.worker } });
    expect(own.statusCode).toBe(200);
    const metrics = { method: "GET", url: "/metrics" } as unknown as EngineRoute;
    expect((await send(app, metrics, {}, team.headers.owner)).statusCode).toBe(403);
    expect((await send(app, metrics, {}, team.headers.administrator)).statusCode).toBe(200);
  });

  test("answers with a project's model, and tells of its versions, members only", async () => {
    const { app, team, image } = await openTeam();
    const { model, project } = team.project;
    const urls = [
      `/v1/model?version=${model}`,
      `/v1/model/decoder?version=${model}`,
      `/v1/images/${image.id}/embedding?version=${model}`,
      `/v1/images/${image.id}/events?version=${model}`,
      `/v1/images/${image.id}?version=${model}`,
      `/v1/engine/projects/${project}/model/events`,
    ];
    for (const url of urls) {
      const answer = await app.inject({ url, headers: { ...local, ...team.headers.stranger } });
      expect(answer.statusCode, url).toBe(404);
      expect((await app.inject({ url, headers: local })).statusCode, url).toBe(401);
    }
    for (const what of ["predict", "segment"]) {
      const url = `/v1/images/${image.id}/${what}?version=${model}`;
      const headers = { ...local, ...team.headers.stranger };
      const answer = await app.inject({ method: "POST", url, headers, payload: {} });
      expect(answer.statusCode, url).toBe(404);
    }
    const own = { ...local, ...team.headers.worker };
    const answer = await app.inject({ url: `/v1/engine/projects/${project}/model`, headers: own });
    expect(answer.json()).toEqual({ version: null });
  });

  test("deletes no image of a task", async () => {
    const { app, team, image } = await openTeam();
    const deletion = { method: "DELETE", url: "/v1/images/:id" } as unknown as EngineRoute;
    const { statusCode, body } = await send(app, deletion, { id: image.id }, team.headers.administrator);
    expect([statusCode, JSON.parse(body).code]).toEqual([409, "conflict"]);
  });
});
