import type { Role as EngineRole, Person } from "@segany/data-engine";
import { expect, expectTypeOf, test } from "vitest";
import { openTeamApp } from "../../testing/engine-app.js";
import { PASSWORD } from "../../testing/engine-team.js";
import { fetchFrom } from "../../testing/fetch-from.js";
import { createEngineClient } from "./client.js";
import type { Role } from "./values.js";

async function openClient(who: "administrator" | "owner" | "worker") {
  const { app, team } = await openTeamApp();
  const token = team.headers[who].authorization.slice("Bearer ".length);
  return { client: createEngineClient("http://localhost:8765/", { token, fetch: fetchFrom(app) }), team };
}

test("a client has a function for each route, with the types of its schemas", async () => {
  const { client, team } = await openClient("administrator");
  const ben = await client.addPerson({ body: { name: "Ben", password: PASSWORD } });
  expectTypeOf(ben).toExtend<Person>();
  expect(ben).toMatchObject({ name: "ben", administrator: false });
  const { project } = team.project;
  await client.addMember({ params: { project }, body: { name: "ben", role: "supervisor" } });
  const members = await client.listMembers({ params: { project } });
  expect(members.find(({ person }) => person === ben.id)?.role).toBe("supervisor");
  expect(await client.removeMember({ params: { project, person: ben.id } })).toBeUndefined();
  const page = await client.listPeople({ query: { limit: 2 } });
  expect([page.items.length, page.after]).toEqual([2, page.items[1]!.id]);
  expect((await client.listPeople({ query: { after: page.after! } })).items).toHaveLength(5);
  expect((await client.getSession()).person?.name).toBe("boss");
});

test("a call without what its route takes does not compile", async () => {
  const { client } = await openClient("worker");
  expectTypeOf(client.getSession).toBeCallableWith();
  expectTypeOf(client.setMember).parameter(0).toExtend<{ params: { project: string; person: string } }>();
  expectTypeOf(client.setMember).parameter(0).toExtend<{ body: { role: Role } }>();
  // @ts-expect-error a role that there is not
  const wrong: Parameters<typeof client.addMember>[0]["body"] = { name: "ben", role: "king" };
  await expect(client.addMember({ params: { project: "a" }, body: wrong })).rejects.toThrow();
  // @ts-expect-error no parameters
  await expect(client.listMembers({})).rejects.toThrow();
  expectTypeOf<Role>().toEqualTypeOf<EngineRole>();
});

test("an error has the code of the contract", async () => {
  const { client, team } = await openClient("worker");
  const { project } = team.project;
  const forbidden = client.createInvitation({ params: { project: project! }, body: { role: "worker" } });
  await expect(forbidden).rejects.toMatchObject({ name: "EngineApiError", code: "forbidden", status: 403 });
  const elsewhere = createEngineClient("http://127.0.0.1:1/", {
    fetch: async () => new Response("<html>", { status: 502 }),
  });
  await expect(elsewhere.getSession()).rejects.toThrow(/answered 502.*Segany server/);
});
