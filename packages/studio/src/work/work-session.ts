/** Labelling and reviewing for a project: pulls images, holds their locks, and hands jobs on. */

import type { ApiClient } from "../api/api-client.js";
import type { EngineClient, EngineJob, EngineLock, EngineProject } from "../api/engine.js";
import type { Gallery } from "../effects/gallery.js";
import type { MaskKeeper } from "../effects/keep-masks.js";
import type { SaveParts } from "../effects/save-masks.js";
import { messageOf, StudioError } from "../errors.js";
import { currentShape } from "../state/draft-queries.js";
import { keepDraft } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { classList, modelIdentity, openDocument } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Work, WorkImage } from "../state/work.js";
import type { Outbox } from "../storage/outbox.js";
import type { WorkActions } from "../studio.js";
import { createEngineMasks, type EngineMasks } from "./engine-masks.js";
import { createImageLocks, type ImageLocks } from "./image-locks.js";
import { createIssueActions, type IssueActions } from "./issue-actions.js";
import { firstImage, nextOpenImage, withState } from "./job-images.js";
import { sendLeftovers } from "./leftovers.js";
import { addNeighbours } from "./neighbours.js";
import { classesOf, classNamesOf } from "./project-classes.js";
import type { WorkRecorder } from "./record-work.js";
import { readVersions } from "./replica-versions.js";
import { createVersionFollower, type VersionFollower } from "./watch-version.js";
import { type WorkAddress, writeWorkAddress } from "./work-address.js";

export interface SessionParts {
  readonly store: StudioStore;
  readonly engine: EngineClient;
  readonly client: Pick<ApiClient, "image" | "watchVersion">;
  readonly gallery: Pick<Gallery, "addStored" | "openImage" | "clear">;
  readonly keeper: () => MaskKeeper | null;
  readonly outbox: Outbox;
  readonly recorder: WorkRecorder;
  readonly address: WorkAddress;
  /** Shows an address without loading it. */
  readonly showAddress: (search: string) => void;
}

export interface WorkSession extends WorkActions {
  /** Where the masks of the job's images are kept. */
  readonly masks: SaveParts["api"];
  /** Signs in and opens what the address says. */
  start(): Promise<void>;
  close(): void;
}

/** What is open. */
interface OpenJob {
  readonly job: EngineJob;
  readonly project: EngineProject;
  readonly masks: EngineMasks;
  readonly locks: ImageLocks;
}

export function createWorkSession(parts: SessionParts): WorkSession {
  const session = new Session(parts);
  const { issues } = session;
  return {
    masks: {
      masks: (imageId) => session.masksNow().masks(imageId),
      keepMasks: (imageId, document, options) => session.masksNow().keepMasks(imageId, document, options),
    },
    start: () => session.start(),
    next: () => session.next(),
    done: () => session.done(),
    skip: (reason) => session.skip(reason),
    takeAgain: () => session.takeAgain(),
    accept: () => session.accept(),
    reject: (comment) => session.reject(comment),
    showVersions: () => session.showVersions(),
    pinIssue: (at, text) => issues.pin(at, text),
    comment: issues.comment,
    setResolved: issues.setResolved,
    close: () => session.close(),
  };
}

class Session {
  readonly issues: IssueActions;
  readonly #parts: SessionParts;
  readonly #stops: (() => void)[] = [];
  readonly #version: VersionFollower;
  #person = "";
  #open: OpenJob | null = null;
  /** Of the last job, which may be left by now. */
  #project: string | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { store, engine } = parts;
    this.#version = createVersionFollower({ ...parts, onVersion: (version) => this.#set({ version }) });
    this.issues = createIssueActions({ store, engine, job: () => this.#open?.job ?? null });
    this.#stops.push(
      store.subscribe((state, before) => {
        if (state.openImageId !== before.openImageId && state.openImageId !== null)
          void this.#enterImage(state.openImageId);
      }),
    );
  }

  async start(): Promise<void> {
    const { engine, address, outbox } = this.#parts;
    await this.#telling(async () => {
      const { person } = await engine.getSession();
      if (!person) {
        this.#set({ phase: "failed", message: "Sign in to label.", mustSignIn: true });
        return;
      }
      this.#person = person.id;
      if (address.kind === "job")
        await this.#enterJob(await engine.getJob({ params: address }), address.image);
      else await this.#pull(address.project, address.activity);
      const other = { engine, outbox, person: person.id, job: this.#open?.job.id ?? null };
      await sendLeftovers(other, (text) => this.#parts.store.notify("info", text));
    });
  }

