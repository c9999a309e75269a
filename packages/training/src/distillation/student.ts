import type { TrainableModel } from "@segany/sam/training";
import { TrainingError } from "../errors.js";
import type { Parameters } from "../step/parameters.js";

/**
 * Checks that a student can take its teacher's decoder, and learn its embeddings.
 *
 * @throws TrainingError `option-invalid` that names what differs
 */
export function checkPair(student: TrainableModel, teacher: TrainableModel): void {
  const [own, other] = [student, teacher].map(({ model: { imageSide, fit, maskSide, features } }) =>
    Object.entries({ imageSide, fit, maskSide, features }).map(
      ([name, value]) => `${name} ${JSON.stringify(value)}`,
    ),
  );
  const differing = own!.filter((what) => !other!.includes(what));
  if (differing.length > 0)
    throw mismatch(
      `${differing.join(", ")}; the teacher has ${other!.filter((what) => !own!.includes(what)).join(", ")}`,
    );
  for (const [key, { shape }] of decoderTensors(student)) {
    const found = teacher.state.tensors.get(key)?.shape;
    if (`${found}` !== `${shape}`)
      throw mismatch(`"${key}" of shape [${shape}]; the teacher has ${found ? `[${found}]` : "none"}`);
  }
}

/** What a student's checkpoint gets: its trained encoder, and the teacher's prompt encoder and decoder. */
export async function studentWeights(
  student: TrainableModel,
  teacher: TrainableModel,
  trained: Parameters,
): Promise<ReadonlyMap<string, Float32Array>> {
  const changed = new Map([...trained].map(([key, { data }]) => [key, data]));
  for (const [key] of decoderTensors(student)) changed.set(key, await teacher.state.load(key));
  return changed;
}

function decoderTensors({ state, isDecoderKey }: TrainableModel) {
  return [...state.tensors].filter(([key]) => isDecoderKey(key));
}

function mismatch(what: string): TrainingError {
  return new TrainingError(
    "option-invalid",
    `The student can't learn from this teacher: it has ${what}. Choose models with embeddings and decoders of one size.`,
  );
}
