import type { Job, JobEvent, SegmentRequest, SelectionQuery } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";

/** Work that outlives its request. Everything is asynchronous, so that a queue in a database can stand here. */
export interface JobQueue {
  /**
   * On return the job is written down: it is run even if the server is started anew first.
   *
   * @throws ServerError `option-invalid`, `overloaded`, `storage-full`; then there is no job
   */
  submit(imageId: string, request: SegmentRequest): Promise<Job>;
  /** @throws ServerError `not-found` */
  get(id: string): Promise<Job>;
  /**
   * Stops it where it is; a finished job stays as it is.
   *
   * @throws ServerError `not-found`; `storage-full`, and then the job goes on
   */
  cancel(id: string): Promise<Job>;
  /** First the state as it is, then what happens, until the job has ended or the returned function is called. */
  watch(id: string, listener: (event: JobEvent) => void): Promise<() => void>;
  /**
   * The masks of a finished job: as found, or picked anew with other thresholds.
   *
   * @throws ServerError `not-found`, `gone` when thresholds are given and the candidates were let go
   */
  masks(id: string, selection: SelectionQuery): Promise<MaskList>;
  /** How many jobs wait or run. */
  open(): Promise<number>;
  /** Stops what runs, to be run again when the server is back. */
  close(): Promise<void>;
}
