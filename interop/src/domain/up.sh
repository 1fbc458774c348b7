# Runs as process 1 of its own process namespace, in its own mount namespace, within the network namespace of the
# tests (see `enter`): nothing of it is seen outside, and it ends when its standard input does.
#
# DIR is a folder with krb5.conf. When the domain controller takes log-ons, this script prints `ready`.
set -eu

# Samba's databases in memory: they are synced to disk all the time.
mount -t tmpfs tmpfs "$DIR/ad"
# libwbclient knows the compiled-in place of winbindd's socket alone.
mkdir "$DIR/ad/run"
mkdir -p /run/samba
mount --bind "$DIR/ad/run" /run/samba
mount -t proc proc /proc

samba-tool domain provision --targetdir="$DIR/ad" --realm=ADLAB.TEST --domain=ADLAB --host-name=dc1 \
    --server-role=dc --dns-backend=NONE --adminpass='Adm1n-Passw0rd' \
    --option='interfaces=lo' --option='bind interfaces only=yes' \
    --option="log file=$DIR/log/%m.log" --option='usershare path=' </dev/null >"$DIR/log/provision.log" 2>&1

conf="$DIR/ad/etc/smb.conf"
/usr/bin/python3 - "$conf" "$DIR/labadm.keytab" <<'PYTHON' >&2
import sys

import ldb
from samba.auth import system_session
import samba.dckeytab  # gives Net its export_keytab
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

parameters = LoadParm()
parameters.load(sys.argv[1])
users = SamDB(session_info=system_session(), lp=parameters)
# Administrators, then an ordinary user, then one for wrong passwords and one that is disabled.
for name in ("labadm", "bob", "carol", "dora", "erin", "frida"):
    users.newuser(name, "P@ssw0rd-" + name)
users.add_remove_group_members("Domain Admins", ["labadm", "erin"], True)
upn = ldb.Message(users.search(expression="(sAMAccountName=erin)")[0].dn)
upn["userPrincipalName"] = ldb.MessageElement(
    "erin.admin@corp.example", ldb.FLAG_MOD_REPLACE, "userPrincipalName"
)
users.modify(upn)
# Wrong passwords are counted only where they can lock an account.
policy = ldb.Message(ldb.Dn(users, users.domain_dn()))
policy["lockoutThreshold"] = ldb.MessageElement("10", ldb.FLAG_MOD_REPLACE, "lockoutThreshold")
users.modify(policy)
users.disable_account("(sAMAccountName=dora)")
Net(None, parameters).export_keytab(keytab=sys.argv[2], principal="labadm@ADLAB.TEST")
PYTHON

# It knows the compiled-in place of its socket alone.
unshare --mount --propagation private sh -c 'mount --bind "$DIR/kcm" /run && exec kcm --config-file="$DIR/krb5.conf"' \
    </dev/null >"$DIR/log/kcm.log" 2>&1 &

# At its end samba ends its whole process group.
setsid samba -F -s "$conf" </dev/null >"$DIR/log/samba.log" 2>&1 &
samba=$!
echo ready
exec 1>&-
cat >/dev/null

kill "$samba" 2>/dev/null || true
umount -l "$DIR/ad"
rm -rf "$DIR"
