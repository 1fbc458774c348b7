/*
 * A double of netapi32.dll: NetSessionEnum as a server's administrator may meet it, and worse. The calls for files and
 * shares, and those that close, know fewer scenarios (see `answer_list`).
 *
 * The name of the server selects the scenario (see `scenarios`); what follows a `-` is for telling callers apart:
 * `paged-7` is `paged`, with counts of its own.
 *
 * - A buffer ends where an inaccessible page begins, so that reading beyond it crashes.
 * - A freed buffer is decommitted and its addresses are never used again, so that reading it crashes.
 * - Out-parameters that mean nothing are poisoned.
 * - Calls, buffers and wrong frees are counted for each server. NetsessionDoubleCounts tells them; at the end of the
 *   process they are appended to the file NETSESSION_DOUBLE_REPORT, if that is set. Both prove that it was this
 *   library that was asked, and not the one of Wine, which answers every question with success and nothing.
 */

#include <windows.h>
#include <stddef.h>
#include <stdio.h>

#define NERR_InvalidComputer 2351
#define NERR_ClientNameNotFound 2312
#define NERR_UserNotFound 2221
#define NERR_FileIdNotFound 2314
#define NERR_NetNameNotFound 2310

#define POISON 0xDEADBEEFu
#define MAX_SERVERS 256
#define MAX_BUFFERS 65536

/* One session, with the fields of all levels. */
typedef struct {
    const WCHAR *client, *user;
    DWORD opens, time, idle, flags;
    const WCHAR *type, *transport;
} Session;

/* The same as in tests/wine/table.rs, from where a server on the wire gets it. */
static const Session TABLE[] = {
    { L"\\\\10.0.0.5", L"alice", 3, 3600, 12, 0, L"", L"\\Device\\NetbiosSmb" },
    { L"\\\\[fe80::1]", L"LAB\\bob", 0, 86400, 4000, 1, L"", L"\\Device\\NetbiosSmb" },
    { L"\\\\WS-07", L"\x0416\x0435\x043d\x044f", 17, 59, 0, 2, L"Windows", L"\\Device\\NetBT_Tcpip_{1}" },
    { L"\\\\10.0.0.9", L"\x7530\x4e2d", 1, 2000000000u, 1999999999u, 3, L"", L"\\Device\\NetbiosSmb" },
    { L"\\\\10.0.0.5", L"carol\xd83e\xdd80", 2, 0xFFFFFFFFu, 0, 4, L"", L"\\Device\\NetbiosSmb" },
    { L"\\\\10.0.0.77", L"", 0, 1, 1, 0, L"", L"\\Device\\NetbiosSmb" },
};

static const Session NULLS[] = {
    { L"\\\\10.0.0.5", NULL, 1, 2, 3, 0, NULL, NULL },
    { NULL, L"nobody", 0, 0, 0, 0, L"", NULL },
};

/* A high half without its low half, a low half alone, both the wrong way round; the last unit before the guard page
 * is a half, too. */
static const WCHAR HALF_HIGH[] = { 'a', 0xd83e, 'b', 0 };
static const WCHAR HALF_LOW[] = { 0xdd80, 0 };
static const WCHAR HALF_BOTH[] = { 0xdd80, 0xd83e, 0 };
static const Session HALVES[] = {
    { L"\\\\ws", HALF_HIGH, 0, 0, 0, 0, HALF_LOW, HALF_BOTH },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    WCHAR name[64];
    LONG calls, allocated, freed;
    /* Of the scenarios that hold calls: permits to return, calls that have returned, their threads that have ended. */
    HANDLE permits;
    LONG returned, ended_threads;
} Server;

typedef struct {
    BYTE *base; /* of the reservation */
    BYTE *data;
    SIZE_T size;
    Server *server;
} Buffer;

static CRITICAL_SECTION lock;
static Server servers[MAX_SERVERS];
static Buffer buffers[MAX_BUFFERS];
static LONG bad_frees;
/* The server that has held a call of this thread. */
static DWORD holder;

static const WCHAR *without_backslashes(const WCHAR *name)
{
    return name && name[0] == '\\' && name[1] == '\\' ? name + 2 : name;
}

