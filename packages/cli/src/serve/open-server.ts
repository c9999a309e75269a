import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import { type RunningServer, StartError } from "@segany/server";
import { interruption } from "../interruption.js";
import { confirm } from "../terminal/confirm.js";
import { findImages } from "./find-images.js";

/** A server, and the images that are to be imported into its folder. */
export interface OpenedServer {
  readonly server: RunningServer;
  readonly imports: readonly string[];
}

/**
 * Starts a server on a folder. A folder of images that is none of ours is left as it is: their import into a data folder
 * beside it is offered, in a question on a terminal, in the message elsewhere.
 *
 * @param importFrom the folder whose images the user wants in there
 */
export async function openServer(
  start: (folder: string) => Promise<RunningServer>,
  folder: string,
  importFrom: string | undefined,
): Promise<OpenedServer> {
  const imports = importFrom === undefined ? [] : await findImages(importFrom);
  try {
    return { server: await start(folder), imports };
  } catch (error) {
    if (!(error instanceof StartError) || error.code !== "folder-foreign") throw error;
    return offerImport(start, error, folder, importFrom ?? folder);
  }
}

async function offerImport(
  start: (folder: string) => Promise<RunningServer>,
  refusal: StartError,
  folder: string,
  importFrom: string,
): Promise<OpenedServer> {
  const imports = await findImages(importFrom).catch(() => []);
  if (imports.length === 0) throw refusal;
  const beside = besideFolder(folder);
  const images = `the ${imports.length} images of "${importFrom}"`;
  if (await confirm(`${refusal.message} Copy ${images} to "${beside}", and serve that?`, interruption))
    return { server: await start(beside), imports };
  const command = `segany serve ${quote(beside)} --import ${quote(importFrom)}`;
  throw new StartError(
    refusal.code,
    `${refusal.message} To work on ${images}, copy them into one: ${command}`,
  );
}

/** "photos" → "photos-segany", written as the user would. */
export function besideFolder(folder: string): string {
  const path = resolve(folder);
  const beside = resolve(dirname(path), `${basename(path) || "images"}-segany`);
  return isAbsolute(folder) ? beside : relative("", beside);
}

function quote(path: string): string {
  return /^[\w./\\:~-]+$/.test(path) ? path : `"${path}"`;
}
