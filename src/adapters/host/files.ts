import { createHash } from "node:crypto";
import { z } from "zod";
import type { FileEdit, Sha256 } from "../../domain/plan/change.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Trouble } from "../../domain/trouble.ts";
import { wayToWrite } from "../../domain/unwritable.ts";
import type { Files } from "../../ports/files.ts";
import { parseAnswer } from "../answer.ts";
import type { Transport } from "../transport.ts";
import { guard } from "./guard.ts";
import { contentOf, runSections, type Section } from "./sections.ts";

/** Bytes. More than any configuration has; what is longer is not read, so that nothing floods the connection. */
const longestFile = 524_288;

/** Shell: sets `current` to the hash of the file `path`, or to what stands there instead of one. */
const look = `
sum_of() { sum=$(sha256sum <"$1") && sum=\${sum%% *}; }
look() {
  if [ -L "$path" ]; then current=link
  elif [ -d "$path" ]; then current=folder
  elif [ ! -e "$path" ]; then current=absent
  elif [ ! -f "$path" ]; then current=special
  elif sum_of "$path" 2>/dev/null; then current=$sum
  else current=unreadable
  fi
}
command -v sha256sum >/dev/null 2>&1 || { section tool sha256sum; section end; exit; }
`;

const readScript = `
path=$1 longest=$2
${look}
look
section is "$current"
case $current in
  link) readlink "$path" ;;
  absent|folder|special|unreadable) ;;
  *)
    if [ "$(wc -c <"$path")" -gt "$longest" ]; then section long
    else section content; cat "$path"
    fi ;;
esac
section end
`;

/*
 * "$5" is the content as the operand of %b, which can hold any byte. It is in no process's arguments: printf belongs to
 * the shell. cat writes it, because it says why it could not, which the shell's own printf does not always.
 * The old file is kept by a second name for it, which needs no room on a full disk and is there or not.
 */
const writeScript = `
path=$1 expected=$2 wanted=$3 mode=$4 content=$5 secret=$6
folder=\${path%/*} name=\${path##*/} made= backup=
${look}
${guard}
# The last part of what a command said: "mv: cannot move 'a' to 'b': Read-only file system".
failed() {
  [ -z "$made" ] || { rm -f "$temp"; rmdir "$folder" 2>/dev/null; }
  section failed "$1"; printf '%s' "\${why##*: }"
  section end
  exit
}
told() { section "$1" "$2"; section end; exit; }
replace() { mv -fT "$1" "$2" 2>/dev/null || { [ ! -d "$2" ] && mv -f "$1" "$2"; }; }
# Without an operand: all there is. busybox and old coreutils know no other.
on_disk() { sync "$1" 2>/dev/null || sync; }
name_backup() {
  stamp=$(date -u +%Y%m%dT%H%M%SZ) backup=$path.ovl-tui-$stamp more=1
  while [ -e "$backup" ] && [ "$more" -lt 100 ]; do backup=$path.ovl-tui-$stamp-$more more=$((more + 1)); done
}
prune() {
  kept=0
  for one in "$path".ovl-tui-[0-9]*Z*; do [ -e "$one" ] && kept=$((kept + 1)); done
  for one in "$path".ovl-tui-[0-9]*Z*; do
    [ "$kept" -gt 5 ] || break
    rm -f "$one"
    kept=$((kept - 1))
  done
}
guard || failed guard
look
# The mode of the old file is that of its backup as well, and what the new one takes over.
case $secret,$current in
  *,absent|no,*) ;;
  yes,"$wanted"|yes,"$expected") why=$(chmod "$mode" "$path" 2>&1) || failed mode ;;
esac
case $current in
  "$wanted") told unchanged ;;
  link) told link "$(readlink "$path")" ;;
  folder|special|unreadable) told "$current" ;;
  "$expected") ;;
  *) told changed ;;
esac
if [ "$wanted" = absent ]; then
  name_backup
  why=$(replace "$path" "$backup" 2>&1) || failed remove
else
  if [ ! -d "$folder" ]; then
    why=$(umask 022 && mkdir -p "$folder" 2>&1) || failed folder
    made=1
  fi
  # Only a run that was killed leaves one: the guard keeps all others away.
  rm -f "$folder/.ovl-tui-$name".??????
  umask 077
  why=$(mktemp "$folder/.ovl-tui-$name.XXXXXX" 2>&1) || failed make
  temp=$why
  why=$(printf %b "$content" | cat 2>&1 >"$temp") || failed fill
  sum_of "$temp" && [ "$sum" = "$wanted" ] || { why="what arrived on the disk is not what was sent"; failed check; }
  if [ "$expected" = absent ]; then why=$(chmod "$mode" "$temp" 2>&1) || failed mode
  else
    why=$(chown "$(stat -c %u:%g "$path")" "$temp" 2>&1) || failed owner
    why=$(chmod "$(stat -c %a "$path")" "$temp" 2>&1) || failed mode
    if [ -e /sys/fs/selinux/enforce ] && command -v chcon >/dev/null 2>&1; then
      why=$(chcon --reference="$path" "$temp" 2>&1) || failed label
    fi
  fi
  why=$(on_disk "$temp" 2>&1) || failed store
  # Somebody else's editor asks no guard.
  look
  [ "$current" = "$expected" ] || told changed
  if [ "$expected" != absent ]; then
    name_backup
    why=$({ ln "$path" "$backup" 2>/dev/null || cp -p "$path" "$backup"; } 2>&1) || failed backup
  fi
  why=$(replace "$temp" "$path" 2>&1) || { [ -z "$backup" ] || rm -f "$backup"; failed replace; }
  temp=
fi
on_disk "$folder"
prune
section written; printf '%s' "$backup"
section end
`;

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((digits) => digits as Sha256);

