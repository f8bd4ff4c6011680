# Packs HTCondor's installed packages again, makes them the only repository of this Debian, and removes them: afterwards
# it is as if the image had been made without them, and apt finds them without a network.
set -e
mkdir -p /repo
cd /repo
names=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' '*condor*' | sed -n 's, installed$,,p')
: >Packages
for name in $names; do
  rm -rf tree
  mkdir -p tree/DEBIAN
  dpkg-query -s "$name" | awk '/^Status:/ { next } /^Conffiles:/ { skip = 1; next } /^[^ ]/ { skip = 0 } !skip' >tree/DEBIAN/control
  for part in preinst postinst prerm postrm conffiles templates config triggers; do
    if [ -f "/var/lib/dpkg/info/$name.$part" ]; then cp -p "/var/lib/dpkg/info/$name.$part" "tree/DEBIAN/$part"; fi
  done
  dpkg -L "$name" | while read -r file; do
    if [ -L "$file" ] || [ -f "$file" ]; then echo "$file"; fi
  done | tar -cf - -T - 2>/dev/null | tar -xf - -C tree
  dpkg-deb --build -Znone tree "$name.deb" >/dev/null
  dpkg-deb -f "$name.deb" >>Packages
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$name.deb" "$(stat -c %s "$name.deb")" "$(sha256sum "$name.deb" | cut -d' ' -f1)" >>Packages
done
rm -rf tree /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/repo ./' >/etc/apt/sources.list
condor_off -fast -master 2>/dev/null || true
while pgrep --runstates R,S,D --exact condor_master >/dev/null; do sleep 0.1; done
DEBIAN_FRONTEND=noninteractive dpkg --purge --force-depends $names 2>&1
