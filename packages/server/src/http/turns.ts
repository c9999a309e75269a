/** Gives a function that runs work one after the other, in the order in which it came. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = last.then(work);
    last = run.catch(() => undefined); // who asked hears of it
    return run;
  };
}
