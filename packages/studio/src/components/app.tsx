import { useEffect, useState } from "react";
import { listenToKeys } from "../actions/keyboard.js";
import { COMMANDS } from "../actions/registry.js";
import type { Theme } from "../state/types.js";
import type { Studio } from "../studio.js";
import { Announcer } from "./announcer.js";
import { ClassesPanel } from "./classes-panel.js";
import { EverythingPanel } from "./everything-panel.js";
import { Gallery } from "./gallery.js";
import { Header } from "./header.js";
import { listenToImages } from "./image-intake.js";
import { IssuesPanel } from "./issues-panel.js";
import { Notices } from "./notices.js";
import { ObjectsPanel } from "./objects-panel.js";
import { OpenDialog } from "./open-dialog.js";
import type { PanelName } from "./panel-name.js";
import { PanelTabs } from "./panel-tabs.js";
import { IS_MAC } from "./platform.js";
import { QuestionDialog } from "./question-dialog.js";
import { StageArea } from "./stage-area.js";
import { StatusBar } from "./status-bar.js";
import { StudioContext, useStudio, useStudioState } from "./studio-context.js";
import { ToolBar } from "./tool-bar.js";
import { ToolOptions } from "./tool-options.js";
import { Tray } from "./tray.js";
import { WorkBar } from "./work-bar.js";
import "../styles/index.css";

/** The whole page. */
export function App({ studio }: { readonly studio: Studio }) {
  return (
    <StudioContext value={studio}>
      <Layout />
    </StudioContext>
  );
}

function Layout() {
  const studio = useStudio();
  const [isDragging, setDragging] = useState(false);
  const [openPanel, setOpenPanel] = useState<PanelName | null>(null);
  const isFinding = useStudioState(({ tool }) => tool === "everything");
  const isWork = useStudioState(({ work }) => work !== null);
  const theme = useStudioState(({ preferences }) => preferences.theme);

  useEffect(() => listenToKeys(studio, window, { commands: COMMANDS, isMac: IS_MAC }), [studio]);
  useEffect(() => listenToImages(studio, window, setDragging), [studio]);
  useEffect(() => showTheme(theme), [theme]);

  return (
    <div className="app" data-open-panel={openPanel ?? (isFinding ? "everything" : undefined)}>
      <Header />
      <ToolBar />
      <div className="centre">
        <WorkBar />
        <ToolOptions />
        <StageArea />
        <StatusBar />
      </div>
      <aside className="side-bar" aria-label="Side bar">
        {isFinding && <EverythingPanel />}
        <ClassesPanel />
        <ObjectsPanel />
        {isWork ? <IssuesPanel /> : <Tray />}
      </aside>
      <Gallery />
      <PanelTabs open={openPanel} onOpen={setOpenPanel} />
      <Announcer />
      <Notices />
      <OpenDialog />
      <QuestionDialog />
      {isDragging && <div className="drop-target">Drop images or masks anywhere</div>}
    </div>
  );
}

/** The style sheet follows the system unless the root says otherwise. */
function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
