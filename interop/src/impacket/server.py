"""impacket's own file server, as it is or with NetrSessionEnum added to its server service.

One argument, JSON: {"user", "password"}, and for NetrSessionEnum "sessions", a list of {"client", "user", "opens",
"connected", "idle", "flags", "client_type", "transport"}. It prints `listening on 127.0.0.1:PORT`, and ends when its
standard input does.
"""

import json
import logging
import os
import sys
import threading

from impacket.dcerpc.v5 import srvs
from impacket.ntlm import compute_lmhash, compute_nthash
from impacket.smbserver import SimpleSMBServer

# Our names, and theirs without "sesi502_".
FIELDS = [("client", "cname"), ("user", "username"), ("opens", "num_opens"), ("connected", "time"),
          ("idle", "idle_time"), ("flags", "user_flags"), ("client_type", "cltype_name"),
          ("transport", "transport")]
SHAPES = {0: srvs.SESSION_INFO_0, 1: srvs.SESSION_INFO_1, 2: srvs.SESSION_INFO_2, 10: srvs.SESSION_INFO_10,
          502: srvs.SESSION_INFO_502}

plan = json.loads(sys.argv[1])


def session_enum(stub):
    """Answers at any of the five levels, without filters and pages."""
    request = srvs.NetrSessionEnum(stub)
    level = request["InfoStruct"]["Level"]
    answer = srvs.NetrSessionEnumResponse()
    answer["InfoStruct"]["Level"] = level
    answer["InfoStruct"]["SessionInfo"]["tag"] = level
    container = answer["InfoStruct"]["SessionInfo"][f"Level{level}"]
    container["EntriesRead"] = len(plan["sessions"])
    rows = container["Buffer"]
    for session in plan["sessions"]:
        entry = SHAPES[level]()
        for ours, theirs in FIELDS:
            name = f"sesi{level}_{theirs}"
            if name in entry.fields:
                value = session[ours]
                entry[name] = value + "\0" if isinstance(value, str) else value
        rows.append(entry)
    answer["TotalEntries"] = len(plan["sessions"])
    answer["ResumeHandle"] = 0
    answer["ErrorCode"] = 0
    return answer


logging.disable(logging.CRITICAL)
server = SimpleSMBServer("127.0.0.1", 0)
server.setSMB2Support(True)
server.addCredential(plan["user"], 0, compute_lmhash(plan["password"]), compute_nthash(plan["password"]))
if plan.get("sessions") is not None:
    # Its server service has no public name.
    server._SimpleSMBServer__srvsServer.srvsvcCallBacks[srvs.NetrSessionEnum.opnum] = session_enum
threading.Thread(target=server.start, daemon=True).start()
print("listening on 127.0.0.1:%d" % server.getServer().server_address[1], flush=True)
sys.stdin.read()
# Its threads wait for connections for ever.
os._exit(0)
