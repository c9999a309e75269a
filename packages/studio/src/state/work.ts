/** Labelling and reviewing for a project of the data engine. */

import type { ImagePoint } from "@segany/masks";

/** An image of the job. */
export interface WorkImage {
  readonly id: string;
  readonly name: string;
  readonly state: "open" | "done" | "skipped";
}

/** A remark that a reviewer has pinned to an image. */
export interface WorkIssue {
  readonly id: string;
  readonly image: string;
  readonly at: ImagePoint;
  readonly isResolved: boolean;
  readonly comments: readonly { readonly id: string; readonly author: string; readonly text: string }[];
}

/**
 * - `opening`: the next image is asked for
 * - `working`: the lock of the open image is held
 * - `lost`: another holds it, or the job is not the person's; changes stay in this browser
 * - `finished`: there is nothing to do
 * - `failed`: it can't be opened
 */
export type WorkPhase = "opening" | "working" | "lost" | "finished" | "failed";

/** A version of the project's model. */
export interface WorkVersion {
  readonly id: string;
  /** From 0, the model that the project began with. */
  readonly number: number;
}

/** What the page is at. */
export interface Work {
  readonly activity: "label" | "review";
  readonly phase: WorkPhase;
  /** Why it is lost or failed, or that it is finished. */
  readonly message: string | null;
  /** Whether the person has to sign in first. */
  readonly mustSignIn: boolean;
  readonly project: { readonly id: string; readonly name: string } | null;
  readonly job: string | null;
  /**
   * The version of its model that the project uses; null: the server's own model; undefined until it is
   * known.
   */
  readonly version: WorkVersion | null | undefined;
  /** All images of the job, in their order. */
  readonly images: readonly WorkImage[];
  readonly issues: readonly WorkIssue[];
  /** Changes that are kept in this browser until the server takes them. */
  readonly waiting: number;
  /** Whether the server can't be reached at the moment. */
  readonly isOffline: boolean;
  /** Whether the reviewer has changed masks of the job. */
  readonly hasFixes: boolean;
}

/** Before the first image. */
export function newWork(activity: Work["activity"]): Work {
  return {
    ...{ activity, phase: "opening", message: null, mustSignIn: false },
    ...{ project: null, job: null, version: undefined, images: [], issues: [] },
    ...{ waiting: 0, isOffline: false, hasFixes: false },
  };
}

/** The issues of an image, open ones first. */
export function issuesOf({ issues }: Work, imageId: string | null): readonly WorkIssue[] {
  const own = issues.filter(({ image }) => image === imageId);
  return [...own.filter(({ isResolved }) => !isResolved), ...own.filter(({ isResolved }) => isResolved)];
}

/** How many of the job's images are labelled or skipped. */
export function imagesDone({ images }: Work): number {
  return images.filter(({ state }) => state !== "open").length;
}
