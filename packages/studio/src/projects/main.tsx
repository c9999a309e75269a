import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createEngineApi } from "../api/engine.js";
import { loadPreferences } from "../effects/preferences.js";
import { ProjectsApp } from "./projects-app.js";
import "../styles/index.css";
import "../styles/projects.css";

const { theme } = loadPreferences(localStorage);
if (theme !== "system") document.documentElement.dataset.theme = theme;

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ProjectsApp engine={createEngineApi(document.baseURI)} />
  </StrictMode>,
);