/* The counts of a server; no server is this machine. */
static Server *server_of(const WCHAR *name)
{
    const WCHAR *bare = name && *name ? without_backslashes(name) : L"(this machine)";
    Server *found = &servers[MAX_SERVERS - 1];
    EnterCriticalSection(&lock);
    for (int i = 0; i < MAX_SERVERS - 1; i++) {
        if (!servers[i].name[0]) {
            lstrcpynW(servers[i].name, bare, COUNT(servers[i].name));
            servers[i].permits = CreateSemaphoreW(NULL, 0, MAXLONG, NULL);
        }
        if (!lstrcmpW(servers[i].name, bare)) {
            found = &servers[i];
            break;
        }
    }
    LeaveCriticalSection(&lock);
    return found;
}

/* `size` bytes whose end is the end of a page; the next page cannot be touched. Never the same addresses twice. */
static BYTE *allocate(Server *server, SIZE_T size)
{
    const SIZE_T page = 4096;
    SIZE_T committed = (size + page) / page * page;
    BYTE *base = VirtualAlloc(NULL, committed + 2 * page, MEM_RESERVE, PAGE_NOACCESS);
    BYTE *start = base ? VirtualAlloc(base + page, committed, MEM_COMMIT, PAGE_READWRITE) : NULL;
    if (!start)
        ExitProcess(99);
    memset(start, 0xA5, committed);
    BYTE *data = start + committed - size;
    EnterCriticalSection(&lock);
    for (int i = 0;; i++) {
        if (i == MAX_BUFFERS)
            ExitProcess(98);
        if (!buffers[i].base) {
            buffers[i] = (Buffer){ base + page, data, committed, server };
            break;
        }
    }
    server->allocated++;
    LeaveCriticalSection(&lock);
    return data;
}

__declspec(dllexport) DWORD WINAPI NetApiBufferFree(void *data)
{
    if (!data)
        return ERROR_SUCCESS;
    DWORD code = ERROR_INVALID_PARAMETER;
    EnterCriticalSection(&lock);
    for (int i = 0; i < MAX_BUFFERS && buffers[i].base; i++) {
        if (buffers[i].data == data && buffers[i].size) {
            VirtualFree(buffers[i].base, buffers[i].size, MEM_DECOMMIT);
            buffers[i].size = 0;
            buffers[i].server->freed++;
            code = ERROR_SUCCESS;
            break;
        }
    }
    if (code)
        bad_frees++;
    LeaveCriticalSection(&lock);
    return code;
}

/* What only this library has: calls, buffers that were never freed, frees of what is no buffer, calls that were held and
 * have returned, and the threads of those that have ended. */
__declspec(dllexport) void WINAPI NetsessionDoubleCounts(
    const WCHAR *name, LONG *calls, LONG *live, LONG *bad, LONG *returned, LONG *ended_threads)
{
    Server *server = server_of(name);
    EnterCriticalSection(&lock);
    *calls = server->calls;
    *live = server->allocated - server->freed;
    *bad = bad_frees;
    *returned = server->returned;
    *ended_threads = server->ended_threads;
    LeaveCriticalSection(&lock);
}

/* Lets one call return that is held, or will be. */
__declspec(dllexport) void WINAPI NetsessionDoubleRelease(const WCHAR *name)
{
    ReleaseSemaphore(server_of(name)->permits, 1, NULL);
}

/* How many strings, then how many numbers, each level has, and which. */
static int fields(DWORD level, const Session *session, const WCHAR **strings, DWORD *numbers, int *n_numbers)
{
    int n = 0;
    *n_numbers = 0;
    strings[n++] = session->client;
    if (level == 0)
        return n;
    strings[n++] = session->user;
    if (level != 10)
        numbers[(*n_numbers)++] = session->opens;
    numbers[(*n_numbers)++] = session->time;
    numbers[(*n_numbers)++] = session->idle;
    if (level != 10)
        numbers[(*n_numbers)++] = session->flags;
    if (level == 2 || level == 502)
        strings[n++] = session->type;
    if (level == 502)
        strings[n++] = session->transport;
    return n;
}

static SIZE_T entry_size(DWORD level)
{
    switch (level) {
    case 0: return 8;    /* cname */
    case 1: return 32;   /* cname, username, four numbers */
    case 2: return 40;   /* and cltype_name */
    case 10: return 24;  /* cname, username, two numbers */
    case 502: return 48; /* level 2 and transport */
    }
    return 0;
}

