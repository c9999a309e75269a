import type { CropTask } from "../proposals/types.js";
import type { Engine } from "./types.js";

/** What an engine has found, to be found again by another when the first is lost. */
export interface FoundCandidates {
  add(task: CropTask): void;
  /** Has an engine find what was found under the number, once however many ask. */
  findAgain(proposals: number, engine: Engine): Promise<void>;
  forget(proposals: number): void;
}

export function createFoundCandidates(): FoundCandidates {
  const tasks = new Map<number, CropTask[]>();
  const searches = new Map<number, Promise<void>>();

  async function search(lost: readonly CropTask[], engine: Engine): Promise<void> {
    for (const task of lost) await engine.propose(task);
  }

  return {
    add: (task) => void tasks.set(task.proposals, [...(tasks.get(task.proposals) ?? []), task]),
    async findAgain(proposals, engine) {
      const lost = tasks.get(proposals);
      tasks.delete(proposals);
      if (lost) searches.set(proposals, search(lost, engine));
      await searches.get(proposals);
    },
    forget(proposals) {
      tasks.delete(proposals);
      searches.delete(proposals);
    },
  };
}
