import { loadSam } from "@segany/sam";
import { describeEngine } from "../src/testing/engine-contract.js";

const load = async (options: Parameters<typeof loadSam>[1]) => (await loadSam(undefined, options)).engine;

describeEngine("in a process of its own", load, (model) => load({ ...model, runIn: "this-process" }));