static SIZE_T length(const WCHAR *text)
{
    SIZE_T n = 0;
    while (text[n])
        n++;
    return n;
}

/* Entries first, then their strings; the NUL of the last one is the last thing before the guard page. */
static BYTE *pack(Server *server, DWORD level, const Session *sessions, DWORD count)
{
    const WCHAR *strings[4];
    DWORD numbers[4];
    int n_numbers;
    SIZE_T entries = count * entry_size(level), text = 0;
    for (DWORD i = 0; i < count; i++) {
        int n = fields(level, &sessions[i], strings, numbers, &n_numbers);
        for (int s = 0; s < n; s++)
            text += strings[s] ? (length(strings[s]) + 1) * sizeof(WCHAR) : 0;
    }
    SIZE_T size = (entries + text + 7) / 8 * 8;
    BYTE *data = allocate(server, size);
    BYTE *at = data, *string = data + size - text;
    for (DWORD i = 0; i < count; i++) {
        int n = fields(level, &sessions[i], strings, numbers, &n_numbers);
        BYTE *entry = at;
        for (int s = 0; s < n; s++) {
            /* The numbers stand between user and client type. */
            if (s == 2)
                entry += n_numbers * sizeof(DWORD);
            const WCHAR *pointer = NULL;
            if (strings[s]) {
                SIZE_T bytes = (length(strings[s]) + 1) * sizeof(WCHAR);
                memcpy(string, strings[s], bytes);
                pointer = (const WCHAR *)string;
                string += bytes;
            }
            memcpy(entry, &pointer, sizeof pointer);
            entry += sizeof pointer;
        }
        memcpy(at + 2 * sizeof(void *), numbers, n_numbers * sizeof(DWORD));
        at += entry_size(level);
    }
    return data;
}

/* What a call was made with, and where its results go. */
typedef struct {
    Server *server;
    const WCHAR *name, *client, *user;
    DWORD level, preferred;
    BYTE **buffer;
    DWORD *read, *total, *resume;
} Call;

static DWORD give(const Call *call, const Session *sessions, DWORD count)
{
    *call->buffer = pack(call->server, call->level, sessions, count);
    *call->read = count;
    *call->total = count;
    return ERROR_SUCCESS;
}

/* Nothing of what is handed out may be used, but a null pointer or a buffer may be freed. */
static DWORD refuse(const Call *call, DWORD code)
{
    *call->buffer = NULL;
    *call->read = *call->total = POISON;
    *call->resume = POISON;
    return code;
}

static DWORD refuse_with_buffer(const Call *call, DWORD code)
{
    refuse(call, code);
    *call->buffer = allocate(call->server, 64);
    return code;
}

/* Sessions that NetSessionDel has ended. */
static BOOL ended[COUNT(TABLE)];

static DWORD table(const Call *call)
{
    Session left[COUNT(TABLE)];
    DWORD count = 0;
    for (DWORD i = 0; i < COUNT(TABLE); i++)
        if (!ended[i])
            left[count++] = TABLE[i];
    DWORD code = give(call, left, count);
    /* As a real domain controller has it: a handle that means nothing beside success. */
    *call->resume = 0x12;
    return code;
}

/* Two sessions a page, and fewer if fewer are preferred: an index into the table is the handle. */
static DWORD paged(const Call *call)
{
    DWORD from = *call->resume, left, count;
    if (from > COUNT(TABLE))
        return refuse(call, ERROR_INVALID_PARAMETER);
    left = COUNT(TABLE) - from;
    count = left < 2 ? left : 2;
    if (call->preferred < 64)
        count = count ? 1 : 0;
    give(call, TABLE + from, count);
    *call->total = left;
    *call->resume = from + count;
    return count < left ? ERROR_MORE_DATA : ERROR_SUCCESS;
}

static DWORD error_on_page_two(const Call *call)
{
    return *call->resume == 0 ? paged(call) : refuse_with_buffer(call, ERROR_ACCESS_DENIED);
}

static DWORD no_progress(const Call *call)
{
    give(call, TABLE, 1);
    return ERROR_MORE_DATA;
}

static DWORD endless(const Call *call)
{
    give(call, TABLE, 1);
    *call->resume += 1;
    return ERROR_MORE_DATA;
}

