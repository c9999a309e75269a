import { type MaskRecord, type MaskRuns, SamError } from "@segany/masks";
import type { Candidate } from "./candidate.js";
import { measureAhead } from "./measure-ahead.js";
import { selectMasks } from "./select-masks.js";
import type { Behaviour, Selection } from "./selection.js";
import type { CropTask } from "./types.js";

/** The candidates of all crops of one image so far. */
interface Proposals {
  /** One list per crop, which grows while it is searched. */
  readonly crops: Candidate[][];
  readonly stabilityFloor: number;
}

/** The candidates of images, by their callers' numbers, until they are released. */
export interface KeptProposals {
  /**
   * Searches one crop. What `search` adds to its list can be selected immediately. When no crop is being
   * searched any more, the stability of the candidates is measured in advance.
   */
  searching<T>(
    task: Pick<CropTask, "searchId" | "floor">,
    search: (found: Candidate[]) => Promise<T>,
  ): Promise<T>;
  /**
   * Selects the masks of an image, none below the floor of its search.
   *
   * @throws SamError `inference-failed` for an unknown number
   */
  select(searchId: number, selection: Selection, behaviour: Behaviour): MaskRecord<MaskRuns>[];
  release(searchId: number): void;
  releaseAll(): void;
}

export function createKeptProposals(): KeptProposals {
  const kept = new Map<number, Proposals>();
  let searches = 0;

  /** The list for the candidates of another crop. */
  function addCrop({ searchId, floor }: Pick<CropTask, "searchId" | "floor">): Candidate[] {
    const found: Candidate[] = [];
    const earlier = kept.get(searchId);
    if (earlier) earlier.crops.push(found);
    else kept.set(searchId, { crops: [found], stabilityFloor: floor.stabilityScoreThresh });
    return found;
  }

  return {
    async searching(task, search) {
      const found = addCrop(task);
      searches++;
      try {
        return await search(found);
      } finally {
        searches--;
        void measureAhead(found, () => searches === 0 && kept.has(task.searchId));
      }
    },
    select(searchId, selection, behaviour) {
      const { crops, stabilityFloor } = kept.get(searchId) ?? notKept();
      const stabilityScoreThresh = Math.max(selection.stabilityScoreThresh, stabilityFloor);
      return selectMasks(crops.flat(), { ...selection, stabilityScoreThresh }, behaviour);
    },
    release: (searchId) => void kept.delete(searchId),
    releaseAll: () => kept.clear(),
  };
}

function notKept(): never {
  throw new SamError(
    "inference-failed",
    "These candidates were released, or lost with the process that held them; decode the image again.",
  );
}
