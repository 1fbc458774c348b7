# Against a server, with the netsession program. Who asks is in NETSESSION_LOGIN and NETSESSION_PASSWORD, or in
# whatever else the program takes it from.
use strict;
use warnings;

use Test::More;

use Win32::Net::Session;

binmode $_, ':encoding(UTF-8)' for map { Test::More->builder->$_ } qw(output failure_output todo_output);

my $server = $ENV{NETSESSION_TEST_SERVER};
plan skip_all => 'NETSESSION_TEST_SERVER names no server to ask' if !defined $server || $server eq '';
# The levels of this module that the server has; Samba has 0, 1 and 3.
my @levels = split ' ', defined $ENV{NETSESSION_TEST_LEVELS} ? $ENV{NETSESSION_TEST_LEVELS} : '0 1 2 3 4';
# Whose session is sure to be there: of who asks.
my ($own) = defined $ENV{NETSESSION_LOGIN} ? $ENV{NETSESSION_LOGIN} =~ /([^\\]+)\z/ : ();

my @ALWAYS = qw(ClientName EntryCount);
my @MOST = (@ALWAYS, qw(User Opened Time IdleTime UserFlags));
my %KEYS = (
    0 => \@ALWAYS, 1 => \@MOST, 2 => [@MOST, 'ClType Name'], 3 => [@ALWAYS, qw(User Time IdleTime)],
    4 => [@MOST, 'ClType Name', 'TransportName'],
);
my %COUNT = (0 => 1, 1 => 6, 2 => 6, 3 => 4, 4 => 8);

sub croaks {
    my ($expected, $what, @new) = @_;
    my $session = Win32::Net::Session->new(@new);
    is(eval { $session->GetSessionInfo }, undef, "$what croaks");
    like($@, qr/\A$expected/, "... with $expected");
    return $session;
}

for my $level (0 .. 4) {
    if (!grep { $_ eq $level } @levels) {
        my $session = croaks('unknown Error: 124: .*level 1 works', "level $level", $server, $level, '', '');
        is($session->Code, 124, '... and the code');
        next;
    }
    my $session = Win32::Net::Session->new($server, $level, '', '');
    my $info = $session->GetSessionInfo;
    my $count = $session->NumberofSessions;
    cmp_ok($count, '>', 0, "level $level: at least the session of who asks");
    is_deeply([sort { $a <=> $b } keys %$info], [0 .. $count - 1], '... each under its number');
    my @shapes = map { [sort keys %$_] } values %$info;
    is_deeply(\@shapes, [([sort @{ $KEYS{$level} }]) x $count], '... with the keys of the level');
    is_deeply([map { $_->{EntryCount} } values %$info], [($COUNT{$level}) x $count], '... and their number');
    my @negative = grep { /\A-/ } map { @{$_}{ grep { /\A(?:Opened|Time|IdleTime)\z/ } keys %$_ } } values %$info;
    is_deeply(\@negative, [], '... and no number is negative');
    is(scalar(() = $session->Sessions), $count, '... as many as Sessions gives');
}

SKIP: {
    skip 'NETSESSION_LOGIN does not say who asks', 2 if !defined $own;
    my $session = Win32::Net::Session->new($server, 1, '', uc $own);
    my $info = $session->GetSessionInfo;
    cmp_ok($session->NumberofSessions, '>', 0, 'a filter for the user who asks');
    is_deeply([grep { $_->{User} !~ /(?:\A|\\)\Q$own\E\z/i } values %$info], [], '... lists no other user');
}
croaks('User Not Found at ', 'a user who is not there', $server, 1, '', 'nobody-of-this-name');
croaks('Client Name not found at ', 'a client that is not there', $server, 1, '\\\\192.0.2.77', '');
croaks('Client Name not found at ', 'both', $server, 1, '\\\\192.0.2.77', 'nobody-of-this-name');

# Hostile arguments are data to the program, too.
croaks('Invalid Computer at ', "<$_> as a server", $_, 1)
    for '--help', '--version', '-U', 'a b', '"', ';', 'a;id', "a\nb", '\\\\fs1\\share', '@all', '-', '/etc', 'x' x 1024;
croaks('unknown Error: 53: ', "$_, which could be a name,", $_, 1) for '$(id)', '`id`';
croaks('User Not Found at ', "<$_> as a user", $server, 1, '', $_)
    for '--help', '-', 'a b', q{'"}, ';id', "a\nb", '`id`', "N\x{F6}body", "\x{7530}\x{4E2D}", "\x{1F980}", 'x' x 1023;
croaks('Client Name not found at ', "<$_> as a client", $server, 1, $_)
    for '--help', 'a b', q{'"}, ';id', "a\nb", "\x{7530}\x{4E2D}";
croaks('Invalid Parameter at ', length($_) . ' characters as a user', $server, 1, '', $_) for map { 'x' x $_ } 1024, 1025, 10_000_000;
croaks('Invalid Parameter at ', length($_) . ' characters as a client', $server, 1, $_) for '\\\\', map { 'x' x $_ } 1022, 1025, 10_000_000;

done_testing;
