import { readBack } from "../../domain/condor/member-state.ts";
import { secretFile } from "../../domain/condor/secret.ts";

/** There while our settings are written and HTCondor has not been seen to take them. */
export const pendingFile = "/etc/condor/.ovl-tui-pending";
/** Late enough to win over packages' files, early enough for a 99-local to win over it. */
const ownFile = "50-ovl-tui.conf";
const mainFile = "/etc/condor/condor_config";

/** The process that is no child of another condor_master; "" when none lives. */
export const findMaster = `
find_master() {
  master=
  for process in /proc/[0-9]*; do
    read -r comm <"$process/comm" || continue
    [ "$comm" = condor_master ] || continue
    # What stands behind the name in brackets: state, parent.
    stat=$(cat "$process/stat") || continue
    rest=\${stat##*) }
    set -- $rest
    [ "$1" = Z ] && continue
    read -r parent <"/proc/$2/comm" || parent=
    [ "$parent" = condor_master ] && continue
    master=\${process#/proc/} started=\${20}
  done
} 2>/dev/null
`;

/** Programs of HTCondor and of the system are in sbin, which not every image has in its path. */
const searchPath = "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n";
/** Not only root may look into it, whoever makes it. */
const ownFolder = "[ -d /etc/condor ] || (umask 022 && mkdir -p /etc/condor) || exit\n";

/**
 * Everything that is read of a member at once; "$1" is the manager's name. All of it is a function, so that no program can
 * read what is left of the script from its stdin.
 */
export const lookScript = `
${findMaster}
short() { if command -v timeout >/dev/null; then timeout 5 "$@"; else "$@"; fi; }
look() {
  section clock; date +%s
  section init; cat /proc/1/comm
  section release; cat /etc/os-release /usr/lib/os-release 2>/dev/null
  if command -v condor_master >/dev/null; then :; else return; fi
  section version; condor_version
  # The administrator's own folder, there yet or not; a distribution's own in /usr belongs to its packages.
  folder=
  for one in $(condor_config_val LOCAL_CONFIG_DIR 2>/dev/null | tr ',' ' '); do
    case $one in
      /usr/share/* | /usr/lib/*) ;;
      /etc/*) folder=$one ;;
      /*) folder=\${folder:-$one} ;;
    esac
  done
  if [ -n "$folder" ]; then
    path=$folder/${ownFile}
    section place "file $path"
  else
    path=\${CONDOR_CONFIG:-${mainFile}}
    section place "block $path"
  fi
  if [ -f "$path" ]; then section content; cat "$path"; fi
  section pending; if [ -e ${pendingFile} ]; then echo yes; fi
  section secret; if [ -f ${secretFile} ]; then sha256sum <${secretFile}; fi
  section addresses; hostname -I 2>/dev/null || ip -o -4 addr show 2>/dev/null
  section effective; condor_config_val -v ${readBack.join(" ")} 2>/dev/null
  section name; short getent ahostsv4 "$1"
  find_master
  section master
  if [ -n "$master" ]; then
    read -r uptime rest </proc/uptime
    printf '%s %s %s %s\\n' "$master" "$uptime" "$started" "$(getconf CLK_TCK 2>/dev/null || echo 100)"
  fi
}
look "$1" </dev/null
section end
`;

/** "$1" is the path, "$2" the sha256 of what it holds or "absent", "$3" the mode of a new one; the content comes on stdin. */
export const writeScript = `${searchPath}
path=$1 before=$2
umask 077
${ownFolder}
now=absent
if [ -e "$path" ]; then now=$(sha256sum <"$path") && now=\${now%% *}; fi
# Names that begin with a dot are no configuration (HTCondor manual, LOCAL_CONFIG_DIR_EXCLUDE_REGEXP).
[ -d "\${path%/*}" ] || (umask 022 && mkdir -p "\${path%/*}") || exit
new=$(mktemp "\${path%/*}/.ovl-tui.XXXXXX") || exit
trap 'rm -f "$new"' EXIT
cat >"$new" || exit
wanted=$(sha256sum <"$new") && wanted=\${wanted%% *}
if [ "$now" = "$wanted" ]; then echo unchanged; exit; fi
if [ "$now" != "$before" ]; then echo changed; exit; fi
if [ "$now" = absent ]; then chmod "$3" "$new"; else chmod --reference="$path" "$new" && chown --reference="$path" "$new"; fi || exit
: >${pendingFile} && sync "$new" && mv -f "$new" "$path" && touch ${pendingFile} && echo written
`;

/** The same for a file that shall be gone. */
export const removeScript = `${searchPath}
path=$1 before=$2
if [ ! -e "$path" ]; then echo unchanged; exit; fi
now=$(sha256sum <"$path") && now=\${now%% *}
if [ "$now" != "$before" ]; then echo changed; exit; fi
: >${pendingFile} && rm -f "$path" && echo written
`;

/** The secret comes on stdin, base64: nothing of it is ever an argument. */
export const placeSecretScript = `${searchPath}
umask 077
${ownFolder}
folder=${secretFile.slice(0, secretFile.lastIndexOf("/"))}
[ -d "$folder" ] || mkdir -p "$folder" || exit
new=$(mktemp "$folder/.ovl-tui.XXXXXX") || exit
trap 'rm -f "$new"' EXIT
base64 -d >"$new" && chmod 0600 "$new" && : >${pendingFile} && sync "$new" && mv -f "$new" ${secretFile} && touch ${pendingFile}
`;

