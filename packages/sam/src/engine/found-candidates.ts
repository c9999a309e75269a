import type { CropTask } from "../proposals/types.js";
import type { Engine } from "./types.js";

/** Records what an engine has found, so that another can find it again when the first is lost. */
export interface FoundCandidates {
  add(task: CropTask): void;
  /** Makes an engine repeat the search of a number, once for all who wait. */
  findAgain(searchId: number, engine: Engine): Promise<void>;
  forget(searchId: number): void;
}

export function createFoundCandidates(): FoundCandidates {
  const tasks = new Map<number, CropTask[]>();
  const searches = new Map<number, Promise<void>>();

  async function search(lost: readonly CropTask[], engine: Engine): Promise<void> {
    for (const task of lost) await engine.propose(task);
  }

  return {
    add: (task) => void tasks.set(task.searchId, [...(tasks.get(task.searchId) ?? []), task]),
    async findAgain(searchId, engine) {
      const lost = tasks.get(searchId);
      tasks.delete(searchId);
      if (lost) searches.set(searchId, search(lost, engine));
      await searches.get(searchId);
    },
    forget(searchId) {
      tasks.delete(searchId);
      searches.delete(searchId);
    },
  };
}
