# Lists the open files of a server with python3-samba, as JSON.
import json, sys
from samba.dcerpc import srvsvc
from samba import credentials, param

host, port, user, password = sys.argv[1:5]
lp = param.LoadParm(); lp.load_default(); lp.set("smb ports", port)
creds = credentials.Credentials(); creds.guess(lp)
creds.set_username(user); creds.set_password(password)
pipe = srvsvc.srvsvc("ncacn_np:%s[\\pipe\\srvsvc,smb2]" % host, lp, creds)
ctr = srvsvc.NetFileInfoCtr(); ctr.level = 3; ctr.ctr = srvsvc.NetFileCtr3()
found, _, _ = pipe.NetFileEnum("\\\\" + host, None, None, ctr, 0xffffffff, 0)
print(json.dumps([[f.fid, f.path, f.user, f.num_locks, f.permissions] for f in found.ctr.array]))
