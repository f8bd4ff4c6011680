import { type CompletedCommand, optionsWithFile, optionsWithValue } from "./words.ts";

/**
 * For bash from 3.2, the oldest that macOS has: no `mapfile`, and `compopt` only where it exists. Bash splits
 * "--config=FILE" into three words (COMP_WORDBREAKS, bash(1)).
 */
export function bashCompletion(all: readonly CompletedCommand[]): string {
  const withFile = optionsWithFile(all);
  const withOther = optionsWithValue(all).filter((option) => !withFile.includes(option));
  const commands = all.filter(({ name }) => name !== "");
  return `# Completion of ovl-tui for bash. In ~/.bashrc: eval "$(ovl-tui completion bash)"

_ovl_tui() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} at command= given=0 offered= found
  COMPREPLY=()
  if [[ $word == "=" ]]; then
    word=
  elif [[ $before == "=" ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      --) return ;;
      ${optionsWithValue(all).join(" | ")})
        ((at++))
        [[ \${COMP_WORDS[at]} == "=" ]] && ((at++))
        ;;
      -* | "=") ;;
      *) if [[ -z $command ]]; then command=\${COMP_WORDS[at]}; else ((given++)); fi ;;
    esac
  done
  case $before in
    ${withFile.join(" | ")})
      compopt -o filenames 2>/dev/null
      while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "$word")
      return
      ;;
    ${withOther.join(" | ")}) return ;;
  esac
  if [[ $word == -* ]]; then
    case $command in
${all.map((one) => `      ${one.name === "" ? '""' : one.name}) offered="${longOptions(one)}" ;;`).join("\n")}
    esac
  elif [[ -z $command ]]; then
    offered="${commands.map(({ name }) => name).join(" ")}"
  elif ((given == 0)); then
    case $command in
${commands
  .filter(({ words }) => words.length > 0)
  .map(({ name, words }) => `      ${name}) offered="${words.join(" ")}" ;;`)
  .join("\n")}
    esac
  fi
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -W "$offered" -- "$word")
}

complete -F _ovl_tui ovl-tui
`;
}

const longOptions = (command: CompletedCommand): string => command.options.map(({ name }) => `--${name}`).join(" ");