  masksNow(): EngineMasks {
    if (this.#open) return this.#open.masks;
    throw new StudioError("not-found", "No job is open.");
  }

  /** Looks for work again. */
  async next(): Promise<void> {
    const { address, store } = this.#parts;
    const { activity } = store.getState().work!;
    const project = this.#project ?? (address.kind === "queue" ? address.project : null);
    this.#set({ phase: "opening", message: null });
    await this.#telling(() => (project === null ? this.start() : this.#pull(project, activity)));
  }

  async done(): Promise<void> {
    const { store, engine } = this.#parts;
    const { openImageId, nextClassId } = store.getState();
    const lock = this.#lockOf(openImageId);
    if (!this.#open || !lock) return;
    if (currentShape(openDocument(store.getState()).draft))
      store.edit("Keep object", (document) => keepDraft(document, nextClassId));
    if (!(await this.#isSent(lock.image))) return;
    await engine.finishImage({ params: lock, body: { number: lock.number } });
    await this.#leaveImage(lock.image, "done");
  }

  async skip(reason: string): Promise<void> {
    const { store, engine } = this.#parts;
    const lock = this.#lockOf(store.getState().openImageId);
    if (!this.#open || !lock || !(await this.#isSent(lock.image))) return;
    await engine.skipImage({ params: lock, body: { number: lock.number, reason } });
    await this.#leaveImage(lock.image, "skipped");
  }

  async takeAgain(): Promise<void> {
    const { openImageId } = this.#parts.store.getState();
    if (!this.#open || openImageId === null) return this.next();
    await this.#takeLock(openImageId);
    if (this.#lockOf(openImageId)) await this.#open.masks.send(openImageId);
  }

  async accept(): Promise<void> {
    const { engine, store } = this.#parts;
    if (!this.#open || !(await this.#isSent(store.getState().openImageId))) return;
    await this.#open.locks.release();
    await engine.acceptJob({ params: { job: this.#open.job.id } });
    store.notify("info", "The job is accepted.");
    await this.next();
  }

  async reject(comment: string): Promise<void> {
    const { engine, store } = this.#parts;
    if (!this.#open || !(await this.#isSent(store.getState().openImageId))) return;
    await this.#open.locks.release();
    await engine.rejectJob({ params: { job: this.#open.job.id }, body: { comment } });
    store.notify("info", "The job goes back to its annotator.");
    await this.next();
  }

  async showVersions(): Promise<void> {
    const { engine, store } = this.#parts;
    const { openImageId } = store.getState();
    if (!this.#open || openImageId === null) return;
    const found = await readVersions(engine, this.#open.job, openImageId);
    if (store.getState().openImageId !== openImageId) return;
    if (found.length === 0) store.notify("info", "Nobody has another version of this image's masks.");
    else store.set(() => ({ tool: "everything", everything: { state: "versions", found } }));
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#version.close();
    this.#open?.locks.close();
    this.#open?.masks.close();
    this.#parts.recorder.close();
  }

  async #pull(project: string, activity: Work["activity"]): Promise<void> {
    const { engine } = this.#parts;
    const params = { project };
    if (activity === "review") {
      const { job } = await engine.nextReview({ params });
      if (job) return this.#enterJob(job, null);
    } else {
      const { lock } = await engine.nextImage({ params });
      if (lock) return this.#enterJob(await engine.getJob({ params: lock }), lock.image, lock);
    }
    const found = await engine.getProject({ params });
    this.#leaveJob();
    this.#parts.showAddress(writeWorkAddress({ kind: "queue", project, activity }));
    this.#set({
      ...{ phase: "finished", project: found, job: null, images: [], issues: [] },
      message: activity === "review" ? "No job waits for review." : "There is nothing left to label.",
    });
  }

  /** @param image the first one to work on, if none is given */
  async #enterJob(found: EngineJob, image: string | null, lock?: EngineLock): Promise<void> {
    const { engine, store } = this.#parts;
    const params = { job: found.id };
    const job = await this.#assigned(found);
    const [project, images] = await Promise.all([
      engine.getProject({ params: found }),
      engine.listJobImages({ params }),
      this.#version.follow(found.project),
    ]);
    this.#leaveJob();
    this.#project = project.id;
    const classes = classesOf(project);
    store.set(() => ({ classes: startHistory(classes), nextClassId: classes[0]?.id ?? null }));
    const masks = this.#createMasks(job);
    this.#open = { job, project, masks, locks: this.#createLocks(job, project, masks) };
    if (lock) this.#open.locks.add(lock);
    this.#set({
      ...{ activity: job.stage === "annotation" ? "label" : "review", phase: "opening", message: null },
      ...{ project: { id: project.id, name: project.name }, job: job.id, hasFixes: false },
      images: images.map(({ image: id, name, state }) => ({ id, name, state })),
    });
    await this.issues.load(project.id);
    const { work } = store.getState();
    await this.#openImage(image ?? firstImage(work!));
  }

  /** A job that nobody has is taken by whoever may. */
  async #assigned(job: EngineJob): Promise<EngineJob> {
    if (job.assignee !== null || job.stage === "acceptance") return job;
    const body = { assignee: this.#person };
    return this.#parts.engine.assignJob({ params: { job: job.id }, body }).catch(() => job);
  }

  #createMasks(job: EngineJob): EngineMasks {
    const { store, engine, outbox, recorder, keeper } = this.#parts;
    return createEngineMasks({
      ...{ engine, outbox, job: job.id, person: this.#person },
      classes: classNamesOf(classList(store.getState())),
      imageOf: (id) => store.getState().images.find((image) => image.id === id)!,
      lockOf: (id) => this.#lockOf(id)?.number ?? null,
      onLockLost: (id, message) => this.#lose(id, message),
      onConflict: (id) => {
        store.notify("warning", "Another has changed the same objects: both versions are kept side by side.");
        keeper()?.moved(id);
      },
      onWaiting: (waiting, isOffline) => {
        const hasFixes = store.getState().work?.activity === "review" && waiting > 0;
        this.#set({ waiting, isOffline, ...(hasFixes && { hasFixes }) });
      },
      takeWork: recorder.take,
      model: () => modelIdentity(store.getState()),
    });
  }

  #createLocks(job: EngineJob, { settings }: EngineProject, masks: EngineMasks): ImageLocks {
    const { engine, keeper } = this.#parts;
    return createImageLocks({
      ...{ engine, job: job.id, lockMs: settings.lockMs },
      async send(imageId) {
        await keeper()?.kept(imageId);
        return masks.send(imageId).catch(() => false);
      },
      onLost: (imageId, message) => this.#lose(imageId, message),
    });
  }

  async #openImage(imageId: string): Promise<void> {
    const { client, gallery, store } = this.#parts;
    const isThere = store.getState().images.some(({ id }) => id === imageId);
    if (!isThere) gallery.addStored([await client.image(imageId)]);
    gallery.openImage(imageId);
    const open = this.#open;
    void addNeighbours(this.#parts, imageId, () => this.#open === open);
  }

  /** An image was opened, by the queue or by the user. */
  async #enterImage(imageId: string): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#parts.showAddress(writeWorkAddress({ kind: "job", job: open.job.id, image: imageId }));
    void open.locks.release(imageId);
    if (open.locks.get(imageId)) this.#set({ phase: "working", message: null });
    else await this.#takeLock(imageId).catch((error) => this.#lose(imageId, messageOf(error)));
    if (this.#lockOf(imageId)) await open.masks.send(imageId).catch(() => undefined);
  }

  async #takeLock(imageId: string): Promise<void> {
    const open = this.#open;
    if (!open) return;
    await open.locks.take(imageId);
    if (this.#open === open && this.#parts.store.getState().openImageId === imageId)
      this.#set({ phase: "working", message: null });
  }

  #lose(imageId: string, message: string): void {
    this.#open?.locks.drop(imageId);
    if (this.#parts.store.getState().openImageId === imageId) this.#set({ phase: "lost", message });
  }

  /** Whether the server has all changes of an image; if not, the user is told. */
  async #isSent(imageId: string | null): Promise<boolean> {
    if (imageId === null || !this.#open) return true;
    const isKept = await this.#parts.keeper()?.kept(imageId);
    const isSent = await this.#open.masks.send(imageId);
    if (isKept && isSent) return true;
    this.#parts.store.notify(
      "warning",
      "The server does not have all changes yet. They are kept in this browser; try again when it answers.",
    );
    return false;
  }

  async #leaveImage(imageId: string, state: WorkImage["state"]): Promise<void> {
    const { store, engine } = this.#parts;
    const open = this.#open!;
    open.locks.drop(imageId);
    this.#set({ images: withState(store.getState().work!.images, imageId, state) });
    const next = nextOpenImage(store.getState().work!.images, imageId);
    if (next) return this.#openImage(next);
    await engine.completeJob({ params: { job: open.job.id } });
    store.notify("info", "The job is completed.");
    await this.next();
  }

  #leaveJob(): void {
    this.#open?.locks.close();
    this.#open?.masks.close();
    this.#open = null;
    this.#parts.gallery.clear();
  }

  #lockOf(imageId: string | null): EngineLock | undefined {
    return imageId === null ? undefined : this.#open?.locks.get(imageId);
  }

  #set(change: Partial<Work>): void {
    this.#parts.store.set(({ work }) => ({ work: work && { ...work, ...change } }));
  }

  /** What goes wrong on the way to an image is shown in its place. */
  async #telling(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const mustSignIn = error instanceof StudioError && error.code === "unauthorized";
      this.#set({ phase: "failed", message: messageOf(error), mustSignIn });
    }
  }
}
