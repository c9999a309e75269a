/**
 * Who may import whom (docs/architecture.md). Package boundaries are held by package.json and project references;
 * this checks what they cannot see: layers inside packages, `node:*` and platform files.
 */
import { globSync, readFileSync } from "node:fs";
