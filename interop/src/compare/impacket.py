"""Lists the sessions of a server with impacket, one JSON object a line.

One argument, JSON: {"host", "port", "user", "password"}.
"""

import json
import sys

from impacket.dcerpc.v5 import srvs, transport
from impacket.smbconnection import SMBConnection

plan = json.loads(sys.argv[1])
connection = SMBConnection(plan["host"], plan["host"], sess_port=plan["port"])
connection.login(plan["user"], plan["password"])
pipe = transport.SMBTransport(plan["host"], plan["port"], r"\srvsvc", smb_connection=connection)
rpc = pipe.get_dce_rpc()
rpc.connect()
rpc.bind(srvs.MSRPC_UUID_SRVS)
answer = srvs.hNetrSessionEnum(rpc, "\0", "\0", 1)
for row in answer["InfoStruct"]["SessionInfo"]["Level1"]["Buffer"]:
    print(json.dumps({"client": row["sesi1_cname"][:-1], "user": row["sesi1_username"][:-1],
                      "opens": row["sesi1_num_opens"], "connected": row["sesi1_time"],
                      "idle": row["sesi1_idle_time"], "flags": row["sesi1_user_flags"]}))
