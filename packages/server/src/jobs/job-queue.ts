import type { Job, JobEvent, SegmentRequest, SelectionQuery } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";

export interface SubmitOptions {
  /** Whose share of the queue it takes. */
  readonly client?: string | undefined;
  /** Id of the version of a project's model that it keeps to its end; by default it is the server's model. */
  readonly version?: string | undefined;
}

/**
 * Work that continues after its request; the only kind is `segment` (everything mode). All methods are
 * asynchronous, so that a queue in a database can implement the interface.
 */
export interface JobQueue {
  /**
   * Submits a job. When the promise resolves, the job is on disk and will run even after a restart.
   *
   * @throws ServerError `option-invalid`, `too-many-requests`, `overloaded`, `storage-full`; then there is no
   *   job
   */
  submit(imageId: string, request: SegmentRequest, how?: SubmitOptions): Promise<Job>;
  /** @throws ServerError `not-found` */
  get(id: string): Promise<Job>;
  /**
   * Cancels a job. A finished job stays unchanged.
   *
   * @throws ServerError `not-found`; `storage-full`, and then the job continues
   */
  cancel(id: string): Promise<Job>;
  /**
   * Calls the listener with the current state, then with all events, until the job ends or the returned
   * function is called.
   */
  watch(id: string, listener: (event: JobEvent) => void): Promise<() => void>;
  /**
   * The masks of a finished job: as found, or selected again with other thresholds.
   *
   * @throws ServerError `not-found`; `gone` if thresholds are given and the candidates were evicted
   */
  masks(id: string, selection: SelectionQuery, client?: string): Promise<MaskList>;
  /** Number of queued and running jobs. */
  open(): Promise<number>;
  /** Stops running jobs, to be run again after a restart. */
  close(): Promise<void>;
}
