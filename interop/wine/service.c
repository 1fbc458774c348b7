/*
 * What a service manager knows of a service, and a request that Wine's sc.exe has no word for.
 *
 * service.exe NAME            prints `state=4 accepts=13 exit=0 specific=0`
 * service.exe NAME CONTROL    sends a control (6 is SERVICE_CONTROL_PARAMCHANGE) first
 */

#include <windows.h>
#include <stdio.h>

static int failed(const char *what)
{
    printf("%s: error %lu\n", what, GetLastError());
    return 1;
}

int wmain(int count, WCHAR **words)
{
    SC_HANDLE manager, service;
    SERVICE_STATUS status;
    SERVICE_STATUS_PROCESS known;
    DWORD needed;

    if (count < 2) return 2;
    if (!(manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT))) return failed("OpenSCManager");
    if (!(service = OpenServiceW(manager, words[1], SERVICE_ALL_ACCESS))) return failed("OpenService");
    if (count > 2 && !ControlService(service, wcstoul(words[2], NULL, 10), &status)) return failed("ControlService");
    if (!QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&known, sizeof known, &needed))
        return failed("QueryServiceStatusEx");
    printf("state=%lu accepts=%lu exit=%lu specific=%lu\n", known.dwCurrentState, known.dwControlsAccepted,
           known.dwWin32ExitCode, known.dwServiceSpecificExitCode);
    return 0;
}
