/** One method of a protocol: what it takes, what it answers, and what it tells meanwhile. Types only. */
export interface Method<Request, Reply, Progress = never> {
  readonly request: Request;
  readonly reply: Reply;
  readonly progress: Progress;
}

/** A protocol: its methods by name. */
export type Methods<M> = { readonly [Name in keyof M]: Method<unknown, unknown, unknown> };

/** Options of a call. */
export interface CallOptions<Progress = never> {
  /** Asks the other side to stop. */
  readonly signal?: AbortSignal | undefined;
  /** What it throws fails the call. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The methods of a protocol as functions. */
export type Calls<M extends Methods<M>> = {
  readonly [Name in keyof M]: (
    request: M[Name]["request"],
    options?: CallOptions<M[Name]["progress"]>,
  ) => Promise<M[Name]["reply"]>;
};
