import { type FormEvent, useState } from "react";
import { messageOf } from "../errors.js";

/** A name and a password. */
export interface Account {
  readonly name: string;
  readonly password: string;
}

export interface AccountFormProps {
  /** Of the button. */
  readonly send: string;
  /** Whether the password is chosen here. */
  readonly isNew: boolean;
  /** What it throws is shown. */
  readonly onSend: (account: Account) => Promise<void>;
}

export function AccountForm({ send, isNew, onSend }: AccountFormProps) {
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setError(null);
    try {
      await onSend({ name: String(data.get("name")), password: String(data.get("password")) });
    } catch (cause) {
      setError(messageOf(cause));
    }
  }

  return (
    <form className="account-form" onSubmit={(event) => void submit(event)}>
      <label className="field">
        Name
        <input className="name-field" name="name" autoComplete="username" required maxLength={200} />
      </label>
      <label className="field">
        Password
        <input
          className="name-field"
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          required
        />
      </label>
      {error && (
        <p className="bad" role="alert">
          {error}
        </p>
      )}
      <button type="submit" className="button button-primary">
        {send}
      </button>
    </form>
  );
}
