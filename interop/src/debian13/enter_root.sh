# enter_root: makes ROOT, the root of another Debian, fit for `chroot`. DIR is seen in it at the same place, with what
# is mounted there already. For ROOT=/ there is nothing to do. It must run in a mount namespace of its own: all of this
# ends with it. Several servers use one ROOT at the same time, so nothing is written to the folder itself.
enter_root() {
    [ "$ROOT" != / ] || return 0
    case "$DIR" in /tmp/*) mount -t tmpfs tmpfs "$ROOT/tmp" ;; esac
    mkdir -p "$ROOT$DIR"
    mount --rbind "$DIR" "$ROOT$DIR"
    mount --rbind /dev "$ROOT/dev"
    mount -t proc proc "$ROOT/proc"
    mount -t tmpfs tmpfs "$ROOT/run"
    # The compiled-in places of winbindd's socket and of databases without a setting.
    mkdir "$ROOT/run/samba"
    mount -t tmpfs tmpfs "$ROOT/var/lib/samba"
    mount -t tmpfs tmpfs "$ROOT/var/cache/samba"
}