static DWORD empty_page(const Call *call)
{
    give(call, TABLE, 0);
    *call->resume += 1;
    return ERROR_MORE_DATA;
}

static DWORD nobody(const Call *call)
{
    return give(call, TABLE, 0);
}

static DWORD null_buffer(const Call *call)
{
    *call->buffer = NULL;
    *call->read = *call->total = 0;
    return ERROR_SUCCESS;
}

static DWORD null_buffer_with_entries(const Call *call)
{
    null_buffer(call);
    *call->read = 3;
    return ERROR_SUCCESS;
}

static DWORD null_strings(const Call *call)
{
    return give(call, NULLS, COUNT(NULLS));
}

static DWORD surrogates(const Call *call)
{
    return give(call, HALVES, COUNT(HALVES));
}

/* More entries than this program takes are not even looked at. */
static DWORD too_many(const Call *call)
{
    give(call, TABLE, 1);
    *call->read = POISON;
    return ERROR_SUCCESS;
}

static DWORD levels_0_and_1(const Call *call)
{
    return call->level <= 1 ? table(call) : refuse(call, ERROR_INVALID_LEVEL);
}

/* What the RPC runtime makes of a fault with which a server says that it has no such level. */
static DWORD invalid_tag(const Call *call)
{
    return call->level <= 1 ? table(call) : refuse(call, RPC_S_INVALID_TAG);
}

static DWORD open_to_all(const Call *call)
{
    return call->level == 0 || call->level == 10 ? table(call) : refuse_with_buffer(call, ERROR_ACCESS_DENIED);
}

static DWORD only_0(const Call *call)
{
    return call->level == 0 ? table(call) : refuse(call, ERROR_INVALID_LEVEL);
}

static DWORD without_procedure(const Call *call)
{
    return refuse(call, RPC_S_PROCNUM_OUT_OF_RANGE);
}

/* The code that stands in the name: `code-1722`. */
static DWORD code(const Call *call)
{
    const WCHAR *digits = call->name + 5;
    DWORD value = 0;
    while (*digits >= '0' && *digits <= '9')
        value = value * 10 + (DWORD)(*digits++ - '0');
    return refuse_with_buffer(call, value);
}

/* A server that honours filters as the documentation of the call has it. */
static DWORD filtering(const Call *call)
{
    Session wanted[COUNT(TABLE)];
    DWORD count = 0;
    if (call->client && (call->client[0] != '\\' || call->client[1] != '\\'))
        return refuse(call, NERR_InvalidComputer);
    for (DWORD i = 0; i < COUNT(TABLE); i++) {
        if (call->client && lstrcmpiW(call->client, TABLE[i].client))
            continue;
        if (call->user && lstrcmpiW(call->user, TABLE[i].user))
            continue;
        wanted[count++] = TABLE[i];
    }
    if (!count && call->client)
        return refuse(call, NERR_ClientNameNotFound);
    if (!count && call->user)
        return refuse(call, NERR_UserNotFound);
    return give(call, wanted, count);
}

/* One session that tells what the call was made with, and that passes every filter. */
static DWORD echo(const Call *call)
{
    Session told = { call->client ? call->client : L"(null)", call->user ? call->user : L"(null)", call->level,
        call->preferred, *call->resume, 0, call->name, L"" };
    return give(call, &told, 1);
}

/* In milliseconds, and far longer than any test waits. */
#define FIVE_MINUTES 300000

/* Returns when the test releases it: the test sees the end of a call that nothing waited for. */
static DWORD hold(const Call *call, DWORD (*answer)(const Call *))
{
    TlsSetValue(holder, call->server);
    WaitForSingleObject(call->server->permits, FIVE_MINUTES);
    DWORD code = answer(call);
    InterlockedIncrement(&call->server->returned);
    return code;
}

static DWORD held(const Call *call)
{
    return hold(call, table);
}

/* A caller that gave up must not request the next page. */
static DWORD held_pages(const Call *call)
{
    return hold(call, paged);
}

static DWORD stuck(const Call *call)
{
    Sleep(FIVE_MINUTES);
    return table(call);
}

