"""Logs on many SMB2 sessions over a few TCP connections and holds them.

Shares no code with the program under test: raw frames, NTLMv2 from hashlib and hmac.
Speaks dialect 2.1 without signing, because that needs least; the server must allow that.

One argument, JSON: {"host", "port", "connections", "sessions", "users": [[name, password], ...]}.
Prints "ready COUNT SECONDS" and holds the sessions until its standard input ends.
"""

import hashlib
import hmac
import json
import os
import socket
import struct
import sys
import threading
import time

from samba.credentials import Credentials

NEGOTIATE, SESSION_SETUP, TREE_CONNECT = 0, 1, 3
STATUS_SUCCESS, STATUS_MORE_PROCESSING_REQUIRED = 0, 0xC0000016
# Unicode, request target, NTLM, always sign, extended session security, target info, 128, 56.
NTLM_FLAGS = 0x00000001 | 0x4 | 0x200 | 0x8000 | 0x80000 | 0x800000 | 0x20000000 | 0x80000000
TYPE1 = struct.pack("<8sIIQQ", b"NTLMSSP\0", 1, NTLM_FLAGS, 0, 0)
# Requests under way at once on a connection; the server grants as many credits at the first log-on.
WINDOW = 64


class Account:
    def __init__(self, name, password):
        creds = Credentials()
        creds.set_password(password)
        self.name = name.encode("utf-16-le")
        upper = name.upper().encode("utf-16-le")
        self.key = hmac.new(bytes(creds.get_nt_hash()), upper, hashlib.md5).digest()

    def type3(self, type2):
        challenge = type2[24:32]
        size, _, offset = struct.unpack_from("<HHI", type2, 40)
        info = type2[offset:offset + size]
        blob = struct.pack("<II8s8sI", 0x0101, 0, timestamp(info), os.urandom(8), 0) + info + bytes(4)
        proof = hmac.new(self.key, challenge + blob, hashlib.md5).digest()
        # LM response, NT response, domain, user, workstation, session key: each a length, twice, and an offset.
        parts = [bytes(24), proof + blob, b"", self.name, b"", b""]
        fields, payload = b"", b""
        for part in parts:
            fields += struct.pack("<HHI", len(part), len(part), 64 + len(payload))
            payload += part
        return struct.pack("<8sI", b"NTLMSSP\0", 3) + fields + struct.pack("<I", NTLM_FLAGS) + payload


def timestamp(info):
    """MsvAvTimestamp of the server's target info."""
    at = 0
    while at + 4 <= len(info):
        kind, size = struct.unpack_from("<HH", info, at)
        if kind == 7:
            return info[at + 4:at + 12]
        at += 4 + size
    return struct.pack("<Q", int((time.time() + 11644473600) * 10**7))


class Connection:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb", 1 << 16)
        self.message_id = 0
        body = struct.pack("<HHHHI16sQH", 36, 1, 1, 0, 0, os.urandom(16), 0, 0x0210)
        self.send([(NEGOTIATE, 0, body)])
        status, _, _ = self.receive()
        if status != STATUS_SUCCESS:
            raise RuntimeError(f"negotiate: {status:#x}")

    def send(self, requests):
        """Each request is (command, session id, body); all go in one write."""
        out = b""
        for command, session, body in requests:
            header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, command, WINDOW, 0, 0,
                                 self.message_id, 0, 0, session, bytes(16))
            self.message_id += 1
            frame = header + body
            out += struct.pack(">I", len(frame)) + frame
        self.socket.sendall(out)

    def receive(self):
        """The next final response: (status, session id, frame)."""
        while True:
            head = self.stream.read(4)
            if len(head) < 4:
                raise RuntimeError("the server closed the connection")
            frame = self.stream.read(struct.unpack(">I", head)[0])
            status, session = struct.unpack_from("<I", frame, 8)[0], struct.unpack_from("<Q", frame, 40)[0]
            if status != 0x103:  # STATUS_PENDING
                return status, session, frame

    def log_on(self, accounts):
        """One session for each account, all of them at the same time."""
        self.send([(SESSION_SETUP, 0, setup(TYPE1)) for _ in accounts])
        answers = []
        for account in accounts:
            status, session, frame = self.receive()
            if status != STATUS_MORE_PROCESSING_REQUIRED:
                raise RuntimeError(f"first session setup: {status:#x}")
            offset, size = struct.unpack_from("<HH", frame, 68)
            answers.append((SESSION_SETUP, session, setup(account.type3(frame[offset:offset + size]))))
        self.send(answers)
        for _ in accounts:
            status, _, frame = self.receive()
            flags = struct.unpack_from("<H", frame, 66)[0] if status == STATUS_SUCCESS else 0
            if status != STATUS_SUCCESS or flags & 3:
                raise RuntimeError(f"second session setup: {status:#x}, flags {flags}")
        return answers[0][1]

    def connect_tree(self, session, host):
        """smbd closes a connection without a tree after 60 s, which is not long on a machine with much to do."""
        path = f"\\\\{host}\\IPC$".encode("utf-16-le")
        self.send([(TREE_CONNECT, session, struct.pack("<HHHH", 9, 0, 72, len(path)) + path)])
        status, _, _ = self.receive()
        if status != STATUS_SUCCESS:
            raise RuntimeError(f"tree connect: {status:#x}")


def setup(token):
    return struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token


def fill(plan, accounts, share, failures):
    try:
        connection = Connection(plan["host"], plan["port"])
        held.append(connection)
        # The first alone: the answer to it brings the credits for the others.
        todo, step = list(share), 1
        while todo:
            session = connection.log_on([accounts[number % len(accounts)] for number in todo[:step]])
            if step == 1:
                connection.connect_tree(session, plan["host"])
            todo, step = todo[step:], WINDOW
    except Exception as error:  # reported by the main thread
        failures.append(error)


held = []


def main():
    plan = json.loads(sys.argv[1])
    start = time.monotonic()
    accounts = [Account(name, password) for name, password in plan["users"]]
    lanes, failures = plan["connections"], []
    # At most 32 threads at a time; each takes its connections one after the other.
    def lane(first, stride):
        for number in range(first, lanes, stride):
            fill(plan, accounts, range(number, plan["sessions"], lanes), failures)
    stride = min(lanes, 32)
    threads = [threading.Thread(target=lane, args=(first, stride)) for first in range(stride)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"many: {len(failures)} connections failed, the first: {failures[0]}")
    print("ready", plan["sessions"], round(time.monotonic() - start, 3), flush=True)
    sys.stdin.read()


main()
