import type { Progress } from "../terminal/progress.js";

/** Shows stages of a run one after another, each with its steps and the time that is left. */
export function stepProgress(progress: Progress) {
  let current: { readonly label: string; readonly startedMs: number; readonly first: number } | undefined;
  return {
    /** @param numbers what a step gave */
    update(label: string, done: number, total: number, numbers?: string): void {
      if (current?.label !== label) {
        progress.begin(label, total);
        current = { label, startedMs: performance.now(), first: done };
      }
      const left = numbers === undefined ? "" : `, ${numbers}${remaining(current, done, total)}`;
      progress.update(done, `${done} of ${total}${left}`);
    },
  };
}

function remaining(
  { startedMs, first }: { readonly startedMs: number; readonly first: number },
  done: number,
  total: number,
): string {
  if (done === first) return "";
  const seconds = (((performance.now() - startedMs) / (done - first)) * (total - done)) / 1000;
  return `, ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
}
