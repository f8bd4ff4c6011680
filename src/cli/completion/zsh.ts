import { type CompletedCommand, type CompletedOption, optionsWithValue } from "./words.ts";

/** For zsh from 5: read with `source`, or laid into a folder of $fpath as `_ovl-tui` (zshcompsys(1)). */
export function zshCompletion(all: readonly CompletedCommand[]): string {
  const commands = all.filter(({ name }) => name !== "");
  return `#compdef ovl-tui
# Completion of ovl-tui for zsh. In ~/.zshrc, after compinit: source <(ovl-tui completion zsh)

_ovl_tui_commands() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  _describe command commands
}

_ovl_tui() {
  local command=
  integer at
  for ((at = 2; at < CURRENT; at++)); do
    case $words[at] in
      --) return 1 ;;
      ${optionsWithValue(all).join("|")}) ((at++)) ;;
      -*) ;;
      *) command=$words[at]; break ;;
    esac
  done
  case $command in
${all.map(ofCommand).join("\n")}
  esac
}

if [[ $funcstack[1] == _ovl-tui ]]; then
  _ovl_tui "$@"
else
  compdef _ovl_tui ovl-tui
fi
`;
}

/** The branch of one command: its options, and the word that it takes. */
function ofCommand(command: CompletedCommand): string {
  const specs = command.options.map(optionSpec);
  if (command.name === "") specs.push("'1: :_ovl_tui_commands'");
  else specs.push("'1: :'");
  if (command.words.length > 0) specs.push(quoted(`2: :(${command.words.join(" ")})`));
  const name = command.name === "" ? '""' : command.name;
  return `    ${name})\n      _arguments -S ${specs.map((spec) => `\\\n        ${spec}`).join(" ")}\n      ;;`;
}

function optionSpec({ name, short, value, summary }: CompletedOption): string {
  const said = `[${summary.replaceAll(/[\\[\]:]/g, "\\$&")}]`;
  const wanted = value === undefined ? "" : `:${value}:${value === "FILE" ? "_files" : " "}`;
  const long = value === undefined ? `--${name}` : `--${name}=`;
  if (short === undefined) return quoted(`${long}${said}${wanted}`);
  const ways = `{-${short}${value === undefined ? "" : "+"},${long}}`;
  return `'(-${short} --${name})'${ways}${quoted(`${said}${wanted}`)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
