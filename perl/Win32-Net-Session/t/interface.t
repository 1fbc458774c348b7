use strict;
use warnings;

use Test::More;

use lib 't/lib';
use Answers;
use FakeProgram;
use Win32::Net::Session;

binmode $_, ":encoding(UTF-8)" for map { Test::More->builder->$_ } qw(output failure_output todo_output);

my $fake = FakeProgram->new(answers => [{ out => $SESSION{1} x 3 }, { out => '' }]);
local $ENV{NETSESSION_BIN} = $fake->path;

is(eval { Win32::Net::Session->new(); 1 }, undef, 'new without an argument dies');
is($@, "parameter required!\n", '... with the text of the original, and no line');

my $session = Win32::Net::Session->new('fs1', 1, '', '');
isa_ok($session, 'Win32::Net::Session');
is($session->NumberofSessions, 0, 'no sessions before the first question');
is_deeply([$fake->runs], [], '... and nothing was run');
is($session->$_, undef, "$_ is undef before the first question") for qw(Level Error Code);

my $info = $session->GetSessionInfo;
is(ref $info, 'HASH', 'a hash');
is_deeply([sort keys %$info], [0, 1, 2], '... with keys from 0 on');
is($session->NumberofSessions, 3, 'their number');
is($session->Level, 1, 'the level of Win32');

$info = $session->GetSessionInfo;
is_deeply($info, {}, 'no session is an empty hash');
is($session->NumberofSessions, 0, '... and their number is 0');
is(scalar(() = $session->Sessions), 0, '... and so is the list');

for my $level (undef, '', -1, 5, 10, 502, 'x', '1x', '0x1', "1\n\nx", "\x{661}") {
    my $wrong = Win32::Net::Session->new('fs1', $level, '', '');
    is(eval { $wrong->GetSessionInfo }, undef, 'a wrong level croaks: ' . (defined $level ? join ",", map { ord } split m{}, $level : "undef"));
    like($@, qr/\AWrong Level given! Exit now! at \Q$0\E line /, '... with the text of the original and the line');
    is($wrong->Code, 124, '... and a code');
}
is(scalar $fake->runs, 2, 'nothing was run for wrong levels');
ok(eval { Win32::Net::Session->new('fs1', "1\n")->GetSessionInfo }, 'a level may come with its newline') or diag $@;

{
    package Derived;
    our @ISA = 'Win32::Net::Session';
}
isa_ok(Derived->new('fs1', 0), 'Derived');

{
    my $lazy = Win32::Net::Session->new('fs1', 1);
    my $one = FakeProgram->new(answers => [{ out => $SESSION{1} }]);
    local $ENV{NETSESSION_BIN} = $one->path;
    my @sessions = $lazy->Sessions;
    is(scalar @sessions, 1, 'Sessions asks where nothing was asked yet');
    is_deeply(scalar $lazy->Sessions, \@sessions, '... and not again, as an array in scalar context');
    is(scalar(() = $one->runs), 1, '... which was one run');
}

done_testing;
