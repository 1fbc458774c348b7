# Makes `vmlinuz` and `initramfs.gz` of a kernel of Debian with ksmbd in it, in the folder OUT. SUITE is the kernel's
# suite, MIRROR a mirror of Debian. Packages are unpacked, never installed: ksmbd-tools conflicts with samba.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# apt in a state of its own, which knows one suite. Signatures are verified with the keys of this machine.
apt_of() {
    suite=$1
    shift
    state="$work/apt-$suite"
    if [ ! -d "$state" ]; then
        mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
        : >"$state/status"
        echo "deb $MIRROR $suite main" >"$state/sources.list"
        apt_of "$suite" apt-get update -q >&2
    fi
    program=$1
    shift
    "$program" -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User=root "$@"
}

# Unpacks packages of a suite into a folder.
unpack() {
    suite=$1 into=$2
    shift 2
    mkdir -p "$into" "$work/debs"
    for package in "$@"; do
        (cd "$work/debs" && apt_of "$suite" apt-get download -q "$package" >&2)
        for deb in "$work"/debs/*.deb; do
            dpkg-deb -x "$deb" "$into"
            rm "$deb"
        done
    done
}

# The kernel for clouds: the same source with fewer drivers. From 7 on its modules are a package of their own.
apt_of "$SUITE" apt-cache show linux-image-cloud-amd64 >"$work/meta"
name=$(sed -n 's/^Depends:.*linux-image-\([0-9][^ ,]*\).*/\1/p' "$work/meta" | head -n 1)
if apt_of "$SUITE" apt-cache show "linux-modules-$name" >/dev/null 2>&1; then
    unpack "$SUITE" "$work/kernel" "linux-modules-$name" "linux-binary-$name"
else
    unpack "$SUITE" "$work/kernel" "linux-image-$name"
fi
# The tools of Debian 13 for every kernel: with those of Debian 12 (3.4.7) a kernel 6.1.176 signs its answer to
# TREE_CONNECT wrongly, to smbclient as well.
unpack trixie "$work/tools" ksmbd-tools libc6 libglib2.0-0t64 libnl-3-200 libnl-genl-3-200 libpcre2-8-0 libatomic1

root="$work/root"
mkdir -p "$root/bin" "$root/sbin" "$root/proc" "$root/sys" "$root/dev" "$root/etc/ksmbd" "$root/run" "$root/srv" \
    "$root/tmp" "$root/usr" "$root/lib64" "$root/lib/x86_64-linux-gnu"
cp -a "$work/tools/usr/sbin" "$work/tools/usr/libexec" "$root/usr/"
for library in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libglib-2.0.so.0 libnl-3.so.200 libnl-genl-3.so.200 \
    libpcre2-8.so.0 libatomic.so.1; do
    cp -L "$(find "$work/tools" -name "$library" | head -n 1)" "$root/lib/x86_64-linux-gnu/"
done
cp "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$root/lib64/"
# Passwords are hashed in UTF-16.
gconv=$(find "$work/tools" -type d -name gconv | head -n 1)
if [ -n "$gconv" ]; then
    mkdir -p "$root/usr/lib/x86_64-linux-gnu/gconv"
    cp -r "$gconv"/gconv-modules* "$gconv/UTF-16.so" "$root/usr/lib/x86_64-linux-gnu/gconv/"
fi
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh mount modprobe ifconfig route cat sleep; do ln -s busybox "$root/bin/$applet"; done
# Where the kernel looks for it when it wants a cipher.
ln -s ../bin/busybox "$root/sbin/modprobe"

modules=$(find "$work/kernel" -type d -path '*/modules/*' -name "$name")
to="$root/lib/modules/$name"
for part in crypto lib arch/x86/crypto arch/x86/lib fs/smb fs/nls drivers/virtio net/core; do
    [ ! -e "$modules/kernel/$part" ] || { mkdir -p "$to/kernel/${part%/*}" && cp -r "$modules/kernel/$part" "$to/kernel/$part"; }
done
mkdir -p "$to/kernel/drivers/net"
cp "$modules"/kernel/drivers/net/virtio_net.ko* "$modules"/kernel/drivers/net/net_failover.ko* "$to/kernel/drivers/net/"
cp "$modules"/modules.builtin* "$modules"/modules.order "$to/" 2>/dev/null || true
find "$to" -name '*.xz' -exec xz -d {} +
busybox depmod -b "$root" "$name"
echo "$INIT" >"$root/init"
chmod +x "$root/init"

mkdir -p "$OUT"
cp "$(find "$work/kernel" -name 'vmlinuz*' -type f | head -n 1)" "$OUT/vmlinuz"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$OUT/initramfs.unfinished"
echo "$name" >"$OUT/name"
mv "$OUT/initramfs.unfinished" "$OUT/initramfs.gz"
