# Runs as process 1 of its own process namespace, in its own mount namespace: whatever is mounted here is seen by
# no other process, and whatever was started here ends with this script. That happens when its standard input ends, so
# also when the test that holds the other end was killed.
#
# DIR is a folder with smb.conf, passwd, group and users (name:password a line); GROUP is who may list sessions;
# DOMAIN_ADMINS is the group that may end them, or empty; ROOT is where the programs of Samba are, / for those of this
# machine.
set -eu
conf="$DIR/smb.conf"

# Samba's databases in memory: they are synced to disk all the time.
mount -t tmpfs tmpfs "$DIR/var"
mkdir "$DIR/var/private" "$DIR/var/lock" "$DIR/var/state" "$DIR/var/cache" "$DIR/var/pid" "$DIR/var/ncalrpc"
enter_root
mount --bind "$DIR/passwd" "$ROOT/etc/passwd"
mount --bind "$DIR/group" "$ROOT/etc/group"
mount -t proc proc /proc

while IFS=: read -r name password; do
    printf '%s\n%s\n' "$password" "$password" | chroot "$ROOT" smbpasswd -c "$conf" -s -a "$name" >/dev/null
done <"$DIR/users"
# Before the first log-on: from then on the mapping is cached.
chroot "$ROOT" net -s "$conf" groupmap add sid=S-1-5-32-544 ntgroup=Administrators unixgroup="$GROUP" type=builtin \
    </dev/null >/dev/null
if [ -n "$DOMAIN_ADMINS" ]; then
    chroot "$ROOT" net -s "$conf" groupmap add rid=512 ntgroup="Domain Admins" unixgroup="$DOMAIN_ADMINS" type=domain \
        </dev/null >/dev/null
fi
chroot "$ROOT" net -s "$conf" cache flush </dev/null

# At its end smbd ends its whole process group, across namespaces, so it must have one of its own: no
# --no-process-group here.
chroot "$ROOT" smbd -F -s "$conf" </dev/null &
smbd=$!
cat >/dev/null

# It leaves its pid file and ends the RPC daemons.
kill "$smbd" 2>/dev/null || true
umount -l "$DIR/var"
rm -rf "$DIR"