static const struct {
    const WCHAR *name;
    DWORD (*answer)(const Call *);
} scenarios[] = {
    { L"table", table },
    { L"paged", paged },
    { L"errorpage", error_on_page_two },
    { L"noprogress", no_progress },
    { L"endless", endless },
    { L"emptypage", empty_page },
    { L"nobody", nobody },
    { L"nullbuffer", null_buffer },
    { L"nullentries", null_buffer_with_entries },
    { L"nullstrings", null_strings },
    { L"surrogates", surrogates },
    { L"toomany", too_many },
    { L"level1", levels_0_and_1 },
    { L"invalidtag", invalid_tag },
    { L"opentoall", open_to_all },
    { L"only0", only_0 },
    { L"noproc", without_procedure },
    { L"code", code },
    { L"filtering", filtering },
    { L"echo", echo },
    { L"held", held },
    { L"heldpages", held_pages },
    { L"stuck", stuck },
    { L"refuseclose", table },
};

static BOOL begins_with(const WCHAR *name, const WCHAR *scenario)
{
    while (*scenario)
        if (*name++ != *scenario++)
            return FALSE;
    return !*name || *name == '-' || *name == '.';
}

__declspec(dllexport) DWORD WINAPI NetSessionEnum(const WCHAR *server, const WCHAR *client, const WCHAR *user,
    DWORD level, BYTE **buffer, DWORD preferred, DWORD *read, DWORD *total, DWORD *resume)
{
    const WCHAR *name = server ? without_backslashes(server) : NULL;
    Call call = { server_of(server), name, client, user, level, preferred, buffer, read, total, resume };
    InterlockedIncrement(&call.server->calls);
    if (!buffer || !read || !total || !resume)
        return ERROR_INVALID_PARAMETER;
    if (!entry_size(level))
        return refuse(&call, ERROR_INVALID_LEVEL);
    if (!name)
        return table(&call);
    /* Windows knows servers by their name with two backslashes in front. */
    if (name == server)
        return refuse(&call, NERR_InvalidComputer);
    for (SIZE_T i = 0; i < COUNT(scenarios); i++) {
        if (begins_with(name, scenarios[i].name)) {
            if (scenarios[i].answer == echo)
                call.name = server;
            return scenarios[i].answer(&call);
        }
    }
    if (begins_with(name, L"0--1") || begins_with(name, L"10") || begins_with(name, L"localhost")) {
        call.name = server;
        return echo(&call);
    }
    return refuse(&call, ERROR_BAD_NETPATH);
}

/* Whose clock: that of `table`, or a refusal. The date is what the seconds say. */
__declspec(dllexport) DWORD WINAPI NetRemoteTOD(const WCHAR *server, BYTE **buffer)
{
    static const DWORD clock[] = { 1795643767, 0, 21, 56, 7, 50, (DWORD)-60, 310, 25, 11, 2026, 3 };
    const WCHAR *name = server ? without_backslashes(server) : NULL;
    Server *from = server_of(server);
    InterlockedIncrement(&from->calls);
    if (!buffer)
        return ERROR_INVALID_PARAMETER;
    *buffer = NULL;
    if (name && !begins_with(name, L"table")) {
        /* Too small to be looked at: it may only be freed. */
        *buffer = allocate(from, 4);
        return ERROR_ACCESS_DENIED;
    }
    BYTE *data = allocate(from, sizeof clock);
    memcpy(data, clock, sizeof clock);
    *buffer = data;
    return 0;
}

/* SERVER_INFO_101: that of `table`, with the name that it was asked by; `table-null` has no strings; else a refusal. The
   upper half of the byte of the major version is the kind of server. */
