import { existsSync } from "node:fs";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, test } from "vitest";
import { databaseFile } from "../testing/engine-app.js";
import { addTeam, PASSWORD } from "../testing/engine-team.js";
import { type AppParts, openApp } from "../testing/open-app.js";

const local = { host: "localhost" };

async function open(parts: AppParts = {}) {
  const engineAt = await databaseFile();
  const opened = await openApp({}, undefined, { engineAt, ...parts });
  const call = (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    headers = {},
    payload?: object,
  ) =>
    opened.app.inject({
      ...{ method, url: `/v1/${url}`, headers: { ...local, ...headers } },
      ...(payload && { payload }),
    });
  return { ...opened, ...engineAt, engineAt, call };
}

async function openTeam(parts: AppParts = {}) {
  const opened = await open(parts);
  const engine = await opened.services.engine.open();
  return { ...opened, engine, team: await addTeam(engine, opened.engineAt, opened.image.id) };
}

function cookieOf({ headers }: LightMyRequestResponse): { cookie: string } {
  return { cookie: String(headers["set-cookie"]).split(";")[0]! };
}

const codeOf = ({ statusCode, body }: LightMyRequestResponse) => [statusCode, JSON.parse(body).code];

describe("without accounts", () => {
  test("the one person needs no login, and a server that nobody asks has no database", async () => {
    const { app, call, file } = await open();
    expect((await call("GET", "images")).json().images).toHaveLength(1);
    const page = await app.inject({ method: "HEAD", url: "/", headers: local });
    expect(page.headers["x-segany-engine"]).toBeUndefined();
    expect(existsSync(file)).toBe(false);
    const session = (await call("GET", "engine/session", { cookie: "segany_session=stale" })).json();
    expect(session).toMatchObject({ by: "local", person: { name: "local", administrator: true } });
    expect((await call("GET", "engine/people")).json().items).toMatchObject([{ name: "local" }]);
    expect((await call("GET", "images")).statusCode).toBe(200);
    const again = await app.inject({ method: "HEAD", url: "/", headers: local });
    expect(again.headers["x-segany-engine"]).toBe("present");
  });

  test("the server's token is asked for where there is one, for the engine too", async () => {
    const { call } = await open({ loopback: false, token: "s3cret" });
    expect(codeOf(await call("GET", "engine/session"))).toEqual([401, "unauthorized"]);
    const bearer = { authorization: "Bearer s3cret" };
    expect((await call("GET", "engine/session", bearer)).json().by).toBe("local");
  });

  test("the first account ends this", async () => {
    const { call } = await open();
    const account = { name: "anna", password: PASSWORD, administrator: true };
    expect((await call("POST", "engine/people", {}, account)).statusCode).toBe(201);
    expect(codeOf(await call("GET", "images"))).toEqual([401, "unauthorized"]);
    expect((await call("GET", "engine/session")).json()).toEqual({ person: null, by: null });
  });

  test("the server's token is no account, once there are some", async () => {
    const { call, services } = await open({ loopback: false, token: "s3cret" });
    await (await services.engine.open()).people.add({ name: "anna" }, null);
    expect(codeOf(await call("GET", "images", { authorization: "Bearer s3cret" }))).toEqual([
      401,
      "unauthorized",
    ]);
    expect((await call("GET", "engine/session")).statusCode).toBe(200);
  });
});

