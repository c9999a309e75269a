/** What became of one step: errors are values here, so that a step that nobody waits for yet may fail. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** The two steps that every item goes through. */
export interface PipelineSteps<Item, Found> {
  /** Called for an item while at most one before it is still at this step; the work itself may queue up. */
  readonly find: (item: Item, index: number) => Promise<Found>;
  /** Called in order, one at a time, while the next items are being found. A rejection ends the pipeline. */
  readonly finish: (found: Settled<Found>, item: Item, index: number) => Promise<void>;
  /** Called before an item is waited for. */
  readonly onTurn?: (item: Item, index: number) => void;
}

/**
 * Runs items through two steps, so that an item is finished while the next is found and the one after that is made
 * ready. At most three are in memory, however many there are.
 *
 * @throws what `finish` throws, after the steps under way have ended
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
