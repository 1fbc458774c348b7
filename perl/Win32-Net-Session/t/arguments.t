use strict;
use warnings;

use Test::More;

use lib 't/lib';
use Answers;
use FakeProgram;
use Win32::Net::Session;

binmode $_, ":encoding(UTF-8)" for map { Test::More->builder->$_ } qw(output failure_output todo_output);

my $fake = FakeProgram->new(answers => [{ out => $SESSION{1} }]);
local $ENV{NETSESSION_BIN} = $fake->path;

# The arguments that the program is run with.
sub arguments {
    my @new = @_;
    Win32::Net::Session->new(@new)->GetSessionInfo;
    return ($fake->runs)[-1];
}

my @list = qw(list --format=jsonl --level=1);
is_deeply(arguments('fs1', 1), [@list, '--', 'fs1'], 'a server');
is_deeply(arguments('\\\\fs1', 1, '', ''), [@list, '--', '\\\\fs1'], '... as Windows has it');
for my $none (undef, '', 'NULL') {
    is_deeply(arguments($none, 1, $none, $none), [@list, '--'], 'none: ' . (defined $none ? "<$none>" : 'undef'));
}
is_deeply(arguments('fs1', 1, '\\\\WS-01', 'alice'), [@list, '--client=\\\\WS-01', '--user=alice', '--', 'fs1'], 'filters');
is_deeply(arguments('fs1', 1, '', '0'), [@list, '--user=0', '--', 'fs1'], 'a user called 0');
is_deeply(arguments('fs1', 1, 'null', 'Null'), [@list, '--client=null', '--user=Null', '--', 'fs1'], 'only NULL is none');

my @hostile = (
    '--help', '-U', '--', '-', ' ', 'a b', q{a'b"c}, '"', '\\', 'a\\', '$HOME', '`id`', '$(id)', 'a;id', 'a|id', 'a&id',
    '>out', "a\nb", "a\r\n", "\n", "a\tb", '*', '?', '~', '%PATH%', '!x', '#x', 'x=y', '{a,b}', '--password-stdin', "\x1b[2J",
);
is_deeply(arguments($_, 1), [@list, '--', $_], "as a server: <$_>") for @hostile;
is_deeply(arguments('fs1', 1, $_, $_), [@list, "--client=$_", "--user=$_", '--', 'fs1'], "as client and user: <$_>") for @hostile;
ok(!-e 'out', 'no shell has seen them');

my $in_utf8 = "M\xC3\xBCller";
is(arguments('fs1', 1, '', "M\x{FC}ller")->[3], "--user=$in_utf8", 'characters go as UTF-8');
is(arguments('fs1', 1, '', $in_utf8)->[3], "--user=$in_utf8", '... and so do bytes that are UTF-8 already');
{
    my $upgraded = "M\x{FC}ller";
    utf8::upgrade($upgraded);
    is(arguments('fs1', 1, '', $upgraded)->[3], "--user=$in_utf8", '... however Perl keeps them');
}
is(arguments("\x{7530}\x{4E2D}", 1)->[-1], "\xE7\x94\xB0\xE4\xB8\xAD", 'wide characters');
is(arguments('fs1', 1, "\x{1F980}")->[3], "--client=\xF0\x9F\xA6\x80", '... beyond the first plane');

my $runs = () = $fake->runs;
my $crab = "\x{1F980}";
my @too_long = (
    '1025 characters' => 'x' x 1025, '10 MB' => 'x' x 10_000_000, '10 MB of wide characters' => "\x{7530}" x 3_333_333,
    '513 characters of two units each' => $crab x 513, '10 MB of bytes' => "\xC3\xBC" x 5_000_000,
    'NUL' => "a\0b", 'half a surrogate pair' => do { no warnings; chr 0xD800 }, 'beyond Unicode' => do { no warnings; chr 0x110000 },
);
while (my ($what, $name) = splice @too_long, 0, 2) {
    for my $new (['server', $name, 1], ['client', 'fs1', 1, $name], ['user', 'fs1', 1, '', $name]) {
        my ($place, @new) = @$new;
        my $session = Win32::Net::Session->new(@new);
        is(eval { $session->GetSessionInfo }, undef, "$what as a $place croaks");
        like($@, qr/\AInvalid Parameter at \Q$0\E line /, '... as the original does');
        is($session->Code, 87, '... with the code');
    }
}
is(scalar(() = $fake->runs), $runs, 'nothing was run for these');
is(length arguments('fs1', 1, '', 'x' x 1024)->[3], 1024 + length '--user=', 'what is no longer is left to the program');
is(arguments('fs1', 1, '', "\x{7530}" x 1024)->[3], '--user=' . "\xE7\x94\xB0" x 1024, '... counted in characters');

is(eval { Win32::Net::Session->new('@all', 1)->GetSessionInfo }, undef, 'a group is no server');
like($@, qr/\AInvalid Computer at /, '... and croaks so');

# What is done on Windows can at least be calculated anywhere.
my @windows = (
    'plain' => '"plain"', '' => '""', 'a b' => '"a b"', 'a"b' => '"a\\"b"', 'a\\' => '"a\\\\"', 'a\\\\"b' => '"a\\\\\\\\\\"b"',
    '\\\\fs1' => '"\\\\fs1"',
);
while (my ($text, $quoted) = splice @windows, 0, 2) {
    is(Win32::Net::Session::_windows_argument($text), $quoted, "on Windows: <$text>");
}

done_testing;
