/** Shell: sets `run`, the folder of the node's lock: on a tmpfs, so that nothing of it outlives a boot (file-hierarchy(7)). */
export const runFolder = `
run=/run/ovl-tui
[ -d /run ] || run=/var/run/ovl-tui
`;

/**
 * Shell: `guard` lets one of our scripts at a time work on the node's files, and ends with the script, killed or not;
 * false when it had to wait too long or has no place to stand, and then `why` says so. What it waits on
 * lies in `run` as well.
 */
export const guard = `
${runFolder}
guard() {
  why=$({ umask 077; mkdir -p "$run" && : >>"$run/guard"; } 2>&1) || { why="cannot make $run/guard: \${why##*: }"; return 1; }
  waited=0
  if command -v flock >/dev/null 2>&1; then
    exec 9>>"$run/guard"
    until flock -n 9; do guard_wait || return 1; done
    return 0
  fi
  # A shell that cannot lock a file can still make a folder, which is there or not; its maker may have been killed.
  until mkdir "$run/guard.d" 2>/dev/null; do
    owner=
    { read -r owner <"$run/guard.d/pid"; } 2>/dev/null
    [ -z "$owner" ] || kill -0 "$owner" 2>/dev/null || rm -rf "$run/guard.d"
    guard_wait || return 1
  done
  guarded="$run/guard.d"
  printf '%s\\n' "$$" >"$guarded/pid"
}
guard_wait() {
  waited=$((waited + 1))
  if [ "$waited" -gt 50 ]; then why="another command of ovl-tui is at work"; return 1; fi
  sleep 0.1 2>/dev/null || sleep 1
}
guarded=
temp=
leave() { rm -f "$temp"; [ -z "$guarded" ] || rm -rf "$guarded"; }
trap leave EXIT
trap 'exit 1' HUP INT TERM
`;