__declspec(dllexport) DWORD WINAPI NetServerGetInfo(const WCHAR *server, DWORD level, BYTE **buffer)
{
    typedef struct { DWORD platform; const WCHAR *name; DWORD major, minor, type; const WCHAR *comment; } Info;
    static const WCHAR comment[] = L"\x7530\xd83e\xdd80";
    const WCHAR *name = server ? without_backslashes(server) : L"this";
    Server *from = server_of(server);
    InterlockedIncrement(&from->calls);
    if (!buffer)
        return ERROR_INVALID_PARAMETER;
    *buffer = NULL;
    if (level != 101)
        return ERROR_INVALID_LEVEL;
    if (server && !begins_with(name, L"table")) {
        /* Too small to be looked at: it may only be freed. */
        *buffer = allocate(from, 4);
        return ERROR_ACCESS_DENIED;
    }
    BOOL strings = !begins_with(name, L"table-null");
    SIZE_T of_name = strings ? (lstrlenW(name) + 1) * sizeof(WCHAR) : 0, of_comment = strings ? sizeof comment : 0;
    BYTE *data = allocate(from, sizeof(Info) + of_name + of_comment);
    Info info = { 500, NULL, 0x2a, 0, 0x00801013, NULL };
    if (strings) {
        info.name = memcpy(data + sizeof info, name, of_name);
        /* The NUL at its end is the last thing in front of the page that cannot be touched. */
        info.comment = memcpy(data + sizeof info + of_name, comment, of_comment);
    }
    memcpy(data, &info, sizeof info);
    *buffer = data;
    return 0;
}

/* FILE_INFO_2, FILE_INFO_3, SHARE_INFO_1, SHARE_INFO_2, as the headers of Windows lay them out. */
typedef struct { DWORD id; } File2;
typedef struct { DWORD id, permissions, locks; const WCHAR *path, *user; } File3;
typedef struct { const WCHAR *name; DWORD type; const WCHAR *comment; } Share1;
typedef struct {
    const WCHAR *name; DWORD type; const WCHAR *comment; DWORD permissions, max_uses, current_uses;
    const WCHAR *path, *password;
} Share2;

static const File3 FILES[] = {
    { 16, 3, 2, L"C:\\srv\\report.xlsx", L"alice" },
    { 0x80000001u, 1, 0, L"C:\\srv\\\x7530\xd83e\xdd80", L"LAB\\bob" },
    { 18, 7, 0, L"\\PIPE\\srvsvc", NULL },
};
static BOOL closed[COUNT(FILES)];

static const Share2 SHARES[] = {
    { L"files", 0, L"", 0, 20, 3, L"C:\\srv", NULL },
    { L"IPC$", 0x80000003u, L"Remote IPC", 0, 0xFFFFFFFFu, 1, L"", L"a password that is never shown" },
    { L"\x7530", 0, NULL, 0, 0xFFFFFFFFu, 0, L"D:\\", NULL },
};

/* Entries of one level, and where their pointers stand. */
typedef struct {
    const BYTE *entries;
    DWORD count;
    SIZE_T size, pointers[4];
    int n_pointers;
} Listing;

/* As `pack`: entries, then strings, and the last NUL (or the last entry) stands before the guard page. */
static BYTE *pack_listing(Server *server, const Listing *all, DWORD from, DWORD count)
{
    SIZE_T text = 0;
    const WCHAR *string;
    for (DWORD i = from; i < from + count; i++)
        for (int p = 0; p < all->n_pointers; p++) {
            memcpy(&string, all->entries + i * all->size + all->pointers[p], sizeof string);
            text += string ? (length(string) + 1) * sizeof(WCHAR) : 0;
        }
    SIZE_T size = (count * all->size + text + 3) / 4 * 4;
    BYTE *data = allocate(server, size), *end = data + size - text;
    memcpy(data, all->entries + from * all->size, count * all->size);
    for (DWORD i = 0; i < count; i++)
        for (int p = 0; p < all->n_pointers; p++) {
            BYTE *pointer = data + i * all->size + all->pointers[p];
            memcpy(&string, pointer, sizeof string);
            if (string) {
                SIZE_T bytes = (length(string) + 1) * sizeof(WCHAR);
                memcpy(end, string, bytes);
                memcpy(pointer, &end, sizeof end);
                end += bytes;
            }
        }
    return data;
}

static DWORD code_in(const WCHAR *name)
{
    DWORD value = 0;
    for (name += 5; *name >= '0' && *name <= '9'; name++)
        value = value * 10 + (DWORD)(*name - '0');
    return value;
}

/* A handle is no index: the highest bit is set, and it is less with every page. */
#define HANDLE_OF(index) (0xFFFF0000u - (DWORD)(index))

