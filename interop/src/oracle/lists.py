# Lists open files or shares with python3-samba, as JSON.
import json, sys
from samba.dcerpc import srvsvc
from samba import credentials, param
lp = param.LoadParm(); lp.load_default(); lp.set("smb ports", sys.argv[2])
creds = credentials.Credentials(); creds.guess(lp)
creds.set_username(sys.argv[3]); creds.set_password(sys.argv[4])
pipe = srvsvc.srvsvc("ncacn_np:%s[\\pipe\\srvsvc,smb2]" % sys.argv[1], lp, creds)
if sys.argv[5] == "files":
    ctr = srvsvc.NetFileInfoCtr(); ctr.level = 3; ctr.ctr = srvsvc.NetFileCtr3()
    found, _, _ = pipe.NetFileEnum("\\\\" + sys.argv[1], None, None, ctr, 0xffffffff, 0)
    print(json.dumps([[f.fid, f.path, f.user, f.num_locks, f.permissions] for f in found.ctr.array]))
elif sys.argv[5] == "shares-1":
    ctr = srvsvc.NetShareInfoCtr(); ctr.level = 1; ctr.ctr = srvsvc.NetShareCtr1()
    found, _, _ = pipe.NetShareEnumAll("\\\\" + sys.argv[1], ctr, 0xffffffff, 0)
    print(json.dumps([[s.name, s.comment] for s in found.ctr.array]))
else:
    ctr = srvsvc.NetShareInfoCtr(); ctr.level = 2; ctr.ctr = srvsvc.NetShareCtr2()
    found, _, _ = pipe.NetShareEnumAll("\\\\" + sys.argv[1], ctr, 0xffffffff, 0)
    print(json.dumps([[s.name, s.path, s.comment, s.current_users] for s in found.ctr.array]))
