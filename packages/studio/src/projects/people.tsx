import { Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { EngineMember } from "../api/engine.js";
import { IconButton } from "../components/ui/icon-button.js";
import { useAct, useEngine } from "./engine-context.js";
import { isAtLeast, ROLES, type Role } from "./standing.js";

export interface PeopleProps {
  readonly project: string;
  readonly members: readonly EngineMember[];
  readonly role: Role | null;
  readonly onChange: () => void;
}

/** The people of a project with their roles, and the way into it for others. */
export function People({ project, members, role, onChange }: PeopleProps) {
  const mayChange = isAtLeast(role, "maintainer");
  return (
    <section className="projects-card" aria-labelledby="people">
      <h2 id="people">People</h2>
      <ul className="people-list">
        {members.map((member) => (
          <Member key={member.person} {...{ project, member, mayChange, onChange }} />
        ))}
      </ul>
      {mayChange && <Invite project={project} />}
    </section>
  );
}

interface MemberProps extends Pick<PeopleProps, "project" | "onChange"> {
  readonly member: EngineMember;
  readonly mayChange: boolean;
}

function Member({ project, member: { person, name, role }, mayChange, onChange }: MemberProps) {
  const { engine } = useEngine();
  const act = useAct();
  const params = { project, person };
  const change = (work: () => Promise<unknown>) =>
    act(async () => {
      await work();
      onChange();
    });
  return (
    <li>
      <span className="people-name">{name}</span>
      {mayChange ? (
        <RoleChoice
          label={`Role of ${name}`}
          value={role}
          onChange={(next) => void change(() => engine.setMember({ params, body: { role: next } }))}
        />
      ) : (
        <span className="muted">{role}</span>
      )}
      {mayChange && (
        <IconButton
          icon={Trash2}
          label={`Remove ${name}`}
          onClick={() => void change(() => engine.removeMember({ params }))}
        />
      )}
    </li>
  );
}

interface RoleChoiceProps {
  readonly label: string;
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}

function RoleChoice({ label, value, onChange }: RoleChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={({ target }) => onChange(target.value as Role)}>
      {ROLES.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </select>
  );
}

/** Makes a link with which one person joins. */
function Invite({ project }: Pick<PeopleProps, "project">) {
  const { engine } = useEngine();
  const act = useAct();
  const [role, setRole] = useState<Role>("worker");
  const [link, setLink] = useState<string | null>(null);

  function invite(event: FormEvent): void {
    event.preventDefault();
    void act(async () => {
      const { secret } = await engine.createInvitation({ params: { project }, body: { role } });
      const url = new URL("projects.html", document.baseURI);
      url.hash = String(new URLSearchParams({ invitation: secret }));
      setLink(url.href);
    });
  }

  return (
    <form className="people-invite" onSubmit={invite}>
      <RoleChoice label="Role of the invited" value={role} onChange={setRole} />
      <button type="submit" className="button button-plain">
        Make an invitation link
      </button>
      {link && (
        <label className="field people-link">
          Send this link to one person; it is shown once.
          <input className="name-field" readOnly value={link} onFocus={({ target }) => target.select()} />
        </label>
      )}
    </form>
  );
}