/** The hash of a file with this content. */
export const sha256Of = (content: string): Sha256 =>
  createHash("sha256").update(content, "utf8").digest("hex") as Sha256;

/** The operand of printf's %b that writes `content`: its only special character is the backslash (POSIX, printf). A NUL can be in no operand. */
const escaped = (content: string): string => content.replaceAll("\\", "\\\\").replaceAll("\0", "\\0000");

/** The node's files, as root, one script a call. */
export function createFiles(transport: Transport): Files {
  const run = (what: SafeText, script: string, args: readonly string[], within: Parameters<Files["read"]>[1]) =>
    runSections(transport, what, script, args, within, { root: true });
  return {
    async read(path, within) {
      const what = clean(path);
      for (let attempt = 0; ; attempt++) {
        const ran = await run(what, readScript, [path, String(longestFile)], within);
        if (!ran.ok) return ran;
        const obstacle = obstacleIn(ran.value, path);
        if (obstacle !== undefined) return bad(obstacle);
        const is = ran.value.find(({ name }) => name === "is")?.title;
        if (is === "absent") return good("absent");
        const parsed = parseAnswer(z.object({ hash: sha256, content: z.string() }), contents(ran.value), what);
        if (!parsed.ok) return parsed;
        const { hash, content } = parsed.value;
        if (sha256Of(content) === hash) return good({ content, sha256: hash });
        // Written to between the two looks at it; the second time it is something else.
        if (attempt > 0) return bad(notText(path));
      }
    },
    async write(edit, within) {
      const { path, replaces, content, mode, secret } = edit;
      const what = clean(path);
      const wanted = content === "removed" ? "absent" : sha256Of(content);
      const expected = replaces === "absent" ? replaces : replaces.sha256;
      const operand = content === "removed" ? "" : escaped(content);
      const args = [path, expected, wanted, mode.toString(8).padStart(4, "0"), operand, secret === true ? "yes" : "no"];
      const ran = await run(what, writeScript, args, within);
      return ran.ok ? writtenOf(ran.value, edit) : ran;
    },
  };
}

const contents = (sections: readonly Section[]) => ({
  hash: sections.find(({ name }) => name === "is")?.title,
  content: sections.find(({ name }) => name === "content")?.content,
});

type Written = Awaited<ReturnType<Files["write"]>>;

function writtenOf(sections: readonly Section[], { path }: FileEdit): Written {
  const obstacle = obstacleIn(sections, path);
  if (obstacle !== undefined) return bad(obstacle);
  const result = sections[0]?.name;
  switch (result) {
    case "unchanged":
    case "changed":
      return good({ result });
    case "written": {
      const backup = contentOf(sections, "written");
      return good({ result, backup: backup === "" ? undefined : backup });
    }
    default:
      return bad({ kind: "bad-answer", from: clean(path), detail: text`it was neither written nor refused` });
  }
}

/** Why a file can be neither read nor written, if it is so. */
function obstacleIn(sections: readonly Section[], path: string): Trouble | undefined {
  const file = clean(path);
  for (const { name, title, content } of sections) {
    const state = name === "is" ? title : name;
    switch (state) {
      case "tool":
        return { kind: "tool-missing", tool: clean(title), remedy: text`install coreutils` };
      case "link": {
        const target = clean(name === "is" ? content.trim() : title);
        const remedy = text`somebody keeps the file elsewhere: change ${target} where it comes from, or put a plain file in the link's place`;
        return { kind: "misconfigured", detail: text`${file} is a symbolic link to ${target}`, remedy };
      }
      case "folder":
      case "special": {
        const is = state === "folder" ? text`a folder` : text`no regular file`;
        return { kind: "misconfigured", detail: text`${file} is ${is}`, remedy: text`look at "ls -ld ${file}"` };
      }
      case "unreadable":
        return misread(file, text`it cannot be read, not even by root`);
      case "long":
        return misread(file, text`it is longer than ${longestFile} bytes`);
      case "failed":
        return unwritable(file, clean(path.replace(/\/[^/]*$/, "") || "/"), clean(content, 200));
    }
  }
  return undefined;
}

const misread = (file: SafeText, why: SafeText): Trouble => ({
  kind: "misconfigured",
  detail: text`${file}: ${why}`,
  remedy: text`look at it with "ls -l ${file}" and "file ${file}"`,
});

const notText = (path: string): Trouble => misread(clean(path), text`it is no UTF-8 text, or changes all the time`);

function unwritable(file: SafeText, folder: SafeText, why: SafeText): Trouble {
  const remedy =
    wayToWrite(why, folder, file) ??
    (/at work/.test(why)
      ? text`wait for it, or look for it with "ps -ef | grep ovl-tui"`
      : text`look at "ls -la ${folder}"; nothing was changed`);
  return { kind: "misconfigured", detail: text`cannot write ${file}: ${why}`, remedy };
}
