/** Labelling and reviewing the images of a project. */

import { type ImagePoint, imagePoint } from "@segany/masks";
import { Check, CheckCheck, LockOpen, MapPin, RefreshCw, SkipForward, Undo2, Users } from "lucide-react";
import { openImage } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Work, WorkPhase } from "../state/work.js";
import type { Command } from "./command.js";
import { activeCursor } from "./cursor-commands.js";

const isAt = (activity: Work["activity"], ...phases: readonly WorkPhase[]) => {
  return ({ work }: StudioState): boolean => work?.activity === activity && phases.includes(work.phase);
};

export const doneNext: Command = {
  id: "work.done",
  name: "Done, next image",
  group: "Work",
  icon: Check,
  shortcut: "Mod+Enter",
  neverWith: "work.accept",
  enabled: isAt("label", "working"),
  perform: (studio) => studio.work?.done(),
};

export const skipImage: Command = {
  id: "work.skip",
  name: "Skip image…",
  group: "Work",
  icon: SkipForward,
  shortcut: "Shift+S",
  enabled: isAt("label", "working"),
  perform: (studio) => studio.set(() => ({ openPanel: "skip" })),
};

export const takeAgain: Command = {
  id: "work.take",
  name: "Take the image again",
  group: "Work",
  icon: LockOpen,
  enabled: ({ work }) => work?.phase === "lost",
  perform: (studio) => studio.work?.takeAgain(),
};

export const lookAgain: Command = {
  id: "work.next",
  name: "Look for work again",
  group: "Work",
  icon: RefreshCw,
  enabled: ({ work }) => work?.phase === "finished" || work?.phase === "failed",
  perform: (studio) => studio.work?.next(),
};

export const acceptJob: Command = {
  id: "work.accept",
  name: "Accept job",
  group: "Work",
  icon: CheckCheck,
  shortcut: "Mod+Enter",
  neverWith: "work.done",
  nameNow: ({ work }) => (work?.hasFixes ? "Accept job with my fixes" : "Accept job"),
  enabled: isAt("review", "working"),
  perform: (studio) => studio.work?.accept(),
};

export const rejectJob: Command = {
  id: "work.reject",
  name: "Reject job…",
  group: "Work",
  icon: Undo2,
  shortcut: "Shift+R",
  enabled: isAt("review", "working"),
  perform: (studio) => studio.set(() => ({ openPanel: "reject" })),
};

export const pinIssue: Command = {
  id: "work.issue",
  name: "Pin an issue…",
  group: "Work",
  icon: MapPin,
  shortcut: "I",
  enabled: (state) => state.work?.job != null && openImage(state) !== null,
  perform: (studio) => studio.set((state) => ({ openPanel: "issue", issueAt: placeOfIssue(state) })),
};

export const showVersions: Command = {
  id: "work.versions",
  name: "Show the versions of several people",
  group: "Work",
  icon: Users,
  shortcut: "Shift+D",
  enabled: isAt("review", "working"),
  perform: (studio) => studio.work?.showVersions(),
};

export const WORK_COMMANDS: readonly Command[] = [
  doneNext,
  skipImage,
  takeAgain,
  lookAgain,
  acceptJob,
  rejectJob,
  pinIssue,
  showVersions,
];

/** Where the user points, by pointer or keys; else the middle of the image. */
function placeOfIssue(state: StudioState): ImagePoint {
  const at = activeCursor(state)?.at ?? state.hover?.at;
  const { width = 0, height = 0 } = openImage(state) ?? {};
  return at ?? imagePoint([width / 2, height / 2]);
}
