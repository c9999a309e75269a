import { type AgreementSettings, agreementProtocol } from "./agreement.js";
import { type BoxSettings, boxesProtocol } from "./boxes.js";
import { type ClickSettings, clicksProtocol } from "./clicks.js";
import { type EdgeSettings, edgesProtocol } from "./edges.js";
import { type ProposalSettings, proposalsProtocol } from "./proposals.js";
import type { Protocol } from "./protocol.js";

/** The settings of each protocol. */
export interface ProtocolSettings {
  readonly clicks: ClickSettings;
  readonly proposals: ProposalSettings;
  readonly boxes: BoxSettings;
  readonly edges: EdgeSettings;
  readonly agreement: AgreementSettings;
}

/** The protocols, as the command line names them. */
export type ProtocolName = keyof ProtocolSettings;

const PROTOCOLS: { readonly [Name in ProtocolName]: Protocol<ProtocolSettings[Name]> } = {
  clicks: clicksProtocol,
  proposals: proposalsProtocol,
  boxes: boxesProtocol,
  edges: edgesProtocol,
  agreement: agreementProtocol,
};

/** A protocol by its name. */
export function findProtocol<Name extends ProtocolName>(name: Name): Protocol<ProtocolSettings[Name]> {
  return PROTOCOLS[name];
}
