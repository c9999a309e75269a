import {
  type EvaluationSet,
  newSampleCounts,
  readSamples,
  type Sample,
  type SampleCounts,
} from "../data/samples.js";
import { throwIfAborted } from "../errors.js";
import type { CommonSettings, ProtocolContext } from "./protocol.js";

/** Does something with each image of a set that has masks to score, in order, and tells how far it is. */
export async function forEachSample(
  { settings, signal, onImage }: ProtocolContext<CommonSettings>,
  set: EvaluationSet,
  work: (sample: Sample) => Promise<void>,
): Promise<SampleCounts> {
  const counts = newSampleCounts();
  for await (const sample of readSamples(set, settings, counts, signal)) {
    throwIfAborted(signal);
    await work(sample);
    onImage(set, sample.index + 1);
  }
  return counts;
}
