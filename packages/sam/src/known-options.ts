import { SamError } from "@segany/masks";

/** The names of a type's fields; a missing or an extra one doesn't compile. */
export type FieldNames<Options> = Readonly<Record<keyof Required<Options>, true>>;

/**
 * Refuses options that do not exist, such as the names of the Python package: they would be ignored.
 *
 * @param what the options are of, for the message
 * @throws SamError `option-invalid` with the name to use instead, where there is one
 */
export function refuseUnknown<Options extends object>(
  options: Options,
  known: FieldNames<Options>,
  what: string,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(known, name) || value === undefined) continue;
    const camelCase = name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    const advice = Object.hasOwn(known, camelCase)
      ? `use ${camelCase}.`
      : `the options are ${Object.keys(known).join(", ")}.`;
    throw new SamError("option-invalid", `${what} has no option "${name}"; ${advice}`);
  }
}
