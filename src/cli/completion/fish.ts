import { type CompletedCommand, type CompletedOption, optionsWithValue } from "./words.ts";

/** For fish from 3.0, the first that knows `complete -F` (fishshell.com/docs/current/cmds/complete.html). */
export function fishCompletion(all: readonly CompletedCommand[]): string {
  const commands = all.filter(({ name }) => name !== "");
  return `# Completion of ovl-tui for fish. In ~/.config/fish/config.fish: ovl-tui completion fish | source

function __ovl_tui_words --description 'The words before the cursor that are neither options nor their values'
  set -l tokens (commandline -opc)
  set -e tokens[1]
  while set -q tokens[1]
    switch $tokens[1]
      case --
        # What follows is a command for a container.
        printf '%s\\n' -- --
        return
      case ${optionsWithValue(all).join(" ")}
        set -q tokens[2]; and set -e tokens[1]
      case '-*'
      case '*'
        printf '%s\\n' $tokens[1]
    end
    set -e tokens[1]
  end
end

function __ovl_tui_on --description 'Whether this is the command'
  set -l words (__ovl_tui_words)
  test "$words[1]" = "$argv[1]"; and not contains -- -- $words
end

function __ovl_tui_after --description 'Whether these are all the words so far'
  set -l words (__ovl_tui_words)
  test "$words" = "$argv"
end

complete -c ovl-tui -f
${[
  ...commands.map(({ name, summary }) => word("", name, summary)),
  ...commands.flatMap(({ name, words }) => words.map((one) => word(name, one, undefined))),
  ...all.flatMap((command) => command.options.map((one) => option(command.name, one))),
].join("\n")}
`;
}

/** A word offered where the words so far are `after`. */
function word(after: string, offered: string, summary: string | undefined): string {
  const when = after === "" ? "__ovl_tui_after" : `__ovl_tui_after ${after}`;
  return `complete -c ovl-tui -n ${quoted(when)} -a ${offered}${summary === undefined ? "" : ` -d ${quoted(summary)}`}`;
}

function option(command: string, { name, short, value, summary }: CompletedOption): string {
  const when = command === "" ? "__ovl_tui_on ''" : `__ovl_tui_on ${command}`;
  const taken = value === undefined ? "" : value === "FILE" ? " -r -F" : " -x";
  const shortly = short === undefined ? "" : ` -s ${short}`;
  return `complete -c ovl-tui -n "${when}"${shortly} -l ${name}${taken} -d ${quoted(summary)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
