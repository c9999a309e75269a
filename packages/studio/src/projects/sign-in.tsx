import type { EngineClient } from "../api/engine.js";
import { AccountForm } from "./account-form.js";

export interface SignInProps {
  readonly engine: EngineClient;
  readonly onSignedIn: () => void;
}

export function SignIn({ engine, onSignedIn }: SignInProps) {
  return (
    <section className="projects-card projects-narrow" aria-labelledby="sign-in">
      <h1 id="sign-in">Sign in</h1>
      <AccountForm
        send="Sign in"
        isNew={false}
        onSend={async (account) => {
          await engine.signIn({ body: account });
          onSignedIn();
        }}
      />
      <p className="muted">Without an account? Ask for an invitation link to a project.</p>
    </section>
  );
}
