import { lastValue, parseArguments, type Setting } from "../flags/arguments.ts";
import { parseDaemonJson } from "../flags/daemon-json.ts";
import { scriptCommand, unitCommand } from "../flags/unit.ts";
import type { DaemonSources } from "../host.ts";

/** What the files of a node say that dockerd shall be started with, and where. Raw: for comparing, not for showing. */
export interface Written {
  onCommandLine: readonly Setting[];
  inFile: readonly Setting[];
}

/** The settings of command line and daemon.json, as they are written; what runs may still be another thing. */
export function writtenSettings(sources: DaemonSources): Written {
  const { unitFiles, environmentFiles, daemonJson } = sources;
  const command = unitFiles.length > 0 ? unitCommand(unitFiles, environmentFiles) : scriptCommand(environmentFiles);
  return {
    onCommandLine: parseArguments(command),
    inFile: daemonJson === undefined ? [] : parseDaemonJson(daemonJson).settings,
  };
}

/** The value of an option, wherever it is written. */
export const writtenValue = ({ onCommandLine, inFile }: Written, flag: string): string | undefined =>
  lastValue(onCommandLine, flag) ?? lastValue(inFile, flag);

/** Every value of an option that takes several. */
export const writtenValues = ({ onCommandLine, inFile }: Written, flag: string): string[] =>
  [...onCommandLine, ...inFile].filter(({ option }) => option.flag === flag).map(({ value }) => value);

/** Whether the option is given on the command line, where daemon.json may not repeat it. */
export const isFlag = ({ onCommandLine }: Written, flag: string): boolean =>
  onCommandLine.some(({ option }) => option.flag === flag);
