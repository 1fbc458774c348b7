"""Lists the sessions of a server with python3-samba, one JSON object a line.

One argument, JSON: {"host", "port", "user", "password", "level"}, and where they are wanted the filters "by_client"
and "by_user" and "length", the preferred length of a page. An error of the server is {"error": CODE}. With a length,
{"page": [entries, total entries, resume handle]} follows each page.
"""

import json
import sys

from samba.credentials import Credentials
from samba.dcerpc import srvsvc
from samba.ndr import ndr_pack_in, ndr_unpack_out
from samba.param import LoadParm

MORE_DATA = 234

plan = json.loads(sys.argv[1])
level = plan["level"]
settings = LoadParm()
settings.load("/dev/null")
settings.set("smb ports", str(plan["port"]))
credentials = Credentials()
credentials.guess(settings)
credentials.set_username(plan["user"])
credentials.set_password(plan["password"])

CONTAINERS = {0: srvsvc.NetSessCtr0, 1: srvsvc.NetSessCtr1, 2: srvsvc.NetSessCtr2,
              10: srvsvc.NetSessCtr10, 502: srvsvc.NetSessCtr502}
# Their names, and ours.
FIELDS = [("client", "client"), ("user", "user"), ("num_open", "opens"), ("time", "connected"),
          ("idle_time", "idle"), ("user_flags", "flags"), ("client_type", "client_type"),
          ("transport", "transport")]

connection = srvsvc.srvsvc(f"ncacn_np:{plan['host']}[smb2]", settings, credentials)


def ask(resume):
    """One call. `connection.NetSessEnum` would throw a page away that is not the last one."""
    call = srvsvc.NetSessEnum()
    call.in_server_unc = None
    call.in_client = plan.get("by_client")
    call.in_user = plan.get("by_user")
    call.in_info_ctr = srvsvc.NetSessInfoCtr()
    call.in_info_ctr.level = level
    call.in_info_ctr.ctr = CONTAINERS[level]()
    call.in_max_buffer = plan.get("length", 0xFFFFFFFF)
    call.in_resume_handle = resume
    ndr_unpack_out(call, connection.request(call.opnum(), ndr_pack_in(call)))
    return call


resume, code = 0, MORE_DATA
while code == MORE_DATA:
    answer = ask(resume)
    code = answer.result[0]
    if code not in (0, MORE_DATA):
        print(json.dumps({"error": code}))
        break
    rows = answer.out_info_ctr.ctr.array or []
    for row in rows:
        print(json.dumps({ours: getattr(row, theirs) for theirs, ours in FIELDS if hasattr(row, theirs)}))
    resume = answer.out_resume_handle
    if "length" in plan:
        print(json.dumps({"page": [len(rows), answer.out_totalentries, resume]}))
        if not rows:
            break
