/**
 * Shell: sets `systemd` ("1" where it runs), `unit` (dockerd's: docker.service until another is seen), `show` (that
 * unit's properties), `pid` (dockerd's, empty when none runs) and `hidden` (a pid that systemd tells and /proc does not).
 * systemd's main process first, then the pid file, then any process of that name that is not in a container.
 */
export const findDockerd = `
systemd= unit=docker.service show= pid= hidden=
show_unit() {
  systemctl show -p MainPID -p LoadState -p ActiveState -p SubState -p Result -p FragmentPath -p DropInPaths \\
    -p EnvironmentFiles -p ExecStart "$unit" 2>/dev/null
}
is_dockerd() {
  comm=
  { read -r comm <"/proc/$1/comm"; } 2>/dev/null
  case $comm in
    # One that was only asked for its version or to look at a file (we ask ourselves) is no engine.
    dockerd|dockerd-*) ! tr '\\0' '\\n' <"/proc/$1/cmdline" 2>/dev/null | grep -Eq '^(-v|--version|-h|--help|--validate)$' ;;
    docker) tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -Eq '^[^ ]*docker (daemon|-d)( |$)' ;;
    *) return 1 ;;
  esac
}
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
  systemd=1
  show=$(show_unit)
  main=$(printf '%s\\n' "$show" | sed -n 's/^MainPID=//p')
  if is_dockerd "$main"; then pid=$main
  elif [ "\${main:-0}" != 0 ] && [ ! -r "/proc/$main/comm" ]; then hidden=$main
  fi
fi
if [ -z "$pid" ]; then
  recorded=none
  { read -r recorded </var/run/docker.pid; } 2>/dev/null
  for process in "/proc/$recorded" /proc/[0-9]*; do
    is_dockerd "\${process#/proc/}" || continue
    # Its control group carries a container's id: an engine inside a container is not this machine's.
    grep -Eq '[0-9a-f]{64}' "$process/cgroup" 2>/dev/null && continue
    pid=\${process#/proc/}
    break
  done
  if [ -n "$systemd" ] && [ -n "$pid" ]; then
    seen=$(sed -n 's#.*/\\([^/]*\\.service\\)$#\\1#p' "/proc/$pid/cgroup" | head -n 1)
    if [ -n "$seen" ]; then unit=$seen show=$(show_unit); fi
  fi
fi
`;