export const readSecretScript = `if [ -f ${secretFile} ]; then base64 <${secretFile} | tr -d '\\n'; fi`;

/**
 * Sets age to that of the master that was found and since to the time since the last of our files was written, both in
 * hundredths of a second; fails where stat(1) or date(1) tell none of them.
 */
const findAges = `
find_ages() {
  [ -n "$master" ] && [ -e ${pendingFile} ] || return 1
  written=$(stat -c %.9Y ${pendingFile}) && now=$(date +%s%N) && read -r uptime rest </proc/uptime || return 1
  written=\${written%.*}\${written#*.}
  case $written$now in *[!0-9]*) return 1 ;; esac
  [ "\${#written}" -eq "\${#now}" ] || return 1
  age=$((\${uptime%.*}\${uptime#*.} - started * 100 / $(getconf CLK_TCK 2>/dev/null || echo 100)))
  since=$(((now - written) / 10000000))
} 2>/dev/null
`;

/** Ends the master that was found, and waits until it has ended. SIGQUIT is its fast shutdown: jobs are told to leave. */
const stopMaster = `
stop_master() {
  kill -QUIT "$master"
  tries=0
  while [ "$tries" -lt 60 ]; do find_master; [ -z "$master" ] && return; tries=$((tries + 1)); sleep 0.5; done
  echo "condor_master did not stop within 30 s" >&2
  return 1
}
`;

/** "$1": restart or reconfigure. The unit's name is that of HTCondor's own packages and of Debian's. */
export const takeScript = `${searchPath}
${findMaster}
${findAges}
${stopMaster}
take() {
  read -r init </proc/1/comm
  if [ "$init" = systemd ] && command -v systemctl >/dev/null; then
    # Early in the boot of the container nobody answers yet.
    tries=0
    until systemctl show --property=Version >/dev/null 2>&1 || [ "$tries" -ge 60 ]; do tries=$((tries + 1)); sleep 0.5; done
    if systemctl cat condor >/dev/null 2>&1; then
      if [ "$1" = reconfigure ] && systemctl is-active --quiet condor; then systemctl reload condor; return; fi
      systemctl is-enabled --quiet condor || systemctl enable condor || return
      systemctl reset-failed condor
      # The boot of the container starts it at the same time. What it has started with our files stays, and what may have
      # read them gets the time to come up: a master that is stopped while its collector starts waits 20 s for that.
      find_master
      if find_ages && [ "$age" -lt 300 ]; then
        if [ "$((age + 3))" -lt "$since" ]; then systemctl start condor; return; fi
        if [ "$((age - since))" -lt 100 ]; then sleep "$(((399 - age) / 100))"; fi
      fi
      # One that was started by hand would go on beside the unit's.
      main=$(systemctl show --property=MainPID condor)
      if [ -n "$master" ] && [ "$master" != "\${main#MainPID=}" ]; then stop_master || return; fi
      if [ -n "$master" ] || systemctl is-active --quiet condor; then systemctl restart condor; else systemctl start condor; fi
      return
    fi
  fi
  how=$1
  find_master
  if [ -n "$master" ]; then
    if [ "$how" = reconfigure ]; then kill -HUP "$master"; return; fi
    # In the foreground it is the container's own process, or what that waits for: its end would be the container's.
    # This has it begin anew as the same process.
    if [ "$master" = 1 ] || tr '\\0' '\\n' <"/proc/$master/cmdline" | grep -qx -e -f; then
      condor_restart -fast >&2 || { echo "only a restart of the container restarts its condor_master" >&2; return 1; }
      return
    fi
    stop_master || return
  fi
  # A file, for what it leaves behind holds on to what it prints to.
  words=$(mktemp) || return
  condor_master >"$words" 2>&1
  code=$?
  if [ "$code" -ne 0 ]; then
    { cat "$words"; tail -n 2 "$(condor_config_val MASTER_LOG)" 2>/dev/null; echo "condor_master ended with code $code"; } >&2
  fi
  rm -f "$words"
  return "$code"
}
take "$1" </dev/null
`;

const pingSeconds = 6;

export const pingScript = `
# Where nothing answers, condor_ping waits for longer than an operator does.
short() { if command -v timeout >/dev/null; then timeout ${pingSeconds} "$@"; else "$@"; fi; }
ping() {
  section table; short condor_ping -table -type COLLECTOR READ ADVERTISE_STARTD ADVERTISE_MASTER 2>&1
  code=$?
  section words
  if [ "$code" -eq 124 ]; then echo "no answer in ${pingSeconds} s"; return; fi
  short condor_ping -verbose -type COLLECTOR ADVERTISE_MASTER 2>&1
}
ping </dev/null
section end
`;

/**
 * "$1" is a machine's name, made of letters, digits, dot and dash, "$2" how its address begins: "<10.10.10.3:". An ad that
 * is not there is no failure.
 */
export const forgetScript = `${searchPath}
# A startd has slots, and from 23.2 on an ad of its own besides.
for kind in STARTD/Machine STARTD/StartD SCHEDD/Scheduler MASTER/DaemonMaster; do
  printf 'MyType = "Query"\\nTargetType = "%s"\\nRequirements = Machine == "%s" && substr(MyAddress, 0, %s) == "%s"\\n' \
    "\${kind#*/}" "$1" "\${#2}" "$2" |
    condor_advertise "INVALIDATE_\${kind%/*}_ADS" - || exit
done
`;
