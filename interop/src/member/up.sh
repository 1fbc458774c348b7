# Runs as process 1 of its own process namespace, in its own mount namespace, within the network namespace of the
# domain. It ends when its standard input does, and everything that it has started or mounted ends with it.
#
# DIR is a folder with smb.conf, krb5.conf and nsswitch.conf; ROOT is Debian 13. When the server has joined the domain
# and its daemons run, this script prints `ready`.
set -eu
conf="$DIR/smb.conf"
export KRB5_CONFIG="$DIR/krb5.conf"

mount -t tmpfs tmpfs "$DIR/var"
mkdir "$DIR/var/private" "$DIR/var/lock" "$DIR/var/state" "$DIR/var/cache" "$DIR/var/pid" "$DIR/var/ncalrpc"
enter_root
# The domain controller's name is in the hosts of this namespace, and users get their Unix accounts from winbind.
mount --bind /etc/hosts "$ROOT/etc/hosts"
mount --bind "$DIR/nsswitch.conf" "$ROOT/etc/nsswitch.conf"
mount -t proc proc /proc

# A controller that has just started refuses it for a moment (Operations error).
tries=0
until chroot "$ROOT" net -s "$conf" ads join -U 'Administrator%Adm1n-Passw0rd' -S dc1.adlab.test --no-dns-updates \
    </dev/null >&2; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ]
    sleep 0.5
done

# At their end both end their whole process groups, so each must have one of its own: no --no-process-group here.
chroot "$ROOT" winbindd -F -s "$conf" </dev/null >&2 &
winbindd=$!
chroot "$ROOT" smbd -F -s "$conf" </dev/null >&2 &
smbd=$!
echo ready
exec 1>&-
cat >/dev/null

kill "$smbd" "$winbindd" 2>/dev/null || true
umount -l "$DIR/var"
rm -rf "$DIR"
