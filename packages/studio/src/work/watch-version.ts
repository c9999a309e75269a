/** Which version of its model a project uses, now and from now on. */

import type { ApiClient } from "../api/api-client.js";
import type { EngineClient } from "../api/engine.js";
import { isAbort } from "../errors.js";
import type { WorkVersion } from "../state/work.js";

/** After the server has broken off. */
const AGAIN_MS = 5000;

export interface VersionFollowerParts {
  readonly client: Pick<ApiClient, "watchVersion">;
  readonly engine: Pick<EngineClient, "getCurrentModel">;
  /** null: the server's own model. */
  readonly onVersion: (version: WorkVersion | null) => void;
}

/** Follows one project at a time. */
export interface VersionFollower {
  /** Resolves when the present version is known. */
  follow(project: string): Promise<void>;
  close(): void;
}

export function createVersionFollower({ client, engine, onVersion }: VersionFollowerParts): VersionFollower {
  let followed: string | null = null;
  let stop: () => void = () => undefined;
  return {
    async follow(project) {
      if (followed === project) return;
      stop();
      onVersion((await engine.getCurrentModel({ params: { project } })).version);
      followed = project;
      stop = listenWhileSeen((signal) =>
        client.watchVersion(project, ({ version }) => onVersion(version), signal),
      );
    },
    close: () => stop(),
  };
}

/**
 * Listens while the page is seen: browsers have few connections to a server, and a page behind others hears
 * of the present version when it is seen again.
 *
 * @returns ends it
 */
function listenWhileSeen(hear: (signal: AbortSignal) => Promise<void>): () => void {
  let listening: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function listen(): void {
    clearTimeout(timer);
    if (listening || document.visibilityState === "hidden") return;
    const own = new AbortController();
    listening = own;
    hear(own.signal).catch((error) => {
      if (isAbort(error)) return;
      if (listening === own) listening = null;
      timer = setTimeout(listen, AGAIN_MS);
    });
  }

  function stop(): void {
    clearTimeout(timer);
    listening?.abort();
    listening = null;
  }

  const look = () => (document.visibilityState === "hidden" ? stop() : listen());
  document.addEventListener("visibilitychange", look);
  listen();
  return () => {
    document.removeEventListener("visibilitychange", look);
    stop();
  };
}
