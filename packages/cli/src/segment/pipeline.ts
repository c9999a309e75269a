/** The result of a step: errors are values, so that a step may fail before anyone awaits it. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** The two steps for every item. */
export interface PipelineSteps<Item, Found> {
  /**
   * Called for an item while at most one item before it is still in this step; the work itself may be queued.
   */
  readonly find: (item: Item, index: number) => Promise<Found>;
  /** Called in order, one at a time, while later items are being found. A rejection ends the pipeline. */
  readonly finish: (found: Settled<Found>, item: Item, index: number) => Promise<void>;
  /** Called before an item is awaited. */
  readonly onTurn?: (item: Item, index: number) => void;
}

/**
 * Runs items through two steps: one item is finished while the next is found and the one after it is
 * prefetched. At most three are in memory.
 *
 * @throws what `finish` throws, after running steps have ended
 */
export async function runPipeline<Item, Found>(
  items: readonly Item[],
  { find, finish, onTurn }: PipelineSteps<Item, Found>,
): Promise<void> {
  const start = (index: number) =>
    index < items.length ? settle(() => find(items[index]!, index)) : undefined;
  let finishing: Promise<Settled<void>> = Promise.resolve({ ok: true, value: undefined });
  let current = start(0);
  for (const [index, item] of items.entries()) {
    const next = start(index + 1);
    onTurn?.(item, index);
    const found = await current!;
    const finished = await finishing;
    if (!finished.ok) {
      await next;
      throw finished.error;
    }
    finishing = settle(() => finish(found, item, index));
    current = next;
  }
  const finished = await finishing;
  if (!finished.ok) throw finished.error;
}

async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}
