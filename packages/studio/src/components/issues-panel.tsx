import { Check, RotateCcw, Send } from "lucide-react";
import { useRef } from "react";
import { pinIssue } from "../actions/work-commands.js";
import { issuesOf, type WorkIssue } from "../state/work.js";
import { Panel } from "./panel.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { IconButton } from "./ui/icon-button.js";

/** What reviewers have remarked on the open image. */
export function IssuesPanel() {
  const work = useStudioState((state) => state.work);
  const openId = useStudioState((state) => state.openImageId);
  if (!work) return null;
  const issues = issuesOf(work, openId);
  const others = work.issues.filter(({ image, isResolved }) => image !== openId && !isResolved).length;
  return (
    <Panel
      name="tray"
      title="Issues"
      count={issues.length}
      actions={<CommandButton command={pinIssue} look="quiet" />}
    >
      {issues.length === 0 && <p className="panel-empty">No issues on this image.</p>}
      <ul className="issue-list">
        {issues.map((issue, index) => (
          <Issue key={issue.id} issue={issue} number={index + 1} />
        ))}
      </ul>
      {others > 0 && <p className="panel-empty">{others} open on other images of the job.</p>}
    </Panel>
  );
}

function Issue({ issue, number }: { readonly issue: WorkIssue; readonly number: number }) {
  const studio = useStudio();
  const ref = useRef<HTMLInputElement>(null);
  const { id, isResolved, comments } = issue;
  const told = (work: Promise<void> | undefined) =>
    void work?.catch((cause: Error) => studio.notify("error", `The issue is as it was. ${cause.message}`));

  function comment(): void {
    const text = ref.current?.value.trim() ?? "";
    if (text === "") return;
    ref.current!.value = "";
    told(studio.work?.comment(id, text));
  }

  return (
    <li id={`issue-${id}`} className="issue" tabIndex={-1} data-resolved={isResolved || undefined}>
      <span className="issue-number">{number}</span>
      <div className="issue-text">
        {comments.map((each) => (
          <p key={each.id}>
            {each.author && <strong>{each.author}: </strong>}
            {each.text}
          </p>
        ))}
        {!isResolved && (
          <form
            className="issue-reply"
            onSubmit={(event) => {
              event.preventDefault();
              comment();
            }}
          >
            <input
              ref={ref}
              className="name-field"
              aria-label={`Reply to issue ${number}`}
              placeholder="Reply"
            />
            <IconButton icon={Send} label={`Send reply to issue ${number}`} onClick={comment} />
          </form>
        )}
      </div>
      <IconButton
        icon={isResolved ? RotateCcw : Check}
        label={isResolved ? `Reopen issue ${number}` : `Resolve issue ${number}`}
        onClick={() => told(studio.work?.setResolved(id, !isResolved))}
      />
    </li>
  );
}
