/*
 * Everything that is sent from one container, in one process in its network: NUMBER HOW PID ID SERVER PORT TARGET…. HOW is
 * "enter" for a container's network by way of nsenter(1), "image" for the container's own tools, "here" for the node
 * itself. What comes out of a way goes to files that end in NUMBER.TARGET.
 *
 * Names: one socket for all questions, written in octal, whose answers find their way back by the number in each. bash's
 * own printf sends a packet for each line end, so questions with one go through printf(1).
 */
const job = `
if [ "$2" = enter ]; then
  number=$1 pid=$3
  shift 2
  exec nsenter -t "$pid" -n /bin/sh ./job "$number" here "$@"
fi
number=$1 how=$2 id=$4 server=$5 port=$6
shift 6
atonce=12
read_target() { { read -r address && read -r question && read -r name; } <"target.$1"; }

image() {
  docker exec "$id" ping -c 3 -W 1 "$address" >"out/small.$at" 2>&1 &
  if [ "$name" != - ]; then
    found=$(docker exec "$id" getent hosts "$name" 2>/dev/null)
    printf '%s %s\\n' "$?" "$found" >"out/found.$at"
  fi
  wait
}

# The MTU of the interface that leads there, and what of it remains for the data of an echo request.
find_size() {
  size=
  way=$(ip -o route get "$1" 2>/dev/null)
  device=\${way#* dev }
  link=$(ip -o link show dev "\${device%% *}" 2>/dev/null)
  mtu=\${link#* mtu }
  mtu=\${mtu%% *}
  case $mtu in '' | *[!0-9]*) return ;; esac
  headers=28
  case $1 in *:*) headers=48 ;; esac
  size=$((mtu - headers))
}

# An error of its own: the kernel heard of a narrow link up to ten minutes ago, when the fault may not have been mended yet.
full() {
  large() { ping -n -c 2 -i 0.2 -W 1 -M "$df" -s "$size" "$address" >"out/full.$at" 2>&1; }
  large
  if grep -q '^ping: local error' "out/full.$at"; then
    ip route flush cache 2>/dev/null
    large
  fi
}

here() {
  if [ ! -e iputils ]; then
    ping -n -c 3 -W 1 "$address" >"out/small.$at" 2>&1 &
  else
    ping -n -c 3 -i 0.2 -W 1 "$address" >"out/small.$at" 2>&1 &
    if [ -n "$size" ]; then
      printf '%s\\n' "$mtu" >"out/size.$at"
      full &
    fi
  fi
  if [ "$port" != - ]; then
    {
      said=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$address" "$port" 2>&1 >/dev/null)
      printf '%s %s\\n' "$?" "$said"
    } >"out/port.$at" 2>/dev/null &
  fi
}

ask_names() {
  bash -c '
    exec 3<>"/dev/udp/$1/53"
    shift
    for one; do
      case $one in *\\\\012*) env printf "$one" >&3 ;; *) printf "$one" >&3 ;; esac
    done
    exec timeout $((2 + $# / 20)) dd bs=4096 count="$#" <&3 2>/dev/null' bash "$server" "$@" 2>/dev/null | od -An -v -tx1 >"out/names.$number"
  printf 'asked %s\\n' "$server" >>"out/names.$number"
}

# Both send DF; "probe", which iputils learnt late, does not heed what the kernel remembers of the path.
df=do
[ ! -e probing ] || df=probe
if [ "$how" = here ] && [ "$server" != - ]; then
  (
    targets=$*
    set --
    for target in $targets; do
      read_target "$target"
      [ "$question" = - ] || set -- "$@" "$question"
    done
    [ $# -eq 0 ] || ask_names "$@"
  ) &
fi
# Many answers are not waited for while pings take the processor.
[ $# -le $atonce ] || wait
size=
sized=
begun=0
for target; do
  at=$number.$target
  read_target "$target"
  if [ "$how" = image ]; then image &
  else
    # Containers ask for one network, whose addresses are all behind one interface; other nodes may be anywhere.
    if [ -z "$sized" ] || [ "$number" = node ]; then find_size "$address"; fi
    sized=yes
    here
  fi
  begun=$((begun + 1))
  [ $((begun % atonce)) -ne 0 ] || wait
done
wait
[ "$how" != here ] || ip neigh show >"out/neighbours.$number" 2>/dev/null
`;

