"""Makes calls of the server service with impacket: the same argument and the same output as `calls_samba.py`.

impacket asks for everything at once, and knows no pages.
"""

import json
import sys

from impacket.dcerpc.v5 import srvs, transport
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.smbconnection import SMBConnection

plan = json.loads(sys.argv[1])
smb = SMBConnection(plan["host"], plan["host"], sess_port=plan["port"])
smb.login(plan["user"], plan["password"])
pipe = transport.SMBTransport(plan["host"], plan["port"], r"\srvsvc", smb_connection=smb)
rpc = pipe.get_dce_rpc()
rpc.connect()
rpc.bind(srvs.MSRPC_UUID_SRVS)

FILE = {2: ["id"], 3: ["id", "permissions", "num_locks", "path_name", "username"]}
SHARE = {1: ["netname", "type", "remark"],
         2: ["netname", "type", "remark", "current_uses", "max_uses", "path"]}
INFO = ["platform_id", "name", "version_major", "version_minor", "type", "comment"]
CONNECTION = ["id", "type", "num_opens", "num_users", "time", "username", "netname"]


def plain(value):
    """Texts without their null."""
    return value[:-1] if isinstance(value, str) else value


def fields(row, prefix, names):
    return [plain(row[prefix + name]) for name in names]


def files(level, length=0xFFFFFFFF, path="", user=""):
    answer = srvs.hNetrFileEnum(rpc, path + "\0", user + "\0", level, length)
    rows = answer["InfoStruct"]["FileInfo"][f"Level{level}"]["Buffer"]
    return [fields(row, f"fi{level}_", FILE[level]) for row in rows]


def file(number, level=3):
    row = srvs.hNetrFileGetInfo(rpc, number, level)["InfoStruct"][f"FileInfo{level}"]
    return [fields(row, f"fi{level}_", FILE[level])]


def shares(level):
    answer = srvs.hNetrShareEnum(rpc, level)
    rows = answer["InfoStruct"]["ShareInfo"][f"Level{level}"]["Buffer"]
    return [fields(row, f"shi{level}_", SHARE[level]) for row in rows]


def info(level):
    row = srvs.hNetrServerGetInfo(rpc, level)["InfoStruct"][f"ServerInfo{level}"]
    return [fields(row, f"sv{level}_", INFO)]


def connections(qualifier):
    answer = srvs.hNetrConnectionEnum(rpc, qualifier + "\0", 1)
    rows = answer["InfoStruct"]["ConnectInfo"]["Level1"]["Buffer"]
    return [fields(row, "coni1_", CONNECTION) for row in rows]


def close(number):
    srvs.hNetrFileClose(rpc, number)
    return []


def end(client, user):
    srvs.hNetrSessionDel(rpc, client + "\0", user + "\0")
    return []


def outcome(name, arguments):
    try:
        return {"code": 0, "rows": CALLS[name](*arguments), "pages": 1}
    except DCERPCException as error:
        return {"code": error.get_error_code(), "rows": [], "pages": 1}


CALLS = {"files": files, "file": file, "shares": shares, "connections": connections, "info": info, "close": close,
         "end": end}
print(json.dumps([outcome(name, arguments) for name, *arguments in plan["calls"]]))
