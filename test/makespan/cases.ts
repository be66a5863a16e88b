/** Task graphs with known optima and with what list scheduling reaches, from `../shared/cases`; absent elsewhere. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Case {
  readonly id: string;
  readonly tasks: readonly { readonly id: string; readonly dur: number; readonly deps: readonly string[] }[];
  /** In units of `dur`. */
  readonly cp: number;
  readonly work: number;
  readonly suggestedMsPerSec?: number;
  readonly runs: readonly {
    /** Slots. */
    readonly m: number;
    readonly optimum?: number;
    /** The longest remaining path first. */
    readonly cpList: number;
  }[];
}

const FOLDER = fileURLToPath(new URL("../../../shared/cases/", import.meta.url));

export const haveCases = existsSync(`${FOLDER}stg.dev.json`);

export function readCases(name: "stg" | "wf"): readonly Case[] {
  return JSON.parse(readFileSync(`${FOLDER}${name}.dev.json`, "utf8")) as Case[];
}