static DWORD answer_list(Server *server, const WCHAR *name, const Listing *all, BYTE **buffer, DWORD *read,
    DWORD *total, DWORD_PTR resume, DWORD_PTR *next)
{
    DWORD from = resume ? HANDLE_OF(0) - (DWORD)resume : 0, count = all->count, code = ERROR_SUCCESS;
    *buffer = NULL;
    *read = *total = *next = POISON;
    if (begins_with(name, L"code") || (begins_with(name, L"errorpage") && resume)) {
        *buffer = allocate(server, 4);
        return begins_with(name, L"code") ? code_in(name) : ERROR_ACCESS_DENIED;
    }
    if (begins_with(name, L"nullentries")) {
        *read = 3;
        return ERROR_SUCCESS;
    }
    if (resume && from > all->count)
        return ERROR_INVALID_PARAMETER;
    if (begins_with(name, L"paged") || begins_with(name, L"errorpage") || begins_with(name, L"noprogress")) {
        count = from < all->count ? 1 : 0;
        code = from + count < all->count ? ERROR_MORE_DATA : ERROR_SUCCESS;
    }
    *buffer = pack_listing(server, all, code || from ? from : 0, count);
    *read = begins_with(name, L"toomany") ? POISON : count;
    *total = all->count - from;
    *next = begins_with(name, L"noprogress") ? resume : code ? HANDLE_OF(from + count) : POISON;
    return code;
}

/* The name of a server that a call may have, or null: Windows knows servers with two backslashes in front. */
static const WCHAR *asked(const WCHAR *server)
{
    InterlockedIncrement(&server_of(server)->calls);
    return !server ? L"table" : server[0] == '\\' && server[1] == '\\' ? server + 2 : NULL;
}

__declspec(dllexport) DWORD WINAPI NetFileEnum(const WCHAR *server, const WCHAR *path, const WCHAR *user, DWORD level,
    BYTE **buffer, DWORD preferred, DWORD *read, DWORD *total, DWORD_PTR *resume)
{
    const WCHAR *name = asked(server);
    File2 ids[COUNT(FILES)];
    File3 files[COUNT(FILES)];
    DWORD count = 0;
    (void)preferred;
    if (!buffer || !read || !total || !resume)
        return ERROR_INVALID_PARAMETER;
    if (!name)
        return NERR_InvalidComputer;
    if ((level != 2 && level != 3) || (level == 3 && begins_with(name, L"level1")))
        return ERROR_INVALID_LEVEL;
    for (DWORD i = 0; i < COUNT(FILES); i++) {
        if (closed[i] || (user && lstrcmpiW(user, FILES[i].user ? FILES[i].user : L"")))
            continue;
        if (path && CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, path, lstrlenW(path), FILES[i].path,
                min(lstrlenW(path), lstrlenW(FILES[i].path))) != CSTR_EQUAL)
            continue;
        ids[count].id = FILES[i].id;
        files[count++] = FILES[i];
    }
    Listing all = { (BYTE *)ids, count, sizeof *ids, { 0 }, 0 };
    if (level == 3)
        all = (Listing){ (BYTE *)files, count, sizeof *files, { offsetof(File3, path), offsetof(File3, user) }, 2 };
    return answer_list(server_of(server), name, &all, buffer, read, total, *resume, resume);
}

__declspec(dllexport) DWORD WINAPI NetShareEnum(const WCHAR *server, DWORD level, BYTE **buffer, DWORD preferred,
    DWORD *read, DWORD *total, DWORD *resume)
{
    const WCHAR *name = asked(server);
    Share1 shares[COUNT(SHARES)];
    DWORD_PTR next = POISON;
    (void)preferred;
    if (!buffer || !read || !total || !resume)
        return ERROR_INVALID_PARAMETER;
    if (!name)
        return NERR_InvalidComputer;
    if (level != 1 && level != 2)
        return ERROR_INVALID_LEVEL;
    if (level == 2 && begins_with(name, L"opentoall"))
        return ERROR_ACCESS_DENIED;
    for (DWORD i = 0; i < COUNT(SHARES); i++)
        shares[i] = (Share1){ SHARES[i].name, SHARES[i].type, SHARES[i].comment };
    Listing all = { (BYTE *)shares, COUNT(SHARES), sizeof *shares,
        { offsetof(Share1, name), offsetof(Share1, comment) }, 2 };
    if (level == 2)
        all = (Listing){ (const BYTE *)SHARES, COUNT(SHARES), sizeof *SHARES, { offsetof(Share2, name),
            offsetof(Share2, comment), offsetof(Share2, path), offsetof(Share2, password) }, 4 };
    DWORD code = answer_list(server_of(server), name, &all, buffer, read, total, *resume, &next);
    *resume = (DWORD)next;
    return code;
}