/**
 * Arguments: PORT; ADDRESS QUESTION NAME of each target; "--"; ID "TARGET-NUMBER …" of each container; "--"; the
 * addresses of nodes. "-" stands for nothing. Sections: "before" and "after" (ID STATUS PID of containers around the
 * pings), "engine" (what it complained of); names and neighbours of each container, titled by its number; small, full,
 * size, found and port of each way, titled CONTAINER.TARGET, and of each node, titled node.nNUMBER.
 */
export const probeScript = `
folder=$(mktemp -d /tmp/ovl-tui-ping-XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cd "$folder" && mkdir out || exit 1
cat >job <<'JOB'
${job}
JOB
case $(ping -V 2>&1) in *iputils*) : >iputils ;; esac
case $(ping -h 2>&1) in *probe*) : >probing ;; esac

port=$1
shift
number=0
while [ "\${1---}" != -- ]; do
  printf '%s\\n%s\\n%s\\n' "$1" "$2" "$3" >"target.$number"
  number=$((number + 1))
  shift 3
done
shift
number=0
ids=
while [ "\${1---}" != -- ]; do
  printf '%s %s %s\\n' "$number" "$1" "$2" >>containers
  ids="$ids $1"
  number=$((number + 1))
  shift 2
done
shift
if [ $# -gt 0 ]; then
  number=0
  nodes=
  for address in "$@"; do
    printf '%s\\n-\\n-\\n' "$address" >"target.n$number"
    nodes="$nodes n$number"
    number=$((number + 1))
  done
  # shellcheck disable=SC2086
  /bin/sh ./job node here - - - - $nodes &
fi

# shellcheck disable=SC2086
look() { [ -z "$ids" ] || docker inspect -f '{{.Id}} {{.State.Status}} {{.State.Pid}} {{.ResolvConfPath}}' $ids; }
look >before 2>complaint
how=image
if command -v nsenter >/dev/null && command -v ping >/dev/null; then how=enter; fi
begun=0
# All containers share one table of neighbours (gc_thresh3, arp(7)), and a kernel keeps one that is new for five seconds.
# Whoever fills it takes the way from everybody else; the same number comes from those that ping back.
room=$(cat /proc/sys/net/ipv4/neigh/default/gc_thresh3 2>/dev/null)
room=$((\${room:-1024} / 4))
used=0
since=$(date +%s)
take_turn() {
  if [ "$used" -gt 0 ] && [ $((used + $#)) -gt "$room" ]; then
    wait
    past=$(($(date +%s) - since))
    [ "$past" -ge 6 ] || sleep $((6 - past))
    used=0
    since=$(date +%s)
  fi
  used=$((used + $#))
}
if [ -e containers ]; then
  while read -r number id targets; do
    while read -r seen state pid names; do
      if [ "$seen" != "$id" ] || [ "\${pid:-0}" = 0 ]; then continue; fi
      server=-
      if command -v bash >/dev/null; then
        server=$(awk '$1 == "nameserver" && $2 ~ /^[0-9A-Fa-f.:]+$/ { print $2; exit }' "$names" 2>/dev/null)
      fi
      # shellcheck disable=SC2086
      take_turn $targets
      # shellcheck disable=SC2086
      /bin/sh ./job "$number" "$how" "$pid" "$id" "\${server:--}" "$port" $targets &
      begun=$((begun + 1))
      [ $((begun % 8)) -ne 0 ] || wait
    done <before
  done <containers
fi
wait
section before; cat before
section after; look 2>/dev/null
section engine; cat complaint
cd out
for first in *; do
  [ ! -e "$first" ] || awk -v "boundary=$boundary" '
    FNR == 1 { name = substr(FILENAME, 3); dot = index(name, "."); printf "\\n%s %s %s\\n", boundary, substr(name, 1, dot - 1), substr(name, dot + 1) }
    { print }' ./*
  break
done
section end
`;
