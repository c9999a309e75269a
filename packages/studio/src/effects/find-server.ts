import type { ApiClient } from "../api/api-client.js";
import { messageOf, StudioError } from "../errors.js";
import type { StudioStore } from "../studio.js";

/** A server that is there answers this at once: it has its model open. */
const ANSWER_WITHIN_MS = 5000;

/** Finds out whether this page comes from a Segany server, and so in which modes the model can run. */
export async function findServer(api: ApiClient, store: StudioStore): Promise<boolean> {
  try {
    await api.model({ signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    store.set(() => ({ modes: ["server-encodes", "browser", "server"] }));
    return true;
  } catch (error) {
    if (isServer(error))
      store.notify("warning", `The server is there but does not help. ${messageOf(error)}`);
    store.set(() => ({ modes: ["browser"] }));
    return false;
  }
}

/** A static host knows no such path, or answers with some page; both is as it should be. */
function isServer(error: unknown): boolean {
  return (
    error instanceof StudioError && ["unauthorized", "forbidden-host", "overloaded"].includes(error.code)
  );
}
