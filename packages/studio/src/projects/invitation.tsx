import { useCallback, useState } from "react";
import type { EngineClient } from "../api/engine.js";
import { messageOf } from "../errors.js";
import { AccountForm } from "./account-form.js";
import { type SignedIn, useLoaded } from "./engine-context.js";

export interface InvitationProps {
  readonly engine: EngineClient;
  /** Of the link: behind its #, so that no log has it. */
  readonly secret: string;
  /** null for somebody who is not signed in. */
  readonly person: SignedIn | null;
}

/** What an invitation link is for; it is accepted as who is signed in, or with a new account. */
export function Invitation({ engine, secret, person }: InvitationProps) {
  const load = useCallback(() => engine.getInvitationOffer({ body: { secret } }), [engine, secret]);
  const { value: offer, error } = useLoaded(load);
  const [problem, setProblem] = useState<string | null>(null);
  const [isNew, setNew] = useState(true);
  const body = { secret };
  const open = (project: string) => location.replace(`projects.html?${new URLSearchParams({ project })}`);

  async function accept(): Promise<void> {
    const { project } = await engine.acceptInvitation({ body });
    open(project);
  }

  async function join(account: { readonly name: string; readonly password: string }): Promise<void> {
    if (isNew) open((await engine.joinByInvitation({ body: { ...body, ...account } })).project);
    else {
      await engine.signIn({ body: account });
      await accept();
    }
  }

  return (
    <section className="projects-card projects-narrow" aria-labelledby="invitation">
      <h1 id="invitation">Invitation</h1>
      {(error ?? problem) && (
        <p className="bad" role="alert">
          {error ?? problem}
        </p>
      )}
      {offer && (
        <p>
          {offer.invitedBy} invites you to the project <strong>{offer.projectName}</strong> as {offer.role}.
        </p>
      )}
      {offer && person && (
        <button
          type="button"
          className="button button-primary"
          onClick={() => void accept().catch((cause: unknown) => setProblem(messageOf(cause)))}
        >
          Join as {person.name}
        </button>
      )}
      {offer && !person && (
        <>
          <AccountForm
            send={isNew ? "Make an account and join" : "Sign in and join"}
            isNew={isNew}
            onSend={join}
          />
          <button type="button" className="link" onClick={() => setNew(!isNew)}>
            {isNew ? "I have an account" : "I have no account yet"}
          </button>
        </>
      )}
    </section>
  );
}
