import type { Rule } from "../contract/engine/route.js";
import type { EngineParts } from "../database/open-engine.js";
import { ServerError } from "../errors.js";
import type { Caller } from "./identify.js";

/**
 * Refuses a request whose sender may not make it.
 *
 * @param params of the path; the rule's object is found by the one of its name
 * @throws ServerError `unauthorized`, `forbidden`; DataEngineError `not-found`, `forbidden`
 */
export async function checkRule(
  rule: Rule,
  caller: Caller | undefined,
  params: Readonly<Record<string, string>>,
  { access }: EngineParts,
): Promise<void> {
  if (rule.who === "anyone") return;
  if (!caller) throw signInFirst();
  switch (rule.who) {
    case "signed-in":
      return;
    case "administrator":
      if (!caller.person.administrator)
        throw new ServerError("forbidden", "Only an administrator may do this.");
      return;
    case "member":
      await access.require(caller.person, rule.of, params[rule.of]!, rule.role);
      return;
    case "participant":
      await access.requireParticipant(caller.person, rule.of, params[rule.of]!, rule.or);
  }
}

/** The response to a request that does not say who sends it. */
export function signInFirst(): ServerError {
  return new ServerError(
    "unauthorized",
    'Sign in first (POST /v1/engine/session), or send an API token: "Authorization: Bearer …".',
  );
}
