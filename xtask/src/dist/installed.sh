# PACKAGE is installed, upgraded, removed and purged in DEBIAN13, over which a file system in memory is laid.
memory=$(mktemp -d)
mount -t tmpfs tmpfs "$memory"
mkdir "$memory/upper" "$memory/work" "$memory/root"
mount -t overlay overlay -o "lowerdir=$DEBIAN13,upperdir=$memory/upper,workdir=$memory/work" "$memory/root"
root=$memory/root
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"

inside() { chroot "$root" "$@"; }
fail() { echo "error: $1" >&2; exit 1; }
# The words that are printed are the words that are expected.
same() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
mode() { inside stat -c '%U:%G %a' "$1"; }
units="netsession-exporter.service netsession-record.service"
left() { (cd "$root" && find etc usr var ! -path 'var/lib/dpkg/*' ! -path 'var/log/*' -name '*netsession*'); }

# As every Debian: with documentation.
rm -f "$root"/etc/dpkg/dpkg.cfg.d/*
same "left of netsession before" "$(left)" ""
cp "$PACKAGE" "$root/root/new.deb"
# The same, of an earlier version.
inside dpkg-deb -R /root/new.deb /root/old
sed -i 's/^Version: .*/Version: 0.0.1/' "$root/root/old/DEBIAN/control"
inside dpkg-deb -b /root/old /root/old.deb >/dev/null

inside dpkg -i /root/old.deb
same "installed" "$(inside dpkg-query -W -f '${Version} ${Status}' netsession)" "0.0.1 install ok installed"
same "dpkg --verify" "$(inside dpkg --verify netsession)" ""
same "/etc/netsession" "$(mode /etc/netsession)" "root:netsession 750"
same "in /etc/netsession" "$(ls -A "$root/etc/netsession")" ""
for unit in $units; do
    [ -s "$root/usr/lib/systemd/system/$unit" ] || fail "there is no $unit"
    same "user of $unit" "$(sed -n 's/^User=//p' "$root/usr/lib/systemd/system/$unit")" netsession
done
same "enabled units" "$(find "$root/etc/systemd" -name '*netsession*')" ""
user=$(inside getent passwd netsession)
case "$user" in *:/nonexistent:/usr/sbin/nologin) ;; *) fail "user: $user" ;; esac
[ "$(inside id -u netsession)" -lt 1000 ] || fail "no system user: $user"
same "password" "$(inside getent shadow netsession | cut -d: -f2 | tr -d '*')" "!"
for file in man/man1/netsession.1.gz man/man1/netsession-exporter.1.gz doc/netsession/LICENSES-THIRD-PARTY.txt \
    doc/netsession/LICENSES-RUST.html doc/netsession/docs/schema/list.json zsh/vendor-completions/_netsession \
    bash-completion/completions/netsession fish/vendor_completions.d/netsession.fish; do
    [ -s "$root/usr/share/$file" ] || fail "there is no /usr/share/$file"
done

# The user of the services reads the configuration that root writes, and no other user does.
printf '[servers.fs1]\naddress = "127.0.0.1:1"\n' >"$root/etc/netsession/exporter.toml"
inside chown root:netsession /etc/netsession/exporter.toml
chmod 640 "$root/etc/netsession/exporter.toml"
# The group of nobody has another name.
as() {
    inside setpriv --reuid="$1" --regid="$(inside id -g "$1")" --clear-groups \
        netsession config check --config /etc/netsession/exporter.toml
}
as netsession
case "$(as nobody 2>&1)" in
*"Permission denied"*) ;;
*) fail "any user reads the configuration" ;;
esac

inside dpkg -i /root/new.deb
same "upgraded" "$(inside dpkg-query -W -f '${Status}' netsession)" "install ok installed"
same "user after the upgrade" "$(inside getent passwd netsession)" "$user"
same "folder after the upgrade" "$(mode /etc/netsession)" "root:netsession 750"
as netsession
# What an administrator has changed stays.
inside chmod 700 /etc/netsession
inside dpkg -i /root/new.deb
same "folder after the second upgrade" "$(mode /etc/netsession)" "root:netsession 700"

# As `systemctl enable` does it, and as systemd makes the folder of a service.
for unit in $units; do
    inside ln -s "/usr/lib/systemd/system/$unit" "/etc/systemd/system/multi-user.target.wants/$unit"
done
inside install -d -o netsession -g netsession -m 700 /var/lib/netsession
# As the units have it, and as the docs say that it is read. The server does not answer: that is recorded, too.
of_service() {
    inside env HOME=/nonexistent NETSESSION_LOGIN=admin NETSESSION_PASSWORD=none \
        setpriv --reuid=netsession --regid=netsession --clear-groups netsession "$@"
}
code=0
of_service record --store /var/lib/netsession/history --interval 1s --for 10s 127.0.0.1:1 || code=$?
same "exit code of a recorder whose server does not answer" "$code" 1
case "$(of_service history --store /var/lib/netsession/history 2>&1)" in
*"127.0.0.1:1 did not answer"*) ;;
*) fail "the user of the service does not read what was recorded" ;;
esac
case "$(inside setpriv --reuid=nobody --clear-groups netsession history --store /var/lib/netsession/history 2>&1)" in
*"Permission denied"*) ;;
*) fail "any user reads what is recorded" ;;
esac
inside dpkg --remove netsession
[ ! -e "$root/usr/bin/netsession" ] || fail "the program is still there"
[ -s "$root/etc/netsession/exporter.toml" ] || fail "the configuration has left with the program"
[ -s "$root/var/lib/netsession/history" ] || fail "the store has left with the program"

inside dpkg --purge netsession
same "left of netsession" "$(left)" ""
same "state" "$(inside dpkg-query -W -f '${Status}' netsession 2>/dev/null || true)" ""
# Files of it could belong to another user otherwise.
same "user after purge" "$(inside getent passwd netsession)" "$user"
inside dpkg -i /root/new.deb
same "installed again" "$(mode /etc/netsession)" "root:netsession 750"
echo "the package was installed, upgraded, removed, purged and installed again"
