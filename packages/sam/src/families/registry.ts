/** All families of models. To add one, create a folder beside `sam/` and add a line here. */

import { invalidCheckpoint } from "@segany/graph/weights";
import type { ModelFamily, Tensors } from "../model/model-family.js";
import { samFamily } from "./sam/sam-family.js";

/** In the order in which they are tried. A family goes before others that match its checkpoints too. */
export const modelFamilies: readonly ModelFamily[] = [samFamily];

/** Detects the family of a checkpoint. @throws SamError `checkpoint-invalid` if there is none */
export function familyOf(tensors: Tensors, families: readonly ModelFamily[] = modelFamilies): ModelFamily {
  const family = families.find((each) => each.matches(tensors));
  if (family) return family;
  const [example] = tensors.keys();
  throw invalidCheckpoint(
    `The checkpoint is of no known model (${namesOf(families)}): it has for example "${example}".`,
  );
}

/** Finds a family by its name in a file. @throws SamError `checkpoint-invalid` for an unknown one */
export function familyNamed(name: string, families: readonly ModelFamily[] = modelFamilies): ModelFamily {
  const family = families.find((each) => each.name === name);
  if (family) return family;
  throw invalidCheckpoint(`"${name}" is not a known family of models; known are ${namesOf(families)}.`);
}

function namesOf(families: readonly ModelFamily[]): string {
  return families.map(({ name }) => name).join(", ");
}
