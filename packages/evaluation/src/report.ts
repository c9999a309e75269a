/** Entry for other reports: the parts that pages of evaluations are made of. Importing it loads the plots. */
export { type MaskCase, maskPanels, type TitledPrediction } from "./protocols/case-panels.js";
export { proposalPanels } from "./protocols/proposal-panels.js";
export { proposalUnit, rankProposals } from "./protocols/proposal-unit.js";
export { caseFigures } from "./report/case-figure.js";
export { escapeHtml } from "./report/escape-html.js";
export { htmlPage, valueList } from "./report/page.js";
export { type NamedCurve, plotCurves } from "./report/plot-curves.js";
