"""Lists the sessions of a server with python3-samba, one JSON object a line.

One argument, JSON: {"host", "port", "user", "password", "level"}. An error of the server is {"error": CODE}.
"""

import json
import sys

from samba import WERRORError
from samba.credentials import Credentials
from samba.dcerpc import srvsvc
from samba.param import LoadParm

plan = json.loads(sys.argv[1])
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
info = srvsvc.NetSessInfoCtr()
info.level = plan["level"]
info.ctr = CONTAINERS[plan["level"]]()
try:
    answer, _, _ = connection.NetSessEnum(None, None, None, info, 0xFFFFFFFF, 0)
except WERRORError as error:
    print(json.dumps({"error": error.args[0]}))
    sys.exit()
for row in answer.ctr.array or []:
    print(json.dumps({ours: getattr(row, theirs) for theirs, ours in FIELDS if hasattr(row, theirs)}))
