"""Holds files and folders open with impacket: a line of JSON in, a line out.

One argument, JSON: {"host", "port", "user", "password", "share"}. {"open": PATH, "folder": BOOL} opens and keeps what it opened,
{"write": NUMBER} writes to what was opened NUMBER-th, from 0. The answer is {"status": STATUS}, 0 for a success.
"""

import json
import sys

from impacket.smb3structs import (FILE_DIRECTORY_FILE, FILE_LIST_DIRECTORY, FILE_NON_DIRECTORY_FILE, FILE_OPEN_IF,
                                  FILE_READ_DATA, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_WRITE_DATA)
from impacket.nmb import NetBIOSError
from impacket.smbconnection import SessionError, SMBConnection

plan = json.loads(sys.argv[1])
connection = SMBConnection(plan["host"], plan["host"], sess_port=plan["port"])
connection.login(plan["user"], plan["password"])
tree = connection.connectTree(plan["share"])
opened = []


def carry_out(command):
    if "write" in command:
        connection.writeFile(tree, opened[command["write"]], b"x")
        return
    access = FILE_LIST_DIRECTORY if command["folder"] else FILE_READ_DATA | FILE_WRITE_DATA
    kind = FILE_DIRECTORY_FILE if command["folder"] else FILE_NON_DIRECTORY_FILE
    opened.append(connection.openFile(tree, command["open"], desiredAccess=access,
                                      shareMode=FILE_SHARE_READ | FILE_SHARE_WRITE, creationOption=kind,
                                      creationDisposition=FILE_OPEN_IF))


print(json.dumps({"status": 0}), flush=True)
for line in sys.stdin:
    status = 0
    try:
        carry_out(json.loads(line))
    except SessionError as error:
        status = error.getErrorCode()
    except NetBIOSError:
        # The server has ended the session.
        sys.exit(1)
    print(json.dumps({"status": status}), flush=True)
