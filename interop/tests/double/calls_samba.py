"""Makes calls of the server service with python3-samba.

One argument, JSON: {"host", "port", "user", "password", "calls": [[NAME, ARGUMENT, …], …]}. Prints one JSON list: for each call
{"code": CODE, "rows": [[FIELD, …], …], "pages": COUNT}. A page that is not the last one has the code 234, which the
bindings would throw away; so the calls are packed here.
"""

import json
import sys

from samba.credentials import Credentials
from samba.dcerpc import srvsvc
from samba.ndr import ndr_pack_in, ndr_unpack_out
from samba.param import LoadParm

MORE_DATA = 234

plan = json.loads(sys.argv[1])
settings = LoadParm()
settings.load("/dev/null")
settings.set("smb ports", str(plan["port"]))
credentials = Credentials()
credentials.guess(settings)
credentials.set_username(plan["user"])
credentials.set_password(plan["password"])
connection = srvsvc.srvsvc(f"ncacn_np:{plan['host']}[smb2]", settings, credentials)

FILE = {2: ["fid"], 3: ["fid", "permissions", "num_locks", "path", "user"]}
SHARE = {1: ["name", "type", "comment"],
         2: ["name", "type", "comment", "current_users", "max_users", "path"]}
INFO = ["platform_id", "server_name", "version_major", "version_minor", "server_type", "comment"]
CONNECTION = ["conn_id", "conn_type", "num_open", "num_users", "conn_time", "user", "share"]


def ask(call):
    ndr_unpack_out(call, connection.request(call.opnum(), ndr_pack_in(call)))
    return call


def enumeration(make, container, fields):
    """All pages of a call. `make` gives it without container, length and handle."""
    rows, pages, resume, code = [], 0, 0, MORE_DATA
    while code == MORE_DATA:
        call = make()
        call.in_info_ctr = container()
        call.in_resume_handle = resume
        answer = ask(call)
        code, resume, pages = answer.result[0], answer.out_resume_handle, pages + 1
        found = answer.out_info_ctr.ctr.array if code in (0, MORE_DATA) else None
        rows += [[getattr(row, field) for field in fields] for row in found or []]
    return {"code": code, "rows": rows, "pages": pages}


def filled(kind, level, container):
    def make():
        info = kind()
        info.level = level
        info.ctr = container()
        return info
    return make


def files(level, length=0xFFFFFFFF, path=None, user=None):
    def make():
        call = srvsvc.NetFileEnum()
        call.in_server_unc = None
        call.in_path, call.in_user, call.in_max_buffer = path, user, length
        return call
    container = {2: srvsvc.NetFileCtr2, 3: srvsvc.NetFileCtr3}[level]
    return enumeration(make, filled(srvsvc.NetFileInfoCtr, level, container), FILE[level])


def file(number, level=3):
    call = srvsvc.NetFileGetInfo()
    call.in_server_unc = None
    call.in_fid, call.in_level = number, level
    answer = ask(call)
    code = answer.result[0]
    rows = [[getattr(answer.out_info, field) for field in FILE[level]]] if code == 0 else []
    return {"code": code, "rows": rows, "pages": 1}


def shares(level):
    def make():
        call = srvsvc.NetShareEnumAll()
        call.in_server_unc = None
        call.in_max_buffer = 0xFFFFFFFF
        return call
    container = {1: srvsvc.NetShareCtr1, 2: srvsvc.NetShareCtr2}[level]
    return enumeration(make, filled(srvsvc.NetShareInfoCtr, level, container), SHARE[level])


def info(level, server=None):
    call = srvsvc.NetSrvGetInfo()
    call.in_server_unc, call.in_level = server, level
    answer = ask(call)
    code = answer.result[0]
    rows = [[getattr(answer.out_info, field) for field in INFO]] if code == 0 else []
    return {"code": code, "rows": rows, "pages": 1}


def connections(qualifier):
    def make():
        call = srvsvc.NetConnEnum()
        call.in_server_unc = None
        call.in_path, call.in_max_buffer = qualifier, 0xFFFFFFFF
        return call
    return enumeration(make, filled(srvsvc.NetConnInfoCtr, 1, srvsvc.NetConnCtr1), CONNECTION)


def close(number):
    call = srvsvc.NetFileClose()
    call.in_server_unc = None
    call.in_fid = number
    return {"code": ask(call).result[0], "rows": [], "pages": 1}


def end(client, user):
    call = srvsvc.NetSessDel()
    call.in_server_unc = None
    call.in_client, call.in_user = client, user
    return {"code": ask(call).result[0], "rows": [], "pages": 1}


CALLS = {"files": files, "file": file, "shares": shares, "connections": connections, "info": info, "close": close,
         "end": end}
print(json.dumps([CALLS[name](*arguments) for name, *arguments in plan["calls"]]))
