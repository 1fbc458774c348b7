use strict;
use warnings;

use Test::More;

use lib 't/lib';
use Answers;
use FakeProgram;
use Win32::Net::Session;

# The object after a question that croaked, and the text up to the place.
sub croaked {
    my ($answers, @new) = @_;
    my $fake = FakeProgram->new(answers => $answers);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $session = Win32::Net::Session->new(@new ? @new : ('fs1', 1, '', ''));
    my $result = eval { $session->GetSessionInfo };
    is($result, undef, 'it croaks');
    my ($text) = $@ =~ /\A(.*) at \Q$0\E line [0-9]+\.\n\z/s;
    is(defined $text ? '' : $@, '', '... where it was called');
    return ($session, $text, $fake);
}

# What the program says, and what the original would croak with.
my @refusals = (
    [access_denied => 5, 'ERROR_ACCESS_DENIED'] => 'Access denied',
    [access_denied => 3221225506, 'STATUS_ACCESS_DENIED'] => 'Access denied',
    [status => 8, 'ERROR_NOT_ENOUGH_MEMORY'] => 'Not enough Memory',
    [status => 87, 'ERROR_INVALID_PARAMETER'] => 'Invalid Parameter',
    [status => 2221, 'NERR_UserNotFound'] => 'User Not Found',
    [status => 2312, 'NERR_ClientNameNotFound'] => 'Client Name not found',
    [status => 2351, 'NERR_InvalidComputer'] => 'Invalid Computer',
    [status => 2114, 'NERR_ServerNotStarted'] => 'unknown Error: 2114: fs1: what happened',
    [status => 3221225524, 'STATUS_OBJECT_NAME_NOT_FOUND'] => 'unknown Error: 3221225524: fs1: what happened',
    [logon_refused => 3221225581, 'STATUS_LOGON_FAILURE'] => 'unknown Error: 1326: fs1: what happened',
    [logon_refused => 3221226036, 'STATUS_ACCOUNT_LOCKED_OUT'] => 'unknown Error: 1909: fs1: what happened',
    [logon_refused => 3221225585, 'STATUS_PASSWORD_EXPIRED'] => 'unknown Error: 1330: fs1: what happened',
    [resolve => undef] => 'unknown Error: 53: fs1: what happened',
    [connect => undef] => 'unknown Error: 53: fs1: what happened',
    [timeout => undef] => 'unknown Error: 121: fs1: what happened',
    [closed => undef] => 'unknown Error: 64: fs1: what happened',
    [host_denied => undef] => 'unknown Error: 65: fs1: what happened',
    [integrity => undef] => 'unknown Error: 59: fs1: what happened',
    [a_kind_to_come => undef] => 'unknown Error: 59: fs1: what happened',
);
while (my ($refusal, $expected) = splice @refusals, 0, 2) {
    my ($kind, $code, $name) = @$refusal;
    my ($session, $text) = croaked([refused($kind, $code, $name, 'fs1: what happened')]);
    is($text, $expected, "$kind " . (defined $code ? $code : 'without a code'));
    is($session->Code, $code, '... with the code of the server');
    is($session->Error, 'fs1: what happened', '... and the text of the program');
    is($session->NumberofSessions, 0, '... and no sessions');
    is_deeply(scalar $session->Sessions, [], '... also in the list');
}

{
    my $said = 'fs1: enumeration of sessions: the server has no level 502 (ERROR_INVALID_LEVEL 124), level 10 works';
    my ($session, $text) = croaked([refused('level_not_supported', 124, 'ERROR_INVALID_LEVEL', $said)], 'fs1', 4);
    is($text, "unknown Error: 124: $said; here that is level 4, and level 3 is the one to ask for", 'a level that is not there');
    is($session->Code, 124, '... with its code');
    is($session->Level, 502, '... and the level that was asked for');
    ($session, $text) = croaked([refused('level_not_supported', 469762054, undef, 'fs1: nothing works')], 'fs1', 4);
    is($text, 'unknown Error: 124: fs1: nothing works', '... and nothing is said of another one where there is none');
    is($session->Code, 469762054, '... with the code of the fault');
}

my $empty = { out => '' };
my $somebody = { out => $SESSION{1} };
{
    my ($session, $text) = croaked([$empty], 'fs1', 1, '\\\\WS-01', '');
    is($text, 'Client Name not found', 'a client that nothing matches');
    is($session->Code, 2312, '... has the code of Windows');
    ($session, $text) = croaked([$empty], 'fs1', 1, '', 'alice');
    is($text, 'User Not Found', 'a user that nothing matches');
    is($session->Code, 2221, '... has the code of Windows');
    is($session->Error, 'User Not Found', '... and a text');

    ($session, $text, my $fake) = croaked([$empty], 'fs1', 1, 'ws', 'alice');
    is($text, 'Client Name not found', 'neither client nor user');
    is_deeply([$fake->runs], [
        [qw(list --format=jsonl --level=1 --client=ws --user=alice -- fs1)],
        [qw(list --format=jsonl --level=1 --client=ws -- fs1)],
    ], '... of which the client is looked for alone');
    ($session, $text) = croaked([$empty, $somebody], 'fs1', 1, 'ws', 'alice');
    is($text, 'User Not Found', 'the client is there, with another user');
    is_deeply(scalar $session->Sessions, [], '... whose sessions are not given');
}

# What the program finds wrong by itself; names that it refuses are in refused.t.
{
    my ($session, $text, $fake) = croaked([{ err => "netsession: no login: name one\n", exit => 2 }]);
    is($text, 'the program ' . $fake->path . ' ended with exit code 2: no login: name one', 'no login');
    is($session->Code, undef, '... has no code');
    ($session, $text) = croaked([{ exit => 130 }]);
    is($text, 'interrupted', 'interrupted');
    ($session, $text) = croaked([{ exit => 1 }]);
    like($text, qr/ended with exit code 1: without a word\z/, 'a failure without a line');
    ($session, $text) = croaked([{ out => "\xC3\xBC", err => "M\xC3\xBCll\n", exit => 7 }]);
    like($text, qr/ended with exit code 7: M\x{FC}ll\z/, 'another exit code');
}

{
    my $fake = FakeProgram->new(answers => [refused('access_denied', 5, undef, 'no'), $somebody]);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $session = Win32::Net::Session->new('fs1', 1);
    is(eval { $session->GetSessionInfo }, undef, 'the first question croaks');
    is($session->Code, 5, '... with a code');
    ok($session->GetSessionInfo, 'the second one is answered');
    is($session->$_, undef, "... and has no $_") for qw(Error Code);
    is($session->NumberofSessions, 1, '... and a session');
}

done_testing;
