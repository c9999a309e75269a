import { ExportDialog } from "./export-dialog.js";
import { HelpSheet } from "./help-sheet.js";
import { KeymapEditor } from "./keymap-editor.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { TextDialog } from "./text-dialog.js";

/** The dialog that is open, if any. */
export function OpenDialog() {
  const studio = useStudio();
  const openPanel = useStudioState((state) => state.openPanel);
  const hasIssues = useStudioState(({ work }) => work?.issues.some(({ isResolved }) => !isResolved) ?? false);
  const close = () => studio.set(() => ({ openPanel: null }));
  switch (openPanel) {
    case "help":
      return <HelpSheet onClose={close} />;
    case "keymap":
      return <KeymapEditor onClose={close} />;
    case "export":
      return <ExportDialog onClose={close} />;
    case "skip":
      return (
        <TextDialog
          {...{ title: "Skip image", label: "Reason", send: "Skip image", onClose: close }}
          lead="The image is left out of the job, and the next one opens. Those who run the project see why."
          onSend={(text) => studio.work?.skip(text)}
        />
      );
    case "reject":
      return (
        <TextDialog
          {...{ title: "Reject job", label: "What is wrong", send: "Reject job", onClose: close }}
          lead="The job goes back to its annotator: the images with open issues, or all if there are none."
          mayBeEmpty={hasIssues}
          onSend={(text) => studio.work?.reject(text)}
        />
      );
    case "issue":
      return (
        <TextDialog
          {...{ title: "Pin an issue", label: "What is wrong here", send: "Pin issue", onClose: close }}
          lead="It is pinned where you pointed, and shown to the annotator when the job comes back."
          onSend={(text) => studio.work?.pinIssue(studio.getState().issueAt!, text)}
        />
      );
    case null:
      return null;
  }
}
