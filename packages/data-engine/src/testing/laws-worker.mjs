import { once } from "node:events";

/**
 * A worker in a process of its own, to be killed and paused. It prints a line for each event, and for each
 * effect that is written but not committed. Arguments: JSON with `location`, `worker`, `leaseMs`, `redis` for
 * an engine that has one, and `once` for a worker that ends after its first item.
 *
 * @param library `@segany/data-engine`
 * @param openEngine makes the engine under test of the queue in the database
 */
export async function runLawsWorker(library, openEngine) {
  const { audit, createWorkQueue, openStore, runWorker } = library;
  const { location, worker, leaseMs, redis, once: isOnce } = JSON.parse(process.argv[2]);
  const store = await openStore(location);
  const { queue, close } = openEngine(
    createWorkQueue({ db: store.db, now: Date.now }, { retryDelayMs: () => 0 }),
    redis,
  );
  const print = (event, item) =>
    process.stdout.write(`${JSON.stringify({ event, payload: item?.payload })}\n`);

  const effect = (item) => async (trx) => {
    const entry = { person: null, event: "effect", project: null, object: String(item.payload) };
    await audit(trx, Date.now(), { ...entry, details: { worker } });
    print("effect", item);
    return { worker };
  };

  const handlers = {
    count: async (item) => effect(item),
    /** Ends when its process is told to. */
    wait: async (item) => {
      await once(process.stdin, "data");
      return effect(item);
    },
    poison: () => process.kill(process.pid, "SIGKILL"),
  };

  const abort = new AbortController();
  process.once("SIGTERM", () => abort.abort());
  await runWorker(queue, handlers, {
    ...{ worker, leaseMs, heartbeatMs: 20, pollMs: 20, signal: abort.signal },
    drainMs: 3_600_000,
    onEvent({ type, item }) {
      print(type, item);
      if (isOnce) abort.abort();
    },
  });
  await close();
  await store.close();
  process.stdin.destroy();
}