typedef struct { DWORD id, type, opens, users, time; const WCHAR *user, *name; } Connection1;

static const Connection1 CONNECTIONS[] = {
    { 1, 0, 3, 1, 3600, L"alice", L"\\\\10.0.0.5" },
    { 2, 0, 0, 1, 0xFFFFFFFFu, NULL, L"\x7530" },
};

__declspec(dllexport) DWORD WINAPI NetConnectionEnum(const WCHAR *server, const WCHAR *qualifier, DWORD level,
    BYTE **buffer, DWORD preferred, DWORD *read, DWORD *total, DWORD *resume)
{
    const WCHAR *name = asked(server);
    DWORD_PTR next = POISON;
    (void)preferred;
    if (!buffer || !read || !total || !resume)
        return ERROR_INVALID_PARAMETER;
    if (!name)
        return NERR_InvalidComputer;
    if (level != 1)
        return ERROR_INVALID_LEVEL;
    if (!qualifier || lstrcmpiW(qualifier, L"files"))
        return NERR_NetNameNotFound;
    Listing all = { (const BYTE *)CONNECTIONS, COUNT(CONNECTIONS), sizeof *CONNECTIONS,
        { offsetof(Connection1, user), offsetof(Connection1, name) }, 2 };
    DWORD code = answer_list(server_of(server), name, &all, buffer, read, total, *resume, &next);
    *resume = (DWORD)next;
    return code;
}

__declspec(dllexport) DWORD WINAPI NetFileClose(const WCHAR *server, DWORD id)
{
    const WCHAR *name = asked(server);
    if (!name)
        return NERR_InvalidComputer;
    if (begins_with(name, L"refuseclose"))
        return ERROR_ACCESS_DENIED;
    for (DWORD i = 0; i < COUNT(FILES); i++)
        if (FILES[i].id == id && !closed[i]) {
            closed[i] = TRUE;
            return ERROR_SUCCESS;
        }
    return NERR_FileIdNotFound;
}

/* Both names are given by this program; the computer with two backslashes in front. */
__declspec(dllexport) DWORD WINAPI NetSessionDel(const WCHAR *server, const WCHAR *client, const WCHAR *user)
{
    const WCHAR *name = asked(server);
    DWORD code = NERR_ClientNameNotFound;
    if (!name || !client || client[0] != '\\' || client[1] != '\\')
        return NERR_InvalidComputer;
    if (!user || !*user)
        return ERROR_INVALID_PARAMETER;
    if (begins_with(name, L"refuseclose"))
        return ERROR_ACCESS_DENIED;
    for (DWORD i = 0; i < COUNT(TABLE); i++)
        if (!ended[i] && !lstrcmpiW(client, TABLE[i].client) && !lstrcmpiW(user, TABLE[i].user)) {
            ended[i] = TRUE;
            code = ERROR_SUCCESS;
        }
    return code;
}

static void report(void)
{
    WCHAR path[MAX_PATH];
    char line[256];
    DWORD written, length = GetEnvironmentVariableW(L"NETSESSION_DOUBLE_REPORT", path, COUNT(path));
    if (!length || length >= COUNT(path))
        return;
    HANDLE file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    for (int i = 0; i < MAX_SERVERS && servers[i].name[0]; i++) {
        length = (DWORD)snprintf(line, sizeof line, "%ls calls=%ld live=%ld\n", servers[i].name, servers[i].calls,
            servers[i].allocated - servers[i].freed);
        WriteFile(file, line, length, &written, NULL);
    }
    length = (DWORD)snprintf(line, sizeof line, "bad_frees=%ld\n", bad_frees);
    WriteFile(file, line, length, &written, NULL);
    CloseHandle(file);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        InitializeCriticalSection(&lock);
        holder = TlsAlloc();
    }
    Server *held_by = reason == DLL_THREAD_DETACH ? TlsGetValue(holder) : NULL;
    if (held_by)
        InterlockedIncrement(&held_by->ended_threads);
    if (reason == DLL_PROCESS_DETACH)
        report();
    return TRUE;
}
