import type { EngineClient } from "../api/engine.js";
import type { Outbox, WaitingChange } from "../storage/outbox.js";
import { formatNumberOf } from "../text.js";
import { nextToSend } from "./waiting-changes.js";

/** Whose changes, and the job that is open: that one sends its own. */
export interface LeftoverParts {
  readonly engine: Pick<EngineClient, "takeLock" | "saveAnnotations" | "releaseLock">;
  readonly outbox: Outbox;
  readonly person: string;
  readonly job: string | null;
}

/**
 * Sends what earlier visits to this page left in the browser, for jobs that are not open. What can't be sent
 * now stays, to be tried with the next visit.
 */
export async function sendLeftovers(parts: LeftoverParts, tell: (text: string) => void): Promise<void> {
  const left = (await parts.outbox.list(parts.person)).filter(({ job }) => job !== parts.job);
  const images = new Map<string, WaitingChange[]>();
  for (const each of left) {
    const key = `${each.job}/${each.image}`;
    images.set(key, [...(images.get(key) ?? []), each]);
  }
  let sent = 0;
  for (const changes of images.values()) sent += await sendImage(parts, changes).catch(() => 0);
  if (sent > 0) tell(`${formatNumberOf(sent, "change")} of an earlier visit reached the server.`);
}

async function sendImage(
  { engine, outbox }: LeftoverParts,
  changes: readonly WaitingChange[],
): Promise<number> {
  const { job, image } = changes[0]!;
  const params = { job, image };
  const { number } = await engine.takeLock({ params });
  let waiting = changes.map(({ change }) => ({ change, isSent: true }));
  let sent = 0;
  while (waiting.length > 0) {
    const batch = nextToSend(waiting).map(({ change }) => change);
    const results = await engine.saveAnnotations({ params, body: { number, changes: batch } });
    const saved = results.filter(({ result }) => result === "saved");
    await outbox.remove(saved.map(({ change }) => change));
    sent += saved.length;
    // What another has changed meanwhile is shown beside this version when the image is opened.
    const isStuck = new Set(
      results.flatMap(({ annotation, result }) => (result === "conflict" ? annotation : [])),
    );
    const isSent = new Set(saved.map(({ change }) => change));
    waiting = waiting.filter(({ change }) => !isSent.has(change.change) && !isStuck.has(change.annotation));
  }
  await engine.releaseLock({ params, query: { number } });
  return sent;
}
