import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import { type RunningServer, StartError } from "@segany/server";
import { interruption } from "../interruption.js";
import { confirm } from "../terminal/confirm.js";
import { findImages } from "./find-images.js";
import { quoteArgument } from "./quote-argument.js";

/** A server, and the images to import into its folder. */
export interface OpenedServer {
  readonly server: RunningServer;
  readonly imports: readonly string[];
}

/**
 * Starts a server on a folder. A folder of images that is not a data folder stays unchanged: on a terminal
 * the user is asked whether to import the images into a data folder beside it; otherwise the error message
 * has the command for that.
 *
 * @param importFrom the folder whose images the user wants to import
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
  if (await confirm(`${refusal.message} Copy ${images} to "${beside}" and serve that folder?`, interruption))
    return { server: await start(beside), imports };
  const command = `segany serve ${quoteArgument(beside)} --import ${quoteArgument(importFrom)}`;
  throw new StartError(
    refusal.code,
    `${refusal.message} To use ${images}, copy them into a data folder: ${command}`,
  );
}

/** The name of the data folder beside a folder, "photos" → "photos-segany", written as the user would. */
export function besideFolder(folder: string): string {
  const path = resolve(folder);
  const beside = resolve(dirname(path), `${basename(path) || "images"}-segany`);
  return isAbsolute(folder) ? beside : relative("", beside);
}
