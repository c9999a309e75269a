import type { GraphDtype, TensorData } from "@segany/graph";

/** A tensor that goes into or comes out of a session; row-major. */
export interface RunTensor {
  readonly dtype: GraphDtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A graph that is ready to run on some device. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, RunTensor>>): Promise<Record<string, RunTensor>>;
  close(): Promise<void>;
}
