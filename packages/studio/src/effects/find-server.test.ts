import { expect, it } from "vitest";
import { StudioError } from "../errors.js";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { findServer } from "./find-server.js";

type Model = Parameters<typeof findServer>[0]["model"];

async function find(isThere: boolean, model: Model) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const found = await findServer({ isThere: async () => isThere, model }, store);
  const { modes, notices } = store.getState();
  return { found, modes, notices: notices.map(({ text }) => text) };
}

const never: Model = () => Promise.reject(new Error("A static host was asked for a model."));
const refusing: Model = () => Promise.reject(new StudioError("unauthorized", "No token."));

it("takes a host that says so for a server, and can work in every mode", async () => {
  const answering = (async () => ({})) as unknown as Model;
  expect(await find(true, answering)).toEqual({
    found: true,
    modes: ["server-encodes", "browser", "server"],
    notices: [],
  });
});

it("asks nothing of a static host, and works in this page", async () => {
  expect(await find(false, never)).toEqual({ found: false, modes: ["browser"], notices: [] });
});

it("says so when the server is there but refuses, and works in this page", async () => {
  const { found, modes, notices } = await find(true, refusing);
  expect([found, modes]).toEqual([false, ["browser"]]);
  expect(notices).toEqual(["The server is there but does not help. No token."]);
});
