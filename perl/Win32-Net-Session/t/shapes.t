use strict;
use warnings;

use Test::More;

use lib 't/lib';
use Answers;
use FakeProgram;
use Win32::Net::Session;

sub asked {
    my ($level, @lines) = @_;
    my $fake = FakeProgram->new(answers => [{ out => join '', @lines }]);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $session = Win32::Net::Session->new('fs1', $level, '', '');
    return ($session->GetSessionInfo, $session, $fake->runs);
}

my %one = (ClientName => '10.0.0.5', User => 'alice', Opened => 3, Time => 3600, IdleTime => 12, UserFlags => 'guest account');
my %expected = (
    0 => [0, { EntryCount => 1, ClientName => '10.0.0.5' }],
    1 => [1, { EntryCount => 6, %one }],
    2 => [2, { EntryCount => 6, %one, 'ClType Name' => '' }],
    3 => [10, { EntryCount => 4, map { $_ => $one{$_} } qw(ClientName User Time IdleTime) }],
    4 => [502, { EntryCount => 8, %one, 'ClType Name' => '', TransportName => '\\Device\\NetbiosSmb' }],
);
for my $level (sort keys %expected) {
    my ($win32, $hash) = @{ $expected{$level} };
    my ($info, $session, $run) = asked($level, $SESSION{$win32});
    is_deeply($info, { 0 => $hash }, "level $level");
    is($session->Level, $win32, "... is level $win32 of Win32");
    ok(grep({ $_ eq "--level=$win32" } @$run), '... and that is what the program was asked for');
    is(($session->Sessions)[0]{client_name}, undef, '... and the keys of JSON are there');
    is(scalar(keys %{ ($session->Sessions)[0] }), 11, '... all eleven');
}

my @flags = (
    '[]' => 'not known', '["guest"]' => 'guest account', '["no_encryption"]' => 'not using password encryption',
    '["guest","no_encryption"]' => 'guest account, not using password encryption',
    '["0x4"]' => 'not known', '["guest","0x80000000"]' => 'guest account',
);
while (my ($json, $text) = splice @flags, 0, 2) {
    my ($info) = asked(1, session(level => 1, user => '"a"', opens => 0, connected_seconds => 0, idle_seconds => 0, flags => $json));
    is($info->{0}{UserFlags}, $text, "flags $json");
}

my $largest = 4_294_967_295;
my ($info) = asked(1, session(
    level => 1, user => '""', opens => $largest, connected_seconds => $largest, idle_seconds => $largest, flags => '[]',
));
is("$info->{0}{$_}", '4294967295', "$_ has no sign") for qw(Opened Time IdleTime);
is($info->{0}{User}, '', 'a null string is empty');

($info) = asked(1, map { session(level => 1, client => qq{"c$_"}, user => '"u"', opens => 1, connected_seconds => 1,
    idle_seconds => 1, flags => '[]') } 0 .. 2499);
is(scalar(keys %$info), 2500, 'many sessions');
is($info->{2499}{ClientName}, 'c2499', '... in the order of the program');

# M\u00fcller as UTF-8, Tanaka in Japanese as UTF-8 and as escapes, something beyond the first plane.
($info) = asked(3, map { session(level => 10, user => qq{"$_"}, connected_seconds => 1, idle_seconds => 1) }
    "LAB\\\\M\xC3\xBCller", "\xE7\x94\xB0\xE4\xB8\xAD", '\u7530\u4e2d', "\xF0\x9F\xA6\x80", 'a\u0000\"\n');
is($info->{0}{User}, "LAB\\M\x{FC}ller", 'a name with an umlaut is characters');
is(length $info->{0}{User}, 10, '... as many as it has');
is($info->{$_}{User}, "\x{7530}\x{4E2D}", 'a name in Japanese, too') for 1, 2;
is($info->{3}{User}, "\x{1F980}", 'and one beyond the first plane');
is($info->{4}{User}, "a\0\"\n", 'and one that is not for a terminal');

done_testing;
