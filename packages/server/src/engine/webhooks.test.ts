import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { addTeam } from "../testing/engine-team.js";
import { openApp } from "../testing/open-app.js";

async function openTeam(privateWebhooks?: boolean) {
  const root = await mkdtemp(join(tmpdir(), "segany-webhooks-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const engineAt = { file: join(root, "engine.sqlite") };
  const { app, services, image } = await openApp({}, undefined, { engineAt, privateWebhooks });
  const engine = await services.engine.open();
  const team = await addTeam(engine, engineAt, image.id);
  const call = async (method: "GET" | "POST" | "DELETE", path: string, payload?: object) => {
    const headers = { host: "localhost", ...team.headers.maintainer };
    const url = `/v1/engine/${path}`;
    const { statusCode, body } = await app.inject({ method, url, headers, ...(payload && { payload }) });
    return { statusCode, body: body === "" ? undefined : JSON.parse(body) };
  };
  return { engine, team, call, project: team.project.project!, administrator: team.people.administrator };
}

test("a project's changes are queued for its webhook, which shows its secret once", async () => {
  const { engine, call, project, administrator } = await openTeam(true);
  const url = "http://127.0.0.1:9/hook";
  const made = await call("POST", `projects/${project}/webhooks`, { url, events: ["update:project"] });
  expect(made).toMatchObject({ statusCode: 201, body: { url, secret: expect.stringMatching(/^.{40,}$/) } });
  const { id } = made.body;
  const listed = await call("GET", `projects/${project}/webhooks`);
  expect(listed.body).toEqual(expect.arrayContaining([expect.objectContaining({ id, url })]));
  expect(JSON.stringify(listed.body)).not.toContain(made.body.secret);

  const { version } = await engine.projects.get(project);
  await engine.projects.update(administrator.id, project, version, { name: "another" });
  const { body: page } = await call("GET", `webhooks/${id}/deliveries?limit=1`);
  expect(page).toMatchObject({ items: [{ event: "update:project", state: "waiting", status: null }] });
  const again = await call("POST", `webhooks/${id}/deliveries/${page.items[0].id}/redelivery`);
  expect(again).toMatchObject({ statusCode: 200, body: { id: page.items[0].id, attempt: 0 } });

  expect((await call("DELETE", `webhooks/${id}`)).statusCode).toBe(204);
  expect((await call("GET", `projects/${project}/webhooks`)).body).not.toEqual(
    expect.arrayContaining([expect.objectContaining({ id })]),
  );
});

test("addresses in private networks, other schemes and unknown events are refused", async () => {
  const { call, project } = await openTeam();
  const events = ["update:project"];
  for (const body of [
    { url: "http://127.0.0.1:9/hook", events },
    { url: "http://[::1]/", events },
    { url: "ftp://example.com/", events },
    { url: "https://example.com/", events: ["everything"] },
    { url: "https://example.com/", events, secret: "short" },
  ]) {
    const answer = await call("POST", `projects/${project}/webhooks`, body);
    expect([answer.statusCode, JSON.stringify(body)]).toEqual([400, JSON.stringify(body)]);
  }
});
