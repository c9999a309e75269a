import { ExportDialog } from "./export-dialog.js";
import { HelpSheet } from "./help-sheet.js";
import { KeymapEditor } from "./keymap-editor.js";
import { useStudio, useStudioState } from "./studio-context.js";

/** The dialog that is open, if any. */
export function OpenDialog() {
  const studio = useStudio();
  const openPanel = useStudioState((state) => state.openPanel);
  const close = () => studio.set(() => ({ openPanel: null }));
  switch (openPanel) {
    case "help":
      return <HelpSheet onClose={close} />;
    case "keymap":
      return <KeymapEditor onClose={close} />;
    case "export":
      return <ExportDialog onClose={close} />;
    case null:
      return null;
  }
}