describe("a session", () => {
  test("begins with the password, in a cookie that scripts and other sites can't use", async () => {
    const { call, team } = await openTeam();
    const login = { name: "Worker", password: PASSWORD };
    const answer = await call(
      "POST",
      "engine/session",
      { origin: "https://localhost", host: "localhost" },
      login,
    );
    expect([answer.statusCode, answer.json()]).toEqual([201, { person: team.people.worker, by: "session" }]);
    expect(answer.headers["set-cookie"]).toMatch(
      /^segany_session=session_[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=12\d{5}; Secure$/,
    );
    expect(answer.headers["cache-control"]).toBe("no-store");
    const cookie = cookieOf(answer);
    expect((await call("GET", "engine/session", cookie)).json().person.name).toBe("worker");
    expect((await call("GET", "images", cookie)).json().images).toHaveLength(1);
    expect((await call("HEAD" as "GET", "images")).statusCode).toBe(401);
    const out = await call("DELETE", "engine/session", cookie);
    expect(out.headers["set-cookie"]).toMatch(/^segany_session=;.*Max-Age=0$/);
    expect(codeOf(await call("GET", "images", cookie))).toEqual([401, "unauthorized"]);
  });

  test("is not had by guessing", async () => {
    const { call } = await openTeam();
    const guess = (name: string, password = "wrong word") =>
      call("POST", "engine/session", {}, { name, password });
    const wrong = await guess("owner");
    expect(codeOf(wrong)).toEqual([401, "unauthorized"]);
    expect((await guess("nobody")).body).toBe(wrong.body);
    for (let each = 0; each < 9; each++) await guess("owner");
    const last = await guess("owner", PASSWORD);
    expect([...codeOf(last), last.headers["retry-after"]]).toEqual([429, "too-many-requests", "60"]);
  });

  test("ends when the password is changed", async () => {
    const { call } = await openTeam();
    const signIn = (password: string) => call("POST", "engine/session", {}, { name: "worker", password });
    const cookie = cookieOf(await signIn(PASSWORD));
    const wrong = await call("PUT", "engine/password", cookie, { present: "no", next: "another one" });
    expect(codeOf(wrong)).toEqual([403, "forbidden"]);
    const change = { present: PASSWORD, next: "another one" };
    expect((await call("PUT", "engine/password", cookie, change)).statusCode).toBe(204);
    expect((await call("GET", "images", cookie)).statusCode).toBe(401);
    expect((await signIn("another one")).statusCode).toBe(201);
  });
});

describe("an API token", () => {
  test("is shown once, works as Bearer, and can be revoked", async () => {
    const { call, team } = await openTeam();
    const made = (await call("POST", "engine/tokens", team.headers.worker, { name: "script" })).json();
    const bearer = { authorization: `Bearer ${made.secret}` };
    expect((await call("GET", "engine/session", bearer)).json()).toMatchObject({ by: "token" });
    const list = await call("GET", "engine/tokens", bearer);
    expect(list.body).not.toContain(made.secret);
    expect(list.json()).toHaveLength(2);
    const others = await call("DELETE", `engine/tokens/${made.id}`, team.headers.owner);
    expect(codeOf(others)).toEqual([404, "not-found"]);
    expect((await call("DELETE", `engine/tokens/${made.id}`, bearer)).json().revokedAt).toBeGreaterThan(0);
    expect((await call("GET", "engine/tokens", bearer)).statusCode).toBe(401);
  });
});

describe("an invitation", () => {
  test("makes an account that is signed in, and a member of the project", async () => {
    const { call, team } = await openTeam();
    const { project } = team.project;
    const invite = { role: "supervisor" };
    const made = await call(
      "POST",
      `engine/projects/${project}/invitations`,
      team.headers.maintainer,
      invite,
    );
    const { secret } = made.json();
    const offer = (await call("POST", "engine/invitation-offers", {}, { secret })).json();
    expect(offer).toMatchObject({ projectName: "p", role: "supervisor", invitedBy: "maintainer" });
    const join = { secret, name: "Newcomer", password: PASSWORD };
    const joined = await call("POST", "engine/accounts", {}, join);
    expect(joined.json()).toMatchObject({ project, person: { name: "newcomer", administrator: false } });
    const members = await call("GET", `engine/projects/${project}/members`, cookieOf(joined));
    expect(members.json()).toContainEqual(expect.objectContaining({ name: "newcomer", role: "supervisor" }));
    expect(codeOf(await call("POST", "engine/accounts", {}, { ...join, name: "b" }))).toEqual([
      404,
      "not-found",
    ]);
  });

  test("lets a person with an account join", async () => {
    const { call, team } = await openTeam();
    const path = `engine/projects/${team.project.project}`;
    const made = await call("POST", `${path}/invitations`, team.headers.owner, { role: "worker" });
    expect(codeOf(await call("GET", `${path}/members`, team.headers.stranger))).toEqual([404, "not-found"]);
    const { secret } = made.json();
    expect((await call("POST", "engine/memberships", team.headers.stranger, { secret })).statusCode).toBe(
      201,
    );
    expect((await call("GET", `${path}/members`, team.headers.stranger)).statusCode).toBe(200);
  });
});

describe("a proxy", () => {
  const trustedProxy = { header: "x-forwarded-user", addresses: ["127.0.0.1"] };

  test("that is trusted says who the person is", async () => {
    const { call } = await open({ trustedProxy });
    expect(codeOf(await call("GET", "images"))).toEqual([401, "unauthorized"]);
    const named = { "x-forwarded-user": "anna@example.org" };
    expect((await call("GET", "engine/session", named)).json()).toMatchObject({
      person: { name: "anna@example.org", administrator: false, hasPassword: false },
      by: "proxy",
    });
    expect((await call("GET", "images", named)).statusCode).toBe(200);
    expect(codeOf(await call("GET", "images", { "x-forwarded-user": "a b" }))).toEqual([401, "unauthorized"]);
  });

  test("at another address says nothing", async () => {
    const { call } = await open({ trustedProxy: { ...trustedProxy, addresses: ["192.0.2.1"] } });
    expect((await call("GET", "images", { "x-forwarded-user": "anna" })).statusCode).toBe(401);
  });
});

test("no password, token or session is ever in the log", async () => {
  const lines: string[] = [];
  const { call, team } = await openTeam({ log: (line) => lines.push(line) });
  const signedIn = await call("POST", "engine/session", {}, { name: "worker", password: PASSWORD });
  const { cookie } = cookieOf(signedIn);
  const token = (await call("POST", "engine/tokens", { cookie }, { name: "script" })).json().secret;
  await call("GET", "engine/tokens", { authorization: `Bearer ${token}` });
  await call("POST", "engine/session", {}, { name: "worker", password: "wrong word" });
  await call("POST", "engine/session", {}, { name: "worker", password: 5 });
  await call("PUT", "engine/password", { cookie }, { present: "wrong word", next: PASSWORD });
  await call("POST", "engine/accounts", {}, { secret: "invitation_x", name: "a", password: PASSWORD });
  const log = lines.join("\n");
  expect(log).toContain("/v1/engine/session");
  const secrets = [
    PASSWORD,
    "wrong word",
    token,
    cookie.slice(15),
    team.headers.worker.authorization.slice(7),
  ];
  for (const secret of secrets) expect(log).not.toContain(secret);
});

test("a database that can't be used is told as such, and lets nobody in", async () => {
  const { call } = await open({ engineAt: { url: "postgres://me:geheim@127.0.0.1:1/none" } });
  for (const path of ["images", "engine/session", "engine/people"]) {
    const answer = await call("GET", path);
    expect([...codeOf(answer), answer.headers["retry-after"]]).toEqual([503, "store-failed", "5"]);
    expect(answer.body).not.toContain("geheim");
  }
});
