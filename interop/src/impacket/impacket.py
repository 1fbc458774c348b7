"""Lists the sessions of a server with impacket, one JSON object a line.

One argument, JSON: {"host", "port", "user", "password", "level"}, and where they are wanted the filters "by_client"
and "by_user" and the only "dialect" to offer; by itself it does not offer 3.1.1. An error of the server is {"error": CODE}.
"""

import json
import sys

from impacket.dcerpc.v5 import srvs, transport
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.smbconnection import SMBConnection

# Their names without "sesi1_", and ours.
FIELDS = [("cname", "client"), ("username", "user"), ("num_opens", "opens"), ("time", "connected"),
          ("idle_time", "idle"), ("user_flags", "flags"), ("cltype_name", "client_type"),
          ("transport", "transport")]

plan = json.loads(sys.argv[1])
level = plan["level"]
connection = SMBConnection(plan["host"], plan["host"], sess_port=plan["port"],
                           preferredDialect=plan.get("dialect"))
connection.login(plan["user"], plan["password"])
pipe = transport.SMBTransport(plan["host"], plan["port"], r"\srvsvc", smb_connection=connection)
rpc = pipe.get_dce_rpc()
rpc.connect()
rpc.bind(srvs.MSRPC_UUID_SRVS)
try:
    answer = srvs.hNetrSessionEnum(rpc, plan.get("by_client", "") + "\0", plan.get("by_user", "") + "\0", level)
except DCERPCException as error:
    print(json.dumps({"error": error.get_error_code()}))
    sys.exit()


def plain(value):
    """Texts without their null."""
    return value[:-1] if isinstance(value, str) else value


for row in answer["InfoStruct"]["SessionInfo"][f"Level{level}"]["Buffer"]:
    names = [(f"sesi{level}_{theirs}", ours) for theirs, ours in FIELDS]
    print(json.dumps({ours: plain(row[theirs]) for theirs, ours in names if theirs in row.fields}))
