import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreLocation } from "@segany/data-engine";
import { onTestFinished } from "vitest";
import { addTeam, type Team } from "./engine-team.js";
import { type AppParts, type OpenedApp, openApp } from "./open-app.js";

/** A path for a database, removed after the test. */
export async function databaseFile(): Promise<{ readonly file: string }> {
  const root = await mkdtemp(join(tmpdir(), "segany-engine-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return { file: join(root, "engine.sqlite") };
}

/** An app whose database has a team. @param at the database; a new file by default */
export async function openTeamApp(
  parts: AppParts = {},
  at?: StoreLocation,
): Promise<OpenedApp & { readonly team: Team; readonly engineAt: StoreLocation }> {
  const engineAt = at ?? (await databaseFile());
  const opened = await openApp({}, undefined, { engineAt, ...parts });
  const team = await addTeam(await opened.services.engine.open(), engineAt, opened.image.id);
  return { ...opened, team, engineAt };
}
