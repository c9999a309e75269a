import {
  type EvaluationSet,
  newSampleCounts,
  readSamples,
  type Sample,
  type SampleCounts,
} from "../data/samples.js";
import { throwIfAborted } from "../errors.js";
import type { CommonSettings, ProtocolContext } from "./protocol.js";

/**
 * Does something with each image of a set that has masks to score, in order, and tells how far it is.
 *
 * @param work may call `onPart` with the share of the image that is done, where one takes long
 */
export async function forEachSample(
  { settings, signal, onImages }: ProtocolContext<CommonSettings>,
  set: EvaluationSet,
  work: (sample: Sample, onPart: (share: number) => void) => Promise<void>,
): Promise<SampleCounts> {
  const counts = newSampleCounts();
  onImages(set, 0);
  for await (const sample of readSamples(set, settings, counts, { withFiles: true, signal })) {
    throwIfAborted(signal);
    await work(sample, (share) => onImages(set, sample.index + share));
    onImages(set, sample.index + 1);
  }
  return counts;
}
